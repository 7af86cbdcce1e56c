// libp2p's name for an Ed25519 key: the key itself in a small wrapper, so that it can be made and read without libp2p (I-3).
// Used by keys on the command line and by checks of bindings; never for trust, which rests on the ML-DSA key alone.
import { base58 } from "@scure/base";
import { type Bytes, concatBytes, err, ok, type Result } from "../primitives/index.ts";

export const ed25519PublicKeyBytes = 32;

/** Identity multihash of 36 bytes, which are a protobuf: key type 1 (Ed25519), 32 bytes of key. */
const prefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** The multihash bytes of the peer id of an Ed25519 public key: what a binding holds. */
export const peerIdOf = (publicKey: Bytes): Bytes => concatBytes(prefix, publicKey);

/** As libp2p shows it: 12D3Koo... */
export const peerIdText = (peerId: Bytes): string => base58.encode(peerId);

/** The Ed25519 public key in a peer id's multihash bytes; fails for peers named by another kind of key. */
export function peerIdPublicKey(peerId: Bytes): Result<Bytes, "peer-id-not-ed25519"> {
  const right =
    peerId.length === prefix.length + ed25519PublicKeyBytes && prefix.every((byte, index) => peerId[index] === byte);
  return right ? ok(peerId.slice(prefix.length)) : err("peer-id-not-ed25519");
}
