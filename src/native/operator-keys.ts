// Everything a node needs from its keystore, derived once at start: its signer, its chains' starts, its peer key.
// Called by the composition root and by the keys command. The words and the seed are not kept.
import { createHashChain, deriveKey, type HashChain, seedFromEntropy } from "../crypto/index.ts";
import type { Signer } from "../ports/index.ts";
import type { Bytes } from "../primitives/index.ts";
import { createNativeSigner } from "./native-signer.ts";
import { peerIdOfSeed } from "./peer-key.ts";

export interface OperatorKeys {
  readonly signer: Signer;
  /** Ed25519 seed for libp2p. */
  readonly peerSeed: Bytes;
  /** Multihash bytes. */
  readonly peerId: Bytes;
  beaconChain(length: number, generation?: number): HashChain;
  auditorChain(length: number, generation?: number): HashChain;
}

/** The keys behind 24 words, given as their 32 bytes (`entropyFromWords`). About 15 ms. */
export function operatorKeys(entropy: Bytes): OperatorKeys {
  const seed = seedFromEntropy(entropy);
  const peerSeed = deriveKey(seed, "peer");
  return {
    signer: createNativeSigner(deriveKey(seed, "account")),
    peerSeed,
    peerId: peerIdOfSeed(peerSeed),
    beaconChain: (length, generation = 0) => createHashChain(deriveKey(seed, "beacon", generation), length),
    auditorChain: (length, generation = 0) => createHashChain(deriveKey(seed, "auditor", generation), length),
  };
}
