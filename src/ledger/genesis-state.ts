// The first state of a network and its checks (L-3). Everything here follows from the genesis document alone.
import { accountIdOf } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  digest,
  err,
  fair,
  type Grains,
  grains,
  keyOf,
  ok,
  type Result,
  utf8ToBytes,
  zeroDigest,
} from "../primitives/index.ts";
import { capScaleMax } from "../rewards/index.ts";
import {
  type CommitteeRecord,
  chainKey,
  committeeCodec,
  type Genesis,
  type GenesisOperator,
  type Header,
  headerCodec,
  networkIdOf,
  numberKey,
  type OperatorState,
  type Parameters,
  type Preset,
  parameterList,
  parametersOf,
  readParameters,
  tables,
} from "../schema/index.ts";
import { createDraft } from "./draft.ts";
import { drawTableOf, newEpoch } from "./end-of-epoch.ts";
import { credit, emptyAccount, updateChain } from "./execution-context.ts";
import { applyChanges, emptyState, type LedgerState } from "./state.ts";
import { newOperator } from "./transactions/operator.ts";

export interface GenesisDraft {
  readonly preset: Preset;
  readonly name: string;
  readonly timestampMs: number;
  readonly operators: readonly GenesisOperator[];
  readonly accounts: readonly { readonly accountId: AccountId; readonly balance: Grains }[];
  /** Values that differ from the preset's. */
  readonly parameters?: Partial<Parameters>;
}

/** A genesis document; `checkGenesis` says whether a network can start from it. */
export const makeGenesis = (given: GenesisDraft): Genesis => ({
  version: 1,
  name: utf8ToBytes(given.name),
  timestampMs: given.timestampMs,
  parameters: parameterList({ ...parametersOf(given.preset), ...given.parameters }).slice(),
  accounts: given.accounts.slice(),
  operators: given.operators.slice(),
});

/** The parameters of a genesis from which a network can start, or what is wrong with it (L-3). */
export function checkGenesis(genesis: Genesis): Result<Parameters, string> {
  if (genesis.version !== 1) return err(`genesis version ${genesis.version} is not known`);
  const read = readParameters(genesis.parameters);
  if (!read.ok) return read;
  const p = read.value;
  if (genesis.operators.length === 0) return err("genesis names at least one operator");
  if (genesis.operators.length > p.operatorsMax) return err(`genesis has at most ${p.operatorsMax} operators`);
  const seen = new Set<string>();
  for (const operator of genesis.operators) {
    const id = keyOf(accountIdOf(operator.publicKey));
    if (seen.has(id)) return err(`operator ${id} is named twice`);
    seen.add(id);
    if (operator.bond < p.operatorBondMin) return err(`operator ${id} has less than the least bond`);
    if (operator.chainLength < p.beaconChainMin) return err(`operator ${id} has too short a beacon chain`);
  }
  const held = [...genesis.accounts.map((one) => one.balance), ...genesis.operators.map((one) => one.bond)];
  const sum = held.reduce((total: bigint, amount) => total + amount, 0n);
  if (sum > p.supplyAtGenesis) return err(`accounts and bonds hold ${sum} grains, more than the supply at genesis`);
  return ok(p);
}

export interface GenesisState {
  readonly state: LedgerState;
  readonly header: Header;
  readonly parameters: Parameters;
  /** Keys of the first operators, by id. */
  readonly keys: readonly (readonly [Digest, Bytes])[];
}

/** The seats that genesis names itself: those of terms 0 and 1 (S-10). */
export const foundingCommittee = (genesis: Genesis, p: Parameters, term: number): CommitteeRecord => ({
  term,
  seats: genesis.operators
    .slice(0, p.seatsMax)
    .map(({ publicKey }) => ({ operator: accountIdOf(publicKey), publicKey })),
});

const kindsCount = 6;

/** The state at height 0 and its header. Throws InvariantError for a genesis that `checkGenesis` refuses. */
export function genesisState(genesis: Genesis, p: Parameters): GenesisState {
  const draft = createDraft(emptyState);
  const keys = genesis.operators.map(({ publicKey }): readonly [Digest, Bytes] => [
    digest(accountIdOf(publicKey)),
    publicKey,
  ]);
  const beacon = digest(networkIdOf(genesis).slice());
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  const bonds = sum(genesis.operators.map((one) => one.bond));
  draft.write(tables.chain, chainKey, {
    height: 0,
    parent: zeroDigest,
    timestampMs: genesis.timestampMs,
    emitted: fair(0),
    burned: fair(0),
    treasury: grains(p.supplyAtGenesis - bonds - sum(genesis.accounts.map((one) => one.balance))),
    balances: fair(0),
    bonds: grains(bonds),
    deposits: fair(0),
    uncredited: fair(0),
    kinds: Array.from({ length: kindsCount }, (_, kind) => ({
      kind,
      capScalePpm: capScaleMax,
      steppedEpoch: 0,
      reserve: grains(0n),
    })),
    accounts: 0,
    operators: genesis.operators.length,
    assets: 0,
    settledEpochs: 0,
    posted: 0,
  });
  for (const { accountId, balance } of genesis.accounts) credit(draft, accountId, balance);
  const ids = keys.map(([id]) => id as Uint8Array as AccountId);
  const operators = genesis.operators.map((given, index): readonly [AccountId, OperatorState] => {
    const seated = index < p.seatsMax ? 2 : 0;
    const state = { ...newOperator({ ...given, activeFromEpoch: 0, scorePpm: p.scoreStartPpm }), seatedTerms: seated };
    return [
      ids[index] as AccountId,
      { ...state, peerId: given.peerId, prefix: given.prefix, prefixBefore: given.prefix },
    ];
  });
  for (const [id, operator] of operators) {
    draft.write(tables.operators, id, operator);
    const known = draft.read(tables.accounts, id);
    if (known === undefined) updateChain(draft, (chain) => ({ accounts: chain.accounts + 1 }));
    draft.write(tables.accounts, id, { ...(known ?? emptyAccount), keyId: digest(id) });
  }
  for (const term of [0, 1]) {
    const record = foundingCommittee(genesis, p, term);
    const seats = record.seats.map(({ operator }) => ({ operator, keyId: digest(operator) }));
    draft.write(tables.committees, numberKey(term), { term, root: committeeCodec.root(record), seats });
  }
  const sorted = operators.slice().sort(([a], [b]) => (keyOf(a) < keyOf(b) ? -1 : 1));
  draft.write(tables.epochs, numberKey(0), newEpoch(0, beacon));
  draft.write(tables.drawTables, numberKey(0), drawTableOf(sorted, 0, p));
  const state = applyChanges(emptyState, draft.changes());
  return { state, header: genesisHeader(genesis, state.root), parameters: p, keys };
}

const genesisHeader = (genesis: Genesis, stateRoot: Digest): Header => ({
  version: 1,
  networkId: networkIdOf(genesis),
  height: 0,
  epoch: 0,
  term: 0,
  parent: zeroDigest,
  timestampMs: genesis.timestampMs,
  proposer: 0,
  beaconReveal: zeroDigest,
  transactionsRoot: zeroDigest,
  witnessRoot: zeroDigest,
  stateRoot,
  epochRecordRoot: zeroDigest,
});

export const genesisDigest = (genesisHead: Header): Digest => headerCodec.root(genesisHead);
