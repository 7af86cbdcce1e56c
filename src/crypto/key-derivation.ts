// Every secret of an operator from one seed, by HKDF-SHA256 with distinct labels (section 10), so that 24 words restore all.
// A generation is counted up by what replaces a key or a chain on the ledger (rotateKey, renewBeacon).
// Never keeps what it derives.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { type Bytes, invariant, isUint, utf8ToBytes } from "../primitives/index.ts";

/** `account`: seed of the ML-DSA-65 key. `beacon`, `auditor`: start of a hash chain. `peer`: Ed25519 seed for libp2p. */
export const keyRoles = ["account", "beacon", "auditor", "peer"] as const;
export type KeyRole = (typeof keyRoles)[number];

const salt = utf8ToBytes("fairmesh/keys/v1");
export const seedBytes = 64;

/** 32 secret bytes for a role: HKDF-SHA256(seed, "fairmesh/keys/v1", "fairmesh/<role>/<generation>/v1"). */
export function deriveKey(seed: Bytes, role: KeyRole, generation = 0): Bytes {
  invariant(seed.length === seedBytes, "keys are derived from a BIP-39 seed", { length: seed.length });
  invariant(isUint(generation), "a generation is a whole number", { generation });
  return hkdf(nobleSha256, seed, salt, utf8ToBytes(`fairmesh/${role}/${generation}/v1`), 32);
}
