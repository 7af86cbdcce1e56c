// Names an operator by its key (I-1): the id commits to the key, so a key that is shown later can be checked against it.
// Never keeps a key.
import { type AccountId, accountId, type Bytes } from "../primitives/index.ts";
import { sha256 } from "./sha256.ts";

/** Multicodec ml-dsa-65-pub, 0x1211, as an unsigned varint. */
const mlDsa65PublicKeyCode = Uint8Array.of(0x91, 0x24);

/** The id of the account whose ML-DSA-65 public key this is (I-1). The caller has checked the key's length. */
export const accountIdOf = (publicKey: Bytes): AccountId => accountId(sha256(mlDsa65PublicKeyCode, publicKey));
