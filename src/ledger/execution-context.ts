// What a transaction sees while it is executed, and how money moves: every grain that leaves one place enters another, and
// the sums in the chain record follow (L-7). Called by the handlers of transactions and by the hooks of blocks.
import {
  type AccountId,
  type Bytes,
  type Digest,
  type Grains,
  grains,
  invariant,
  type NetworkId,
  zeroDigest,
} from "../primitives/index.ts";
import {
  type AccountState,
  type ChainState,
  chainKey,
  type OperatorState,
  type Parameters,
  tables,
} from "../schema/index.ts";
import type { Draft } from "./draft.ts";
import type { BlockTime } from "./network-time.ts";

export interface ExecutionContext {
  readonly draft: Draft;
  readonly parameters: Parameters;
  readonly networkId: NetworkId;
  readonly time: BlockTime;
  /** Gets tips and the unburned part of fees; absent while a transaction is only tried. */
  readonly feeAccount: AccountId | undefined;
  /** A key that the chain has seen, by its id. */
  publicKey(keyId: Digest): Bytes | undefined;
}

export const emptyAccount: AccountState = {
  balance: grains(0n),
  nonce: 0,
  keyId: zeroDigest,
  nextKeyId: zeroDigest,
  nextKeyEpoch: 0,
  burnEpoch: 0,
  burned: grains(0n),
  burnedBefore: grains(0n),
  useEpoch: 0,
  useCounted: grains(0n),
};

export function chainOf(draft: Draft): ChainState {
  const chain = draft.read(tables.chain, chainKey);
  invariant(chain !== undefined, "the state has its chain record");
  return chain;
}

export const updateChain = (draft: Draft, change: (chain: ChainState) => Partial<ChainState>): void => {
  const chain = chainOf(draft);
  draft.write(tables.chain, chainKey, { ...chain, ...change(chain) });
};

export const accountOf = (draft: Draft, id: AccountId): AccountState => draft.read(tables.accounts, id) ?? emptyAccount;

export function operatorOf(draft: Draft, id: AccountId): OperatorState | undefined {
  return draft.read(tables.operators, id);
}

/** Adds to a balance and makes the account if there is none. The money comes from where the caller took it. */
export function credit(draft: Draft, id: AccountId, amount: bigint): void {
  if (amount === 0n) return;
  const known = draft.read(tables.accounts, id);
  const account = known ?? emptyAccount;
  draft.write(tables.accounts, id, { ...account, balance: grains(account.balance + amount) });
  updateChain(draft, (chain) => ({
    balances: grains(chain.balances + amount),
    accounts: chain.accounts + (known === undefined ? 1 : 0),
  }));
}

/** Makes an empty account if there is none: what is paid to it later cannot be refused, so it must be there before (L-6). */
export function openAccount(draft: Draft, id: AccountId): void {
  if (draft.read(tables.accounts, id) !== undefined) return;
  draft.write(tables.accounts, id, emptyAccount);
  updateChain(draft, (chain) => ({ accounts: chain.accounts + 1 }));
}

/** Takes from a balance; false, and nothing done, when it has less. */
export function debit(draft: Draft, id: AccountId, amount: bigint): boolean {
  const account = accountOf(draft, id);
  if (account.balance < amount) return false;
  draft.write(tables.accounts, id, { ...account, balance: grains(account.balance - amount) });
  updateChain(draft, (chain) => ({ balances: grains(chain.balances - amount) }));
  return true;
}

export const addBurned = (draft: Draft, amount: bigint): void =>
  updateChain(draft, (chain) => ({ burned: grains(chain.burned + amount) }));

export const addBonds = (draft: Draft, amount: bigint): void =>
  updateChain(draft, (chain) => ({ bonds: grains(chain.bonds + amount) }));

/** Everything there is, burned grains too: equals genesis + emitted at every block (L-7). */
export const totalOf = (chain: ChainState): bigint =>
  chain.balances +
  chain.bonds +
  chain.deposits +
  chain.uncredited +
  chain.treasury +
  chain.burned +
  chain.kinds.reduce((sum, kind) => sum + kind.reserve, 0n);

/** The id of the key that signs for an account in an epoch: zero before its first transaction (I-4, I-7). */
export const keyInForce = (account: AccountState, epoch: number): Digest =>
  account.nextKeyEpoch > 0 && epoch >= account.nextKeyEpoch ? account.nextKeyId : account.keyId;

/** Notes fees that an account burned: what its use may count for is limited by them. */
export const withBurned = (account: AccountState, epoch: number, amount: bigint): AccountState => {
  if (account.burnEpoch === epoch) return { ...account, burned: grains(account.burned + amount) };
  const before = account.burnEpoch + 1 === epoch ? account.burned : grains(0n);
  return { ...account, burnEpoch: epoch, burned: grains(amount), burnedBefore: before };
};

/** Fees that an account burned in an epoch, as long as it is remembered (that epoch and the next). */
export const burnedIn = (account: AccountState, epoch: number): Grains => {
  if (account.burnEpoch === epoch) return account.burned;
  return account.burnEpoch === epoch + 1 ? account.burnedBefore : grains(0n);
};
