// Joins by state (S-11, L-6, L-9): a node that is terms behind finds the newest term's end that its peers prove to it, fetches the
// state there with what belongs to it, and adopts it; from there it follows by blocks like everyone. Runs before consensus
// begins. What it cannot join by, it says, with what to do; then it goes by blocks, except when its operator pinned a block
// and it has nothing yet: then only what that block vouches for is taken.
import { blockTime, readRecord } from "../../ledger/index.ts";
import { type AccountId, type Bytes, type Digest, equalBytes, FairmeshError, keyOf } from "../../primitives/index.ts";
import { blockDigest, committeeCodec, numberKey, tables } from "../../schema/index.ts";
import { fetchBlocks, fetchKeys, fetchPostings, fetchState, fetchTermProof, type ProvedTerm } from "../fetch/index.ts";
import type { JoinParts, JoinStatus, JoinStep } from "./join-options.ts";
import { type TrustStart, trustStarts } from "./trust-starts.ts";

/** Nearer than so many terms a node goes by blocks: that costs little, and needs no trust in an anchor's age. */
export const joinTermsBehind = 2;
const peersAskedMax = 16;
/** Until a peer is there; after the first, others have a moment, so that one alone does not say what is newest. */
const searchMs = 10_000;
const othersMs = 2_000;
const othersEnough = 4;
const pollMs = 250;
const roundsMax = 6;
const betweenRoundsMs = 5_000;

interface Found extends ProvedTerm {
  readonly from: AccountId;
}

export class StateJoin {
  readonly #parts: JoinParts;
  #step: JoinStep | undefined;
  #height: number | undefined;
  #bytes = 0;

  /** Who lied in this join is not asked again. */
  readonly #liars = new Set<string>();

  constructor(parts: JoinParts) {
    const onLie = (from: AccountId, detail: string): void => {
      this.#liars.add(keyOf(from));
      parts.onLie(from, detail);
    };
    this.#parts = { ...parts, onLie };
  }

  /** Undefined when no join is under way. */
  status(): JoinStatus | undefined {
    return this.#step === undefined ? undefined : { step: this.#step, height: this.#height, bytes: this.#bytes };
  }

  /** Whether this node's last block is so old that its network may be terms ahead; only its own clock says so. */
  due(): boolean {
    const { application, clock } = this.#parts;
    const { termEpochs, epochBlocks, blockIntervalMs } = application.parameters;
    const behindMs = clock.nowMs() - application.queries.head().header.timestampMs;
    return behindMs > joinTermsBehind * termEpochs * epochBlocks * blockIntervalMs;
  }

  /** Settles when consensus may begin: from an adopted state, or from where the node was. Rejects when the disk fails. */
  async run(signal: AbortSignal): Promise<void> {
    const joining = this.#parts.metrics.gauge("fairmesh_sync_joining", { help: "1 while this node joins by state." });
    joining.set(1);
    try {
      await this.#rounds(signal);
    } finally {
      this.#step = undefined;
      joining.set(0);
    }
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    const { application, checkpoint, clock, log } = this.#parts;
    const bound = checkpoint !== undefined && application.tip().facts.height === 0;
    for (let round = 1; bound || round <= roundsMax; round++) {
      if (round > 1) await clock.sleep(betweenRoundsMs, signal);
      this.#enter("searching", undefined);
      const starts = this.#starts(bound);
      if (starts.length === 0) return;
      const peers = await this.#peers(round, signal);
      const found = await this.#newest(starts, peers, signal);
      if (found !== undefined) {
        if (await this.#join(found, peers, signal)) return;
      } else if (!bound) return;
      else
        log.warn(
          "no peer proves a term's end from the pinned checkpoint; asking again. If it is older than the trusting period, pin a newer one",
          { peers: peers.length },
        );
    }
    log.warn("this node could not join by state; it goes on by blocks");
  }

  /** Whoever is connected, after a while in which they may become more; when there are many, others each round. */
  async #peers(round: number, signal: AbortSignal): Promise<readonly AccountId[]> {
    const { clock, transport } = this.#parts;
    const turn = (all: readonly AccountId[]): readonly AccountId[] => {
      const from = ((round - 1) * peersAskedMax) % Math.max(1, all.length);
      return [...all.slice(from), ...all.slice(0, from)].slice(0, peersAskedMax);
    };
    const startMs = clock.nowMs();
    for (let firstMs: number | undefined; ; ) {
      const peers = transport.peers().filter((peer) => !this.#liars.has(keyOf(peer)));
      const nowMs = clock.nowMs();
      if (peers.length > 0) firstMs ??= nowMs;
      if (peers.length >= othersEnough || nowMs - startMs >= searchMs) return turn(peers);
      if (firstMs !== undefined && nowMs - firstMs >= othersMs) return turn(peers);
      await clock.sleep(pollMs, signal);
    }
  }

  /** `bound`: nothing but the pinned block counts. */
  #starts(bound: boolean): readonly TrustStart[] {
    const { application, genesis, checkpoint, clock, log } = this.#parts;
    const all = trustStarts(application, { genesis, checkpoint, nowMs: clock.nowMs() });
    const starts = bound ? all.filter(({ name }) => name === "checkpoint") : all;
    if (starts.length === 0) {
      log.warn(
        "this node cannot join by state: genesis and its own last term are older than the trusting period. It goes by blocks, which needs a peer that keeps them all; or pin a checkpoint: `fairmesh status` of a node that you trust shows one, set it as node.checkpoint",
        { trustingEpochs: application.parameters.trustingEpochs },
      );
    }
    return starts;
  }

