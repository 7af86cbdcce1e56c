// The disk of one simulated node: its store and its vote guard, which survive its lives. A crash keeps what was synced and a
// random beginning of the rest; a guard record that was on its way may be there, torn, or not there. Failing and full disks,
// flipped bits, and a database or the whole disk set back to an earlier state are switched on from outside.

import type { GuardRecord, GuardState, Store, StoreOperation, VoteGuard } from "../../src/ports/index.ts";
import { type Bytes, compareBytes, FairmeshError, fromHex, keyOf } from "../../src/primitives/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Life } from "./simulated-network.ts";

type Tables = Map<string, Map<string, Bytes>>;

/** What a disk held once. */
export interface DiskImage {
  readonly tables: Tables;
  readonly guardRecords: readonly GuardRecord[];
}

export interface DiskOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  /** How long a synchronous write takes. */
  readonly syncMs: number;
  readonly label: string;
  /** A damaged value was read: the node ends with an error that tells its operator to move the database away. */
  readonly onDamage?: () => void;
}

export class SimulatedDisk {
  readonly #options: DiskOptions;
  #durable: Tables = new Map();
  #visible: Tables = new Map();
  #unsynced: StoreOperation[][] = [];
  #guardDurable: GuardRecord[] = [];
  #guardVisible: GuardRecord[] = [];
  #guardState: GuardState = "sound";
  #guardKeptFrom = 0;
  /** Values that are not what was written, as `space key`. */
  readonly #flipped = new Set<string>();
  /** Set from outside: the next synchronous write fails, as when the disk is full or fsync reports an error. */
  failNextSync = false;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** What would survive a crash now. */
  get guardRecords(): readonly GuardRecord[] {
    return this.#guardDurable;
  }

  durableValue(space: string, key: Bytes): Bytes | undefined {
    return this.#durable.get(space)?.get(keyOf(key));
  }

