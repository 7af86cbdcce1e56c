// Bodies of blocks that are not final yet: kept on disk, fetched by digest with their ancestors, executed in order, served.
// A block is reported to the core only when it and its ancestors are durable and executed (S-3, S-5, S-7).
// Wrong bytes from a peer are never stored: `Application.inspect` gives the digest that commits to all of them.
import type { CheckOutcome } from "../../consensus/index.ts";
import type { Application, Clock, Log, Store, StoreOperation, Transport } from "../../ports/index.ts";
import { type AccountId, type Bytes, type Digest, equalBytes, fromHex, keyOf } from "../../primitives/index.ts";
import { bodyRequestCodec, prunedBelow } from "../../schema/index.ts";
import { withDeadline } from "./deadline.ts";
import type { SerialQueue } from "./serial-queue.ts";
import { driverProtocols, driverSpaces, limits } from "./wire.ts";

interface Want {
  notarized: boolean;
  sources: readonly AccountId[];
  /** Ends the wait of an early block; called again when a certificate comes for it, or when it can never be final. */
  wake: () => void;
  gone: boolean;
}

export interface BlocksOptions {
  readonly application: Application;
  readonly applicationQueue: SerialQueue;
  readonly store: Store;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopped: AbortSignal;
  readonly report: (digest: Digest, outcome: CheckOutcome) => void;
  readonly onFailure: (error: unknown) => void;
  /** A peer answered with what is not the block that was asked for, or with more than is ever given. */
  readonly onPeerFault: (from: AccountId, code: string) => void;
}

const prunedSaidMs = 60_000;

export class Blocks {
  readonly #options: BlocksOptions;
  readonly #wants = new Map<string, Want>();
  /** Heights of stored bodies, so that they can be let go when a height is final. */
  readonly #heights = new Map<string, number>();

  #saidMs = Number.NEGATIVE_INFINITY;
  #peersKeepFrom: number | undefined;

  constructor(options: BlocksOptions) {
    this.#options = options;
  }

  /** The first height that the last peer has which had let go of a wanted block (L-9); undefined while none had. */
  get peersKeepFrom(): number | undefined {
    return this.#peersKeepFrom;
  }

  /** Blocks that are waited for, fetched or executed. */
  get wanted(): number {
    return this.#wants.size;
  }

  /** Learns which bodies the disk already holds. */
  async load(): Promise<void> {
    const { store, application } = this.#options;
    const end = new Uint8Array(33).fill(255);
    for await (const [key, value] of store.range(driverSpaces.bodies, new Uint8Array(), end, limits.ancestorsMax)) {
      const facts = application.inspect(value);
      this.#heights.set(keyOf(key), facts?.height ?? 0);
    }
  }

  bytes(digest: Digest): Bytes | undefined {
    return this.#options.store.get(driverSpaces.bodies, digest) ?? this.#options.application.block(digest);
  }

