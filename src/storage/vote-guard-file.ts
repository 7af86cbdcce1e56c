// The guard file of S-14: everything this node has locked itself to, outside the database, in one append-only file a term.
// Made by `createGuard` together with its key and by nothing else; opened by the node at start; never part of a backup.
// It judges itself (sound, torn, damaged) and leaves to the driver what follows from that.
import { type FileHandle, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { GuardRecord, GuardState, VoteGuard } from "../ports/index.ts";
import { type AccountId, type Bytes, type Digest, FairmeshError, invariant, zeroDigest } from "../primitives/index.ts";
import { syncFolder, systemCode } from "./durable-file.ts";
import { emptyList, type GuardList, listPath, readList, writeList } from "./guard-list.ts";
import { encodeHeader, encodeRecord, guardRecordBytes } from "./guard-record.ts";
import { continues, readSegment, type Segment, segmentName, segmentTerm } from "./guard-segment.ts";

export interface FileVoteGuard extends VoteGuard {
  /** What is wrong when `state` is not `sound`, for the log and for doctor. */
  readonly reason: string | undefined;
}

const failure = (what: string, cause: unknown): FairmeshError =>
  new FairmeshError("GUARD_FAILED", `the vote guard failed: ${what}`, { cause });

/**
 * Makes an empty guard for a key that has never signed. Rejects with `GUARD_EXISTS` when the folder holds one, whatever its
 * state, and with `GUARD_FAILED`.
 */
export async function createGuard(folder: string, account: AccountId): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  if (names.length > 0) {
    throw new FairmeshError(
      "GUARD_EXISTS",
      `${folder} is not empty: a guard is made once, with its key, and never again`,
    );
  }
  await writeList(folder, emptyList(account));
}

interface Judgement {
  readonly list: GuardList;
  readonly state: GuardState;
  readonly reason: string | undefined;
  /** Of the listed terms, ascending. */
  readonly segments: readonly Segment[];
}

/** Says what is wrong with files that the list does not explain; removes what pruning or a crash left behind. */
async function judgeStrays(folder: string, list: GuardList, account: AccountId): Promise<string | undefined> {
  const newest = Math.max(list.renewedAt - 1, ...list.terms);
  for (const name of await readdir(folder)) {
    const term = segmentTerm(name);
    const stray = term !== undefined && !list.terms.includes(term);
    if (!stray || (term < list.renewedAt && term >= list.prunedBelow)) continue;
    const begun = term > newest && readSegment(folder, term, account).records.length === 0;
    if (term >= list.prunedBelow && !begun) return `${name} is not in the guard's list`;
    await unlink(join(folder, name));
  }
  return undefined;
}

async function judge(folder: string, account: AccountId): Promise<Judgement> {
  const list = await readList(folder, account);
  if (typeof list === "string") {
    return { list: emptyList(account), state: "damaged", reason: list, segments: [] };
  }
  const segments = list.terms.map((term) => readSegment(folder, term, account));
  const result = (state: GuardState, reason?: string): Judgement => ({ list, state, reason, segments });
  const stray = await judgeStrays(folder, list, account);
  if (stray !== undefined) return result("damaged", stray);
  const bad = segments.find(({ state }) => state === "damaged" || state === "missing");
  if (bad !== undefined) return result("damaged", `${segmentName(bad.term)} is ${bad.state}`);
  const lost = segments.find((one, index) => index > 0 && !continues(segments[index - 1] as Segment, one));
  if (lost !== undefined) return result("damaged", `votes before ${segmentName(lost.term)} are gone`);
  const torn = segments.filter(({ state }) => state === "torn");
  if (torn.length > 1) return result("damaged", "more than one segment is cut off");
  return torn[0] === undefined
    ? result("sound")
    : result("torn", `${segmentName(torn[0].term)} ends in the middle of a record`);
}

/** Opens the guard of a key. A guard that is missing, another key's or damaged opens as `damaged`; see `reason`. */
export async function openGuard(folder: string, account: AccountId): Promise<FileVoteGuard> {
  try {
    return new GuardFile(folder, account, await judge(folder, account));
  } catch (error) {
    throw error instanceof FairmeshError ? error : failure(`${folder} cannot be read`, error);
  }
}

/** Where a term's next record goes. */
interface Tail {
  length: number;
  chain: Digest;
  torn: boolean;
}

class GuardFile implements FileVoteGuard {
  #state: GuardState;
  #reason: string | undefined;
  #list: GuardList;
  #failed: FairmeshError | undefined;
  #last: Promise<void> = Promise.resolve();
  #open: { readonly term: number; readonly handle: FileHandle } | undefined;
  #closed = false;
  readonly #tails: Map<number, Tail>;
  readonly #folder: string;
  readonly #account: AccountId;

