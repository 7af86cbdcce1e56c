// Reads NIST's ML-DSA-65 cases (test/vectors/README.md) for the tests of both implementations. No expectation is ours.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface KeyGenCase {
  readonly tcId: number;
  readonly seed: string;
  readonly pk: string;
  readonly sk: string;
}
export interface SigVerCase {
  readonly tcId: number;
  readonly pk: string;
  readonly signature: string;
  readonly testPassed: boolean;
  readonly message?: string;
  readonly context?: string;
  readonly mu?: string;
  readonly hashAlg?: string;
}
export interface SigVerGroup {
  readonly signatureInterface: "external" | "internal";
  readonly preHash?: "pure" | "preHash";
  readonly externalMu?: boolean;
  readonly tests: readonly SigVerCase[];
}

export const mlDsaVectors = (): { readonly keyGen: readonly KeyGenCase[]; readonly sigVer: readonly SigVerGroup[] } =>
  JSON.parse(
    gunzipSync(readFileSync(new URL("../vectors/acvp-ml-dsa-65/cases.json.gz", import.meta.url))).toString("utf8"),
  );

export const hex = (text: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(text ?? "", "hex"));