  /** The newest term's end that is proved from any place where our trust can begin, and worth joining at. */
  async #newest(
    starts: readonly TrustStart[],
    peers: readonly AccountId[],
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    for (const start of starts) {
      const asked = await Promise.all(peers.map((from) => this.#proved(from, start.checkpoint, signal)));
      const found = asked
        .flatMap((one) => one ?? [])
        .reduce<Found | undefined>((a, b) => (a === undefined || b.header.height > a.header.height ? b : a), undefined);
      if (found !== undefined && this.#isAhead(found)) return found;
    }
    return undefined;
  }

  #isAhead({ header }: Found): boolean {
    const own = this.#parts.application.tip().facts.height;
    const term = own === 0 ? 0 : blockTime(own, this.#parts.application.parameters).term;
    return header.term + 1 - term >= joinTermsBehind;
  }

  async #proved(from: AccountId, checkpoint: Digest | undefined, signal: AbortSignal): Promise<Found | undefined> {
    const { application, genesis, verifier, log } = this.#parts;
    const trust = { genesis, parameters: application.parameters, verifier, checkpoint };
    try {
      const proved = await fetchTermProof(this.#parts, { from, trust }, signal);
      return proved === undefined ? undefined : { ...proved, from };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FairmeshError)) throw error;
      if (error.code === "CHECKPOINT_OLD") log.warn(error.message);
      else log.debug("a peer proved no term's end", { error: error.message });
      return undefined;
    }
  }

  /** False when the peers do not have all of it: a newer end may be proved meanwhile. */
  async #join(found: Found, peers: readonly AccountId[], signal: AbortSignal): Promise<boolean> {
    const { application, snapshots, alongside, log, metrics } = this.#parts;
    const { header, chain } = found;
    const { height, term } = header;
    log.info("joining by state", { height, term, time: new Date(header.timestampMs).toISOString() });
    const fetched = metrics.counter("fairmesh_sync_state_bytes_total", { help: "Bytes of states fetched from peers." });
    // Who proved it has it.
    const asked = [found.from, ...peers.filter((peer) => !equalBytes(peer, found.from))];
    try {
      this.#enter("state", height);
      const onChunk = (bytes: number): void => {
        this.#bytes += bytes;
        fetched.add(bytes);
      };
      const state = await fetchState(this.#parts, { peers: asked, header, snapshots, onChunk }, signal);
      const last = chain.handOvers.at(-1)?.committee ?? chain.committee;
      const named = readRecord(state, tables.committees, numberKey(term));
      if (named === undefined || !equalBytes(named.root, committeeCodec.root(last))) {
        this.#parts.onLie(found.from, "a committee that the state does not name");
        return false;
      }
      this.#enter("keys", height);
      const keep = (keys: readonly Bytes[]): Promise<void> => application.keepKeys(keys);
      await fetchKeys(this.#parts, { peers: asked, ids: application.missingKeys(state), keep }, signal);
      this.#enter("postings", height);
      const { record, finalization } = chain.seal;
      const postings = await fetchPostings(this.#parts, { peers: asked, record }, signal);
      const bytes = await this.#block(found, asked, signal);
      this.#enter("adopting", height);
      await application.adopt(
        { header, bytes, finalization, state, postings, ...chain },
        await alongside(finalization),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FairmeshError) || error.code !== "STATE_MISSING") throw error;
      log.warn("a state could not be fetched whole; asking again", { height, error: error.message });
      return false;
    }
    log.info("joined by state; following by blocks from here", { height, term: term + 1, bytes: this.#bytes });
    return true;
  }

  async #block({ header }: Found, peers: readonly AccountId[], signal: AbortSignal): Promise<Bytes> {
    const { height } = header;
    for (const from of peers) {
      try {
        for await (const { block, bytes } of fetchBlocks(this.#parts, from, { fromHeight: height, count: 1 }, signal)) {
          const right = equalBytes(blockDigest(block.header), blockDigest(header));
          if (right && this.#parts.application.inspect(bytes) !== undefined) return bytes;
          this.#parts.onLie(from, "a block that is not the one that is final at its height");
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FairmeshError)) throw error;
      }
    }
    throw new FairmeshError("STATE_MISSING", `none of ${peers.length} peers gives block ${height}`);
  }

  #enter(step: JoinStep, height: number | undefined): void {
    this.#step = step;
    this.#height = height;
    if (step === "searching") this.#bytes = 0;
  }
}