  constructor(folder: string, account: AccountId, { list, state, reason, segments }: Judgement) {
    this.#folder = folder;
    this.#account = account;
    this.#list = list;
    this.#state = state;
    this.#reason = reason;
    this.#tails = new Map(
      segments.map(({ term, length, chain, state: one }) => [term, { length, chain, torn: one === "torn" }]),
    );
  }

  get state(): GuardState {
    return this.#state;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** Reads the disk: for starts, not for every vote. Of a damaged segment, what stands before the damage. */
  records(term: number): readonly GuardRecord[] {
    if (term < this.#list.prunedBelow) return [];
    return readSegment(this.#folder, term, this.#account).records;
  }

  keeps(term: number): boolean {
    if (this.#state === "damaged" || term < Math.max(this.#list.prunedBelow, this.#list.renewedAt)) return false;
    return this.#tails.has(term) || [...this.#tails.keys()].every((one) => one < term);
  }

  append(record: GuardRecord): Promise<void> {
    return this.#queue(async () => {
      if (this.#state === "damaged") {
        throw new FairmeshError("GUARD_DAMAGED", `nothing may be signed: ${this.#reason ?? "the guard is damaged"}`);
      }
      await this.#cutTorn();
      const tail = this.#tails.get(record.term) ?? (await this.#begin(record.term));
      const { bytes, chain } = encodeRecord(record, tail.chain);
      await this.#write(record.term, bytes, tail.length);
      tail.length += bytes.length;
      tail.chain = chain;
    });
  }

  renew(term: number): Promise<void> {
    return this.#queue(async () => {
      invariant(this.#state === "damaged", "only a damaged guard is begun anew");
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const newest = (await readdir(this.#folder)).map(segmentTerm).filter((one) => one !== undefined);
      if (newest.some((one) => one >= term)) {
        throw new FairmeshError("GUARD_DAMAGED", `the guard has votes of term ${Math.max(...newest)}: it is too early`);
      }
      this.#tails.clear();
      await this.#setList({ ...emptyList(this.#account), prunedBelow: this.#list.prunedBelow, renewedAt: term });
      await this.#begin(term);
      this.#state = "sound";
      this.#reason = undefined;
    });
  }

  prune(term: number): Promise<void> {
    return this.#queue(async () => {
      if (this.#state === "damaged" || term <= this.#list.prunedBelow) return;
      await this.#cutTorn();
      await this.#setList({ ...this.#list, terms: this.#list.terms.filter((one) => one >= term), prunedBelow: term });
      if (this.#open !== undefined && this.#open.term < term) await this.#closeFile();
      for (const name of await readdir(this.#folder)) {
        const one = segmentTerm(name);
        if (one !== undefined && one < term) await unlink(join(this.#folder, name));
      }
      for (const one of [...this.#tails.keys()]) if (one < term) this.#tails.delete(one);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#closeFile();
  }

  /** One change at a time; after a failed write nothing more is written, since what is on the disk is unknown. */
  #queue(work: () => Promise<void>): Promise<void> {
    if (this.#closed) return Promise.reject(new FairmeshError("GUARD_CLOSED", "the vote guard is closed"));
    const done = this.#last.then(async () => {
      if (this.#failed !== undefined) throw this.#failed;
      try {
        await work();
      } catch (error) {
        if (systemCode(error) !== undefined && !(error instanceof FairmeshError)) {
          this.#failed = failure("nothing is signed until the node is started again", error);
          throw this.#failed;
        }
        throw error;
      }
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #setList(list: GuardList): Promise<void> {
    await writeList(this.#folder, list);
    this.#list = list;
  }

  /** Makes and lists a term's empty segment, each step on the disk before the next. */
  async #begin(term: number): Promise<Tail> {
    const newest = this.#list.terms.at(-1) ?? -1;
    if (term <= newest || term < this.#list.prunedBelow || term < this.#list.renewedAt) {
      throw new FairmeshError("GUARD_DAMAGED", `votes of term ${term} are no longer kept: nothing may be signed in it`);
    }
    const previous = this.#tails.get(newest)?.chain ?? zeroDigest;
    const { bytes, chain } = encodeHeader({ term, account: this.#account, previous });
    const handle = await open(join(this.#folder, segmentName(term)), "wx", 0o600);
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    await syncFolder(this.#folder);
    await this.#setList({ ...this.#list, terms: [...this.#list.terms, term] });
    const tail = { length: guardRecordBytes, chain, torn: false };
    this.#tails.set(term, tail);
    return tail;
  }

  async #write(term: number, bytes: Bytes, at: number): Promise<void> {
    if (this.#open?.term !== term) {
      await this.#closeFile();
      this.#open = { term, handle: await open(join(this.#folder, segmentName(term)), "r+") };
    }
    const { handle } = this.#open as { readonly handle: FileHandle };
    const { bytesWritten } = await handle.write(bytes, 0, bytes.length, at);
    if (bytesWritten !== bytes.length) throw Object.assign(new Error("a write was cut short"), { code: "ENOSPC" });
    await handle.datasync();
  }

  /** Drops a torn last record, which nobody has seen signed: the driver has compared it with the database (S-14). */
  async #cutTorn(): Promise<void> {
    for (const [term, tail] of this.#tails) {
      if (!tail.torn) continue;
      const handle = await open(join(this.#folder, segmentName(term)), "r+");
      try {
        await handle.truncate(tail.length);
        await handle.sync();
      } finally {
        await handle.close();
      }
      tail.torn = false;
    }
    if (this.#state === "torn") {
      this.#state = "sound";
      this.#reason = undefined;
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#open;
    this.#open = undefined;
    await file?.handle.close();
  }
}

/** Whether a folder holds a guard, in any state: for the keys command. */
export const hasGuard = async (folder: string): Promise<boolean> =>
  open(listPath(folder), "r").then(
    (handle) => handle.close().then(() => true),
    () => false,
  );
