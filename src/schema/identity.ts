// Bindings of node keys to accounts (I-3).
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { accountIdType, byteList, publicKeyType, signatureType, uintType } from "./basic.ts";
import { codec } from "./codec.ts";

const bindingType = new ContainerType({
  accountId: accountIdType,
  publicKey: publicKeyType,
  /** A libp2p peer id's multihash bytes. */
  peerId: byteList(64),
  seq: uintType,
  expiresEpoch: uintType,
});
const signedBindingType = new ContainerType({
  binding: bindingType,
  accountSignature: signatureType,
  /** Ed25519, 64 bytes, over the same signing root. */
  peerSignature: byteList(128),
});

export type Binding = ValueOf<typeof bindingType>;
export type SignedBinding = ValueOf<typeof signedBindingType>;
export const bindingCodec = codec("binding", bindingType);
export const signedBindingCodec = codec("signed binding", signedBindingType);
