// What a signature is for (I-2). The purpose is in the signed root and in ML-DSA's context string,
// so a signature made for one purpose never verifies for another.
import { type Bytes, utf8ToBytes } from "../primitives/index.ts";

export const purposes = [
  "tx",
  "capacity",
  "proof",
  "challenge",
  "response",
  "receipt",
  "report",
  "record",
  "offer",
  "propose",
  "vote",
  "status",
  "binding",
] as const;

export type Purpose = (typeof purposes)[number];

const contexts = new Map<Purpose, Bytes>(purposes.map((purpose) => [purpose, utf8ToBytes(`fairmesh/${purpose}/v1`)]));

/** The FIPS 204 context string of a purpose. */
export const signingContext = (purpose: Purpose): Bytes => contexts.get(purpose) as Bytes;
