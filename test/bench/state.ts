// The state's root after 1,000 changed accounts among 100,000 (L-6), against the SSZ root of the 1,000 changed records one by
// one; and what states of 100,000 and 1,000,000 accounts hold in memory.
import "../../src/native/hasher.ts";

import { sha256 } from "../../src/crypto/index.ts";
import {
  applyChanges,
  createDraft,
  emptyState,
  type LedgerState,
  readRecord,
  recordsOf,
  type StateChange,
} from "../../src/ledger/index.ts";
import { type Bytes, bigEndian, type Digest, fair, grains } from "../../src/primitives/index.ts";
import { type AccountState, tables } from "../../src/schema/index.ts";
import { alternate, type BenchResult, memoryMb } from "./measure.ts";

export const title =
  "milliseconds to the state root after 1,000 changes at 100,000 accounts, against their record roots";

const accounts = 100_000;
const changed = 1000;
const rounds = 15;

const keyAt = (index: number): Digest => sha256(bigEndian(index));

/** A state of `count` accounts, made in parts as blocks would. */
function stateOf(count: number): LedgerState {
  let state = emptyState;
  const part = 50_000;
  for (let from = 0; from < count; from += part) {
    const changes: StateChange[] = [];
    for (let index = from; index < Math.min(count, from + part); index++) {
      const account = { ...tables.accounts.codec.empty(), balance: grains(fair(index)), nonce: index };
      const { codec, space } = tables.accounts;
      changes.push({ space, key: keyAt(index), bytes: codec.encode(account), recordRoot: codec.root(account) });
    }
    state = applyChanges(state, changes);
  }
  return state;
}

function measureMemory(count: number): { readonly state: LedgerState; readonly mb: number } {
  const before = memoryMb();
  const state = stateOf(count);
  return { state, mb: memoryMb() - before };
}

const timed = (run: () => void): number => {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
};

export async function run(): Promise<BenchResult> {
  const small = measureMemory(accounts);
  let { state } = small;
  const everyKey = Array.from(recordsOf(state, tables.accounts.space), ([key]) => key.slice());
  let round = 0;
  const next = (): readonly (readonly [Bytes, AccountState])[] => {
    round++;
    return Array.from({ length: changed }, (_, at) => {
      const key = everyKey[(at * 97 + round * 13) % everyKey.length] as Bytes;
      const account = readRecord(state, tables.accounts, key) as AccountState;
      return [key, { ...account, nonce: account.nonce + round }];
    });
  };
  // Reading and changing the accounts is not timed; encoding, record roots and the tree are.
  const ours = async (): Promise<number> => {
    const draft = createDraft(state);
    for (const [key, account] of next()) draft.write(tables.accounts, key, account);
    return timed(() => {
      state = applyChanges(state, draft.changes());
    });
  };
  const baseline = async (): Promise<number> => {
    const some = next();
    return timed(() => {
      for (const [, account] of some) tables.accounts.codec.root(account);
    });
  };
  const result = await alternate({ ours, baseline }, { rounds, unit: "ms, less is better" });
  const onlyTree = tree(state, next());
  const large = measureMemory(1_000_000);
  if (large.state.root.length !== 32) throw new Error("nothing is held");
  return {
    ...result,
    treeMs: Number(onlyTree.toPrecision(4)),
    memoryMb: { 100000: small.mb, 1000000: large.mb },
  };
}

/** The tree alone, with the records already encoded and hashed. */
function tree(state: LedgerState, some: readonly (readonly [Bytes, AccountState])[]): number {
  const { codec, space } = tables.accounts;
  const changes = some.map(([key, account]) => ({
    space,
    key,
    bytes: codec.encode(account),
    recordRoot: codec.root(account),
  }));
  return timed(() => applyChanges(state, changes));
}
