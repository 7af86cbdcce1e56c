// The 32 bytes that a signature signs (I-2): the object, the network and the purpose, so that no signature can be moved.
// It is asked for at every message, so it is hashed from its tree of four leaves, whose right half a purpose fixes.
import { hasher } from "@chainsafe/persistent-merkle-tree";
import { ContainerType } from "@chainsafe/ssz";
import { type Purpose, purposes } from "../crypto/index.ts";
import { type Bytes, type Digest, digest, type NetworkId, utf8ToBytes } from "../primitives/index.ts";
import { byteList, digestType, networkIdType } from "./basic.ts";
import { codec } from "./codec.ts";

const purposeType = byteList(32);

/** What `signingRoot` is the root of. */
export const signingDataCodec = codec(
  "signing data",
  new ContainerType({ objectRoot: digestType, networkId: networkIdType, purpose: purposeType }),
);

const zero = new Uint8Array(32);
const rightHalf = (purpose: Purpose): Bytes => hasher.digest64(purposeType.hashTreeRoot(utf8ToBytes(purpose)), zero);
const rightHalves = new Map(purposes.map((purpose) => [purpose, rightHalf(purpose)]));

/** The root that is signed with `signingContext(purpose)` as FIPS 204 context. */
export const signingRoot = (objectRoot: Digest, networkId: NetworkId, purpose: Purpose): Digest =>
  digest(hasher.digest64(hasher.digest64(objectRoot, networkId), rightHalves.get(purpose) as Bytes));
