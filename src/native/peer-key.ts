// The Ed25519 half of a node's identity (I-3), by node:crypto: its public key and peer id, for showing and for genesis.
// The network's own adapter hands the same seed to libp2p.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { peerIdOf } from "../crypto/index.ts";
import { type Bytes, concatBytes, invariant } from "../primitives/index.ts";

const pkcs8Header = Uint8Array.from(Buffer.from("302e020100300506032b657004220420", "hex"));

/** The peer id (multihash bytes) of the Ed25519 key made from a 32-byte seed. */
export function peerIdOfSeed(peerSeed: Bytes): Bytes {
  invariant(peerSeed.length === 32, "an Ed25519 seed has 32 bytes");
  const key = Buffer.from(concatBytes(pkcs8Header, peerSeed));
  const spki = createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" }) as never).export({
    format: "der",
    type: "spki",
  });
  return peerIdOf(Uint8Array.from(spki.subarray(spki.length - 32)));
}
