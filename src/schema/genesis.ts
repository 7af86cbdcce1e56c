// The first state of a network. `networkId` is H of its root, so two networks never share a signature.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { sha256 } from "../crypto/index.ts";
import { type NetworkId, networkId } from "../primitives/index.ts";
import {
  accountIdType,
  byteList,
  digestType,
  grainsType,
  listOf,
  prefixType,
  publicKeyType,
  uint16Type,
  uint64Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";

const parameterType = new ContainerType({ id: uint16Type, value: uint64Type });
const genesisAccountType = new ContainerType({ accountId: accountIdType, balance: grainsType });
const genesisOperatorType = new ContainerType({
  publicKey: publicKeyType,
  withdrawal: accountIdType,
  bond: grainsType,
  beaconCommitment: digestType,
  auditorCommitment: digestType,
  chainLength: uintType,
  peerId: byteList(64),
  prefix: prefixType,
});
const genesisType = new ContainerType({
  version: uint16Type,
  name: byteList(64),
  timestampMs: uintType,
  /** Every parameter, ascending by id (section 10). */
  parameters: listOf(parameterType, 256),
  accounts: listOf(genesisAccountType, 1 << 20),
  /** The first seats, in this order, sit in terms 0 and 1. */
  operators: listOf(genesisOperatorType, 1024),
});

export type GenesisOperator = ValueOf<typeof genesisOperatorType>;
export type Genesis = ValueOf<typeof genesisType>;

export const genesisCodec = codec("genesis", genesisType, 64 << 20);

export const networkIdOf = (genesis: Genesis): NetworkId => networkId(sha256(genesisCodec.root(genesis)));
