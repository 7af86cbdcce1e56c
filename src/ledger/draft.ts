// A state being changed: what a block's execution reads and writes. A transaction works on a fork, which is merged when it
// turns out valid and dropped otherwise, so that nothing happens halfway (L-4). Values read are never changed in place.
import { type Bytes, type Digest, invariant, keyOf, sortedEntries } from "../primitives/index.ts";
import type { StateProof, Table } from "../schema/index.ts";
import { hasRoom, type LedgerState, readState, recordsOf, type StateChange } from "./state.ts";
import { proveRecord } from "./state-proof.ts";

interface Entry {
  readonly table: Table<unknown>;
  readonly key: Bytes;
  readonly value: unknown;
}

export interface Draft {
  read<T>(table: Table<T>, key: Bytes): T | undefined;
  /** The value undefined takes the record away. */
  write<T>(table: Table<T>, key: Bytes, value: T | undefined): void;
  /** Whether a transaction may add a record under `key` (L-6). */
  hasRoom(table: Table<unknown>, key: Bytes): boolean;
  fork(): DraftFork;
}

export interface DraftFork extends Draft {
  /** Whether there is room for every record that it adds. */
  fits(): boolean;
  merge(): void;
}

export interface RootDraft extends Draft {
  /** Everything written that differs, ascending by space and key, with the roots of the records. */
  changes(): readonly StateChange[];
}

const slotOf = (table: Table<unknown>, key: Bytes): string => `${table.space}/${keyOf(key)}`;

/** Decodes a record that this project wrote: anything else is a broken invariant. */
export function decodeRecord<T>(table: Table<T>, bytes: Bytes): T {
  const decoded = table.codec.decode(bytes);
  invariant(decoded.ok, "a record of the state decodes", { table: table.name });
  return decoded.value;
}

export const readRecord = <T>(state: LedgerState, table: Table<T>, key: Bytes): T | undefined => {
  const bytes = readState(state, table.space, key);
  return bytes === undefined ? undefined : decodeRecord(table, bytes);
};

/** Every record of a table with its key, or those with a key above `after`, ascending. */
export function* eachRecord<T>(
  state: LedgerState,
  table: Table<T>,
  after?: Bytes,
): Generator<readonly [key: Bytes, value: T]> {
  for (const [key, bytes] of recordsOf(state, table.space, after)) yield [key, decodeRecord(table, bytes)];
}

/** The proof of what the state holds under a key of a table: the record, or that there is none (L-6). */
export const prove = <T>(state: LedgerState, table: Table<T>, key: Bytes): StateProof =>
  proveRecord(state, { space: table.space, key }, (each) => {
    const record = readRecord(state, table, each);
    invariant(record !== undefined, "a key of a bucket has its record");
    return table.codec.root(record);
  });

function forkOf(parent: Draft): DraftFork {
  const written = new Map<string, Entry>();
  const draft = {
    read<T>(table: Table<T>, key: Bytes): T | undefined {
      const entry = written.get(slotOf(table, key));
      return entry === undefined ? parent.read(table, key) : (entry.value as T | undefined);
    },
    write<T>(table: Table<T>, key: Bytes, value: T | undefined): void {
      written.set(slotOf(table, key), { table, key, value });
    },
    hasRoom: parent.hasRoom,
    fork: () => forkOf(draft),
    fits: () =>
      Array.from(written).every(
        ([, { table, key, value }]) =>
          value === undefined || parent.hasRoom(table, key) || parent.read(table, key) !== undefined,
      ),
    merge(): void {
      for (const [, entry] of Array.from(written)) parent.write(entry.table, entry.key, entry.value);
    },
  };
  return draft;
}

export function createDraft(state: LedgerState): RootDraft {
  const read = new Map<string, unknown>();
  const written = new Map<string, Entry>();
  const draft: RootDraft = {
    read<T>(table: Table<T>, key: Bytes): T | undefined {
      const slot = slotOf(table, key);
      const entry = written.get(slot);
      if (entry !== undefined) return entry.value as T | undefined;
      if (!read.has(slot)) read.set(slot, readRecord(state, table, key));
      return read.get(slot) as T | undefined;
    },
    write<T>(table: Table<T>, key: Bytes, value: T | undefined): void {
      written.set(slotOf(table, key), { table, key, value });
    },
    hasRoom: (table, key) => hasRoom(state, table.space, key),
    fork: () => forkOf(draft),
    changes: () =>
      sortedEntries(written)
        .map(([, entry]) => entry)
        .map(({ table, key, value }) => ({
          space: table.space,
          key,
          bytes: value === undefined ? undefined : table.codec.encode(value),
          recordRoot: value === undefined ? new Uint8Array(32) : (table.codec.root(value) as Digest),
        })),
  };
  return draft;
}
