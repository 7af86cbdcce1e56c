// The answer to a storage challenge: each asked leaf with its path up to the asset's commitment. A family of its own
// beside src/schema because only this kind gives it meaning.
import { ContainerType } from "@chainsafe/ssz";
import { sectorLeafBytes } from "../../crypto/index.ts";
import { byteList, codec, digestType, listOf } from "../../schema/index.ts";
import { leavesPerChallenge } from "./layout.ts";

const provedLeafType = new ContainerType({ data: byteList(sectorLeafBytes), path: listOf(digestType, 64) });
const storageAnswerType = new ContainerType({ leaves: listOf(provedLeafType, leavesPerChallenge) });

export const storageAnswerCodec = codec("storage answer", storageAnswerType);