  /**
   * Stores bytes that are the block they should be; on the disk when it settles. False when they are not, or when no quorum
   * vouches for them and they claim a height that none can have yet: they would stay until that is final.
   */
  async keep(digest: Digest, bytes: Bytes, certified = false): Promise<boolean> {
    const key = keyOf(digest);
    if (this.#heights.has(key)) return true;
    const facts = this.#options.application.inspect(bytes);
    if (facts === undefined || !equalBytes(facts.digest, digest)) return false;
    if (!certified && facts.height > this.#options.application.tip().facts.height + limits.heightsAheadMax)
      return false;
    await this.#options.store.batch([{ space: driverSpaces.bodies, key: digest, value: bytes }], { sync: true });
    this.#heights.set(key, facts.height);
    return true;
  }

  /** The end of every body at or below a final height, for the batch that makes it final. */
  takeForCommit(height: number): readonly StoreOperation[] {
    const gone = Array.from(this.#heights).filter(([, at]) => at <= height);
    for (const [key] of gone) {
      this.#heights.delete(key);
      const want = this.#wants.get(key);
      if (want === undefined) continue;
      want.gone = true;
      want.wake();
    }
    return gone.map(([key]) => ({ space: driverSpaces.bodies, key: fromHex(key) }));
  }

  /** Gets, executes and reports a block, once however often it is asked; a block that cannot be had is not reported. */
  want(digest: Digest, how: { readonly notarized: boolean; readonly sources: readonly AccountId[] }): void {
    const key = keyOf(digest);
    const known = this.#wants.get(key);
    if (known !== undefined) {
      known.notarized ||= how.notarized;
      known.sources = how.sources;
      known.wake();
      return;
    }
    const want: Want = { ...how, wake: () => {}, gone: false };
    this.#wants.set(key, want);
    this.#ensure(digest, want).then(
      () => this.#wants.delete(key),
      (error: unknown) => {
        this.#wants.delete(key);
        if (!this.#options.stopped.aborted) this.#options.onFailure(error);
      },
    );
  }

  /** Executes ancestors first: walks back to a block that is known, then forward again. */
  async #ensure(wanted: Digest, want: Want): Promise<void> {
    const { application, applicationQueue, clock, report, stopped } = this.#options;
    const path: Digest[] = [wanted];
    while (!stopped.aborted && !want.gone) {
      const digest = path.at(-1);
      if (digest === undefined) return;
      const bytes = await this.#body(digest, want, want.notarized || path.length > 1);
      if (bytes === undefined) return;
      const certified = want.notarized || path.length > 1;
      const nowMs = certified ? Number.MAX_SAFE_INTEGER : clock.nowMs();
      const result = await applicationQueue.call(() => application.check(bytes, nowMs));
      if (result.kind === "early") await this.#until(result.atMs, want);
      else if (result.kind === "unavailable") {
        // Without a quorum behind it, a leader could lead us down an endless line of blocks that he made up.
        if (!certified || path.length >= limits.ancestorsMax) return;
        if (path.some((seen) => equalBytes(seen, result.missing))) return;
        path.push(result.missing);
      } else {
        report(digest, result);
        if (result.kind === "invalid" && certified) this.#differs(digest, result.reason);
        if (result.kind === "invalid") return;
        path.pop();
      }
    }
  }

  /** A quorum found it valid: it is this node that is wrong, and it cannot go on until it is mended. */
  #differs(digest: Digest, reason: string): void {
    this.#options.log.error(
      "a block that a quorum of seats vouches for is invalid here: this node's state differs from its network's. Keep keys and guard, move the database and its sentinel away, and let the node synchronise again; and tell its makers",
      { block: keyOf(digest).slice(0, 12), reason },
    );
  }

  /** L-2: waits until a time, or until a certificate makes the time not matter. */
  #until(atMs: number, want: Want): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.at(atMs, resolve);
      want.wake = () => {
        if (!want.notarized && !want.gone) return;
        cancel();
        resolve();
      };
    });
  }

  async #body(digest: Digest, want: Want, certified: boolean): Promise<Bytes | undefined> {
    const stored = this.bytes(digest);
    if (stored !== undefined) return stored;
    const { transport } = this.#options;
    const tried = new Set<string>();
    for (const account of [...want.sources, ...transport.peers()]) {
      if (tried.has(keyOf(account)) || this.#options.stopped.aborted) continue;
      tried.add(keyOf(account));
      await this.#fetch(account, digest, certified);
      const bytes = this.bytes(digest);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  /** L-9: no fault of theirs; others may keep more. Said to the operator, a minute apart at least. */
  #pruned(keptFrom: number): void {
    const { clock, log, application } = this.#options;
    this.#peersKeepFrom = keptFrom;
    if (clock.nowMs() < this.#saidMs + prunedSaidMs) return;
    this.#saidMs = clock.nowMs();
    log.warn(
      "a peer has let go of blocks that this node needs; if no other keeps them (node.archive), it can only join by state (node.sync, node.checkpoint; docs/OPERATING.md)",
      { neededFrom: application.tip().facts.height + 1, keptFrom },
    );
  }

  /**
   * Asks one account for a body and its ancestors; keeps those that are an unbroken line down from `digest`. Of what no quorum
   * vouches for, the body alone: its maker can make up a line.
   */
  async #fetch(account: AccountId, digest: Digest, certified: boolean): Promise<void> {
    const { application, clock, transport, stopped, log } = this.#options;
    const knownHeight = application.tip().facts.height;
    const countMax = certified ? limits.bodiesMax : 1;
    const request = bodyRequestCodec.encode({ digest, knownHeight, countMax });
    const received: Bytes[] = [];
    let next: Digest = digest;
    try {
      await withDeadline(clock, { ms: limits.requestTimeoutMs, parent: stopped }, async (signal) => {
        let count = 0;
        for await (const bytes of transport.request(account, driverProtocols.bodies, request, signal)) {
          const keptFrom = prunedBelow(bytes);
          if (keptFrom !== undefined) return this.#pruned(keptFrom);
          const facts = application.inspect(bytes);
          if (facts === undefined || !equalBytes(facts.digest, next) || ++count > countMax)
            return this.#options.onPeerFault(account, "body-wrong");
          received.push(bytes);
          next = facts.parent;
        }
      });
    } catch (error) {
      log.debug("a body could not be fetched", { error: String(error) });
    }
    for (const bytes of received) {
      const facts = application.inspect(bytes);
      if (facts !== undefined) await this.keep(facts.digest, bytes, certified);
    }
  }
}