  /** Power is lost: a beginning of what was not synced may have reached the disk. */
  crash(): void {
    const { random } = this.#options;
    const kept = random.below(this.#unsynced.length + 1);
    for (const batch of this.#unsynced.slice(0, kept)) apply(this.#durable, batch);
    this.#unsynced = [];
    this.#visible = copyOf(this.#durable);
    const whole = this.#guardDurable.length;
    const written = whole + random.below(this.#guardVisible.length - whole + 1);
    if (written < this.#guardVisible.length && this.#guardState === "sound" && random.below(2) === 0)
      this.#guardState = "torn";
    this.#guardVisible = this.#guardVisible.slice(0, written);
    this.#guardDurable = [...this.#guardVisible];
  }

  snapshot(): DiskImage {
    return { tables: copyOf(this.#durable), guardRecords: [...this.#guardDurable] };
  }

  /** The database, not the guard, is set back to an earlier state, or to nothing; only while the node is down. */
  rollBack(to: DiskImage | undefined): void {
    this.#durable = copyOf(to?.tables ?? new Map());
    this.#visible = copyOf(this.#durable);
    this.#unsynced = [];
    this.#flipped.clear();
  }

  /** Database and guard are set back together, as when a whole disk is restored from a copy; only while the node is down. */
  setBack(to: DiskImage): void {
    this.rollBack(to);
    this.#guardVisible = [...to.guardRecords];
    this.#guardDurable = [...to.guardRecords];
    if (this.#guardState === "torn") this.#guardState = "sound";
  }

  /** One bit of a stored value flips: the store's checksum finds it when the value is read. False when there is no value. */
  flipBit(): boolean {
    const keys = Array.from(this.#durable).flatMap(([space, table]) =>
      Array.from(table.keys(), (key) => place(space, key)),
    );
    if (keys.length === 0) return false;
    this.#flipped.add(this.#options.random.pick(keys));
    return true;
  }

  /** The guard file is lost, or broken in the middle. */
  damageGuard(): void {
    this.#guardState = "damaged";
    this.#guardDurable = [];
    this.#guardVisible = [];
  }

  store(life: Life): Store {
    let closed = false;
    const check = (): void => {
      if (closed) throw new FairmeshError("STORE_CLOSED", "the store is closed");
    };
    return {
      get: (space, key) => {
        check();
        this.#checkValue(space, keyOf(key));
        return this.#visible.get(space)?.get(keyOf(key))?.slice();
      },
      batch: async (operations, { sync }) => {
        check();
        const copies = operations.map(({ space, key, value }) =>
          value === undefined ? { space, key: key.slice() } : { space, key: key.slice(), value: value.slice() },
        );
        apply(this.#visible, copies);
        for (const { space, key } of copies) this.#flipped.delete(place(space, keyOf(key)));
        this.#unsynced.push(copies);
        if (sync) await this.#sync(life, () => this.#flush());
      },
      range: (space, from, to, max) => {
        check();
        return this.#range(space, { from, to, max });
      },
      close: async () => {
        closed = true;
      },
    };
  }

  guard(life: Life): VoteGuard {
    const disk = this;
    let closed = false;
    const keeps = (term: number): boolean => {
      const terms = this.#guardVisible.map((record) => record.term);
      if (this.#guardState === "damaged" || term < this.#guardKeptFrom) return false;
      return terms.includes(term) || terms.every((known) => known < term);
    };
    return {
      get state() {
        return disk.#guardState;
      },
      records: (term) => this.#guardVisible.filter((record) => record.term === term),
      append: async (record) => {
        if (closed) throw new FairmeshError("GUARD_CLOSED", "the vote guard is closed");
        if (!keeps(record.term)) throw new FairmeshError("GUARD_DAMAGED", "votes of this term are not kept");
        // A torn end is cut off when something is written behind it.
        if (this.#guardState === "torn") this.#guardState = "sound";
        this.#guardVisible.push(record);
        const length = this.#guardVisible.length;
        await this.#sync(life, () => {
          this.#guardDurable = this.#guardVisible.slice(0, Math.max(length, this.#guardDurable.length));
        });
      },
      keeps,
      renew: async (term) => {
        this.#guardState = "sound";
        this.#guardKeptFrom = term;
      },
      prune: async (term) => {
        this.#guardKeptFrom = Math.max(this.#guardKeptFrom, term);
        this.#guardDurable = this.#guardDurable.filter((record) => record.term >= term);
        this.#guardVisible = this.#guardVisible.filter((record) => record.term >= term);
      },
      close: async () => {
        closed = true;
      },
    };
  }

  #checkValue(space: string, key: string): void {
    if (!this.#flipped.has(place(space, key))) return;
    this.#options.onDamage?.();
    throw new FairmeshError("STORE_DAMAGED", "a stored value is not what was written: the database is damaged");
  }

  #flush(): void {
    for (const batch of this.#unsynced) apply(this.#durable, batch);
    this.#unsynced = [];
  }

  /** Settles when the disk says that the data is there; never, when the node crashes before. */
  #sync(life: Life, done: () => void): Promise<void> {
    const { scheduler, syncMs, label } = this.#options;
    return new Promise((resolve, reject) => {
      scheduler.after(syncMs, `sync ${label}`, () => {
        if (!life.alive) return;
        if (this.failNextSync) {
          this.failNextSync = false;
          reject(new FairmeshError("STORE_FAILED", "the disk reported an error while syncing"));
          return;
        }
        done();
        resolve();
      });
    });
  }

  async *#range(space: string, wanted: { from: Bytes; to: Bytes; max: number }): AsyncIterable<[Bytes, Bytes]> {
    const rows = Array.from(this.#visible.get(space) ?? [])
      .map(([key, value]): [Bytes, Bytes] => [fromHex(key), value])
      .filter(([key]) => compareBytes(key, wanted.from) >= 0 && compareBytes(key, wanted.to) < 0)
      .sort((a, b) => compareBytes(a[0], b[0]));
    for (const [key, value] of rows.slice(0, wanted.max)) {
      this.#checkValue(space, keyOf(key));
      yield [key, value];
    }
  }
}

const place = (space: string, key: string): string => `${space} ${key}`;

function apply(tables: Tables, operations: readonly StoreOperation[]): void {
  for (const { space, key, value } of operations) {
    const table = tables.get(space) ?? new Map<string, Bytes>();
    tables.set(space, table);
    if (value === undefined) table.delete(keyOf(key));
    else table.set(keyOf(key), value);
  }
}

const copyOf = (tables: Tables): Tables => new Map(Array.from(tables, ([space, table]) => [space, new Map(table)]));
