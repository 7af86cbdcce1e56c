// The machine's clock and randomness pass the contracts of their ports.
import { test } from "uvu";
import { systemClock, systemRandom } from "../../src/native/index.ts";
import { clockContract } from "../contract/clock.ts";
import { randomContract } from "../contract/random.ts";

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms + 15));

clockContract(test, "system clock", () => ({ clock: systemClock, pass }));
randomContract(test, "system random", () => systemRandom);

test.run();
