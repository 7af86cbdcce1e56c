// The 32 bytes that a signature signs (I-2): the object, the network and the purpose, so that no signature can be moved.
import { ContainerType } from "@chainsafe/ssz";
import type { Purpose } from "../crypto/index.ts";
import { type Digest, type NetworkId, utf8ToBytes } from "../primitives/index.ts";
import { byteList, digestType, networkIdType } from "./basic.ts";
import { codec } from "./codec.ts";

const signingData = codec(
  "signing data",
  new ContainerType({ objectRoot: digestType, networkId: networkIdType, purpose: byteList(32) }),
);

/** The root that is signed with `signingContext(purpose)` as FIPS 204 context. */
export const signingRoot = (objectRoot: Digest, networkId: NetworkId, purpose: Purpose): Digest =>
  signingData.root({ objectRoot, networkId, purpose: utf8ToBytes(purpose) });
