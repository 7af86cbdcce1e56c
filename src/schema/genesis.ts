// The first state of a network. `networkId` is H of its root, so two networks never share a signature.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { sha256 } from "../crypto/index.ts";
import { type Bytes, concatBytes, type Digest, digest, type NetworkId, networkId } from "../primitives/index.ts";
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
import { branchOf, isBranch, levelsOf } from "./merkle.ts";

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

const parametersType = genesisType.fields.parameters;
const fieldsDepth = 3;
const parametersIndex = 3;

/** A network's first parameters and the way from them to the genesis root: who knows the network's id can check them. */
export const genesisProofType = new ContainerType({
  root: digestType,
  parameters: parametersType,
  siblings: listOf(digestType, fieldsDepth),
});
export type GenesisProof = ValueOf<typeof genesisProofType>;

export function proveParameters(genesis: Genesis): GenesisProof {
  const { fields } = genesisType;
  const values = Object.entries(fields).map(([name, type]) =>
    type.hashTreeRoot(genesis[name as keyof Genesis] as never),
  );
  const siblings = branchOf(levelsOf(concatBytes(...values), fieldsDepth), parametersIndex);
  return {
    root: genesisCodec.root(genesis),
    parameters: genesis.parameters,
    siblings: siblings.map((one) => digest(one)),
  };
}

/** The network that a proof's parameters belong to; undefined when they are not those of its root. */
export function networkOfProof(proof: GenesisProof): NetworkId | undefined {
  const leaf: Bytes = parametersType.hashTreeRoot(proof.parameters);
  const right = proof.siblings.length === fieldsDepth && isBranch(leaf, proof.siblings, parametersIndex, proof.root);
  return right ? networkOf(proof.root) : undefined;
}

const networkOf = (root: Digest): NetworkId => networkId(sha256(root));

export const networkIdOf = (genesis: Genesis): NetworkId => networkOf(genesisCodec.root(genesis));
