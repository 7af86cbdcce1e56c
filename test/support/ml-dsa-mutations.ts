// Signatures, keys, messages and contexts damaged in the ways that tell verifiers apart: single bits everywhere, lengths, and
// the places where FIPS 204 has rules of its own (hints, the norm of z). Used to compare implementations (I-5).
import type { MessageCheck } from "../../src/crypto/index.ts";

/** A small generator (xorshift) so that a seed repeats a run; not for anything but tests. */
export function smallRandom(seed: number): (bound: number) => number {
  let state = (seed | 0) ^ 0x9e3779b9 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

type Below = (bound: number) => number;
const flipBit = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
const anyBit = (bytes: Uint8Array, below: Below): Uint8Array =>
  bytes.length === 0 ? Uint8Array.of(1) : flipBit(bytes, below(bytes.length * 8));
const setRun = (bytes: Uint8Array, [from, length]: readonly [number, number], value: number): Uint8Array => {
  const out = bytes.slice();
  out.fill(value, from, from + length);
  return out;
};

/** Where the 61 bytes of hints begin: 55 indices, then how many belong to each of 6 rows. */
const hintsAt = 3309 - 61;

const mutations: readonly ((check: MessageCheck, below: Below) => MessageCheck)[] = [
  (check) => check,
  (check, below) => ({ ...check, signature: anyBit(check.signature, below) }),
  (check, below) => ({ ...check, publicKey: anyBit(check.publicKey, below) }),
  (check, below) => ({ ...check, message: anyBit(check.message, below) }),
  (check, below) => ({ ...check, context: anyBit(check.context, below) }),
  (check, below) => ({ ...check, context: check.context.slice(0, below(check.context.length)) }),
  (check, below) => ({ ...check, message: new Uint8Array(below(80)) }),
  (check, below) => ({ ...check, signature: check.signature.slice(0, below(check.signature.length)) }),
  (check, below) => ({ ...check, signature: new Uint8Array(3309 + below(40)) }),
  (check, below) => ({ ...check, publicKey: new Uint8Array(1952 - 8 + below(16)).fill(below(256)) }),
  // Hints: indices out of order or repeated, rows that count backwards, padding that is not zero.
  (check, below) => ({ ...check, signature: flipBit(check.signature, (hintsAt + below(61)) * 8 + below(8)) }),
  (check, below) => ({ ...check, signature: setRun(check.signature, [hintsAt + below(55), 2], below(256)) }),
  (check, below) => ({ ...check, signature: setRun(check.signature, [hintsAt + 55, 6], below(64)) }),
  (check, below) => ({ ...check, signature: check.signature.with(hintsAt + 54, 1 + below(255)) }),
  // z: coefficients at the edges of their range.
  (check, below) => ({ ...check, signature: setRun(check.signature, [48 + below(3200 - 20), 20], below(2) * 255) }),
];

/** The `number`th damaged form of a right check; number 0 is the check itself, unharmed. */
export function mutate(check: MessageCheck, number: number, below: Below): MessageCheck {
  const change = mutations[number % mutations.length] as (typeof mutations)[number];
  return change(check, below);
}
