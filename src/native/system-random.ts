// The Random port on the operating system's generator.
import { randomBytes, randomInt } from "node:crypto";
import type { Random } from "../ports/index.ts";

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  below: (bound) => (bound === 1 ? 0 : randomInt(bound)),
};
