// The state after a term's last block whose header is proved already (L-6): in chunks that lie on the disk as they come, from one
// peer after another, believed only when the whole has the header's root. A peer that breaks off is followed by the next where
// it ended. When the root is wrong and several gave chunks, nobody can be named: then each is asked alone, and the liar is.
import { createStateImport, type LedgerState, type StateImport, type StateStreamFault } from "../../ledger/index.ts";
import { type AccountId, type Bytes, err, FairmeshError, keyOf } from "../../primitives/index.ts";
import { type Header, stateChunksRequestCodec } from "../../schema/index.ts";
import { type AskingParts, asked } from "./asking.ts";
import { fetchLimits, fetchProtocols } from "./fetch-protocols.ts";
import type { StateSnapshots } from "./state-snapshots.ts";

export interface WantedState {
  readonly peers: readonly AccountId[];
  /** Proved to be final; its `stateRoot` is what the chunks have to come to. */
  readonly header: Header;
  readonly snapshots: StateSnapshots;
  readonly onChunk?: (bytes: number) => void;
}

/** What has come of a state so far, and from whom. */
interface Progress {
  stream: StateImport;
  next: number;
  bytes: number;
  readonly givers: Set<string>;
}

/** A peer that gives less after so long is passed over, even when each of its answers ends in time. */
const slowAfterMs = 16_000;
const slowBytesPerSecond = 32 << 10;

const begin = (): Progress => ({ stream: createStateImport(), next: 0, bytes: 0, givers: new Set() });

/** Takes a chunk; what is wrong with it. */
function take(progress: Progress, chunk: Bytes): StateStreamFault | undefined {
  progress.bytes += chunk.length;
  if (progress.bytes > fetchLimits.wholeStateBytesMax) return "stream-ended";
  const fault = progress.stream.add(chunk);
  if (fault === undefined) progress.next += 1;
  return fault;
}

/** What an earlier attempt left on the disk. */
async function resumed({ header, snapshots }: WantedState): Promise<Progress> {
  const progress = begin();
  for (const chunk of snapshots.staged(header.height)) {
    progress.givers.add("disk");
    if (take(progress, chunk) === undefined) continue;
    await snapshots.drop(header.height);
    return begin();
  }
  return progress;
}

/** Reads on from one peer until it has no more; a fault, or undefined when it only ended. */
async function readOn(
  parts: AskingParts,
  { wanted, progress, from }: { readonly wanted: WantedState; readonly progress: Progress; readonly from: AccountId },
  signal: AbortSignal,
): Promise<StateStreamFault | undefined> {
  const { header, snapshots, onChunk } = wanted;
  const { clock, onSlow } = parts;
  const [startMs, startBytes] = [clock.nowMs(), progress.bytes];
  for (let before = -1; before !== progress.next; ) {
    before = progress.next;
    const ms = clock.nowMs() - startMs;
    if (ms >= slowAfterMs && (progress.bytes - startBytes) * 1000 < slowBytesPerSecond * ms) {
      onSlow(from);
      return undefined;
    }
    const question = stateChunksRequestCodec.encode({ height: header.height, fromIndex: progress.next });
    const chunks = asked(parts, { from, protocol: fetchProtocols.stateChunks, question }, signal);
    for await (const chunk of chunks) {
      progress.givers.add(keyOf(from));
      const index = progress.next;
      const fault = take(progress, chunk);
      if (fault !== undefined) return fault;
      await snapshots.stage(header.height, index, chunk);
      onChunk?.(chunk.length);
    }
  }
  return undefined;
}

/** What an attempt came to. `mixed`: the chunks of several do not fit together, and nobody can be named. */
type Attempt = { readonly state: LedgerState } | "cut" | "mixed";

/** Asks one peer after another to go on with what is here, or each for all of it. */
async function attempt(
  parts: AskingParts,
  { wanted, alone }: { readonly wanted: WantedState; readonly alone: boolean },
  signal: AbortSignal,
): Promise<Attempt> {
  const { header, peers, snapshots } = wanted;
  let progress = await resumed(wanted);
  for (const from of peers) {
    if (alone) {
      await snapshots.drop(header.height);
      progress = begin();
    }
    const fault = await readOn(parts, { wanted, progress, from }, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof FairmeshError)) throw error;
      return undefined;
    });
    const whole = fault === undefined ? progress.stream.finish(header.stateRoot) : err(fault);
    if (whole.ok) {
      await snapshots.complete(header.height, progress.next);
      return { state: whole.value };
    }
    if (whole.error === "stream-cut") continue;
    const only = progress.givers.size === 1 && progress.givers.has(keyOf(from));
    if (only) parts.onLie(from, `a state: ${whole.error}`);
    await snapshots.drop(header.height);
    if (!only) return "mixed";
    progress = begin();
  }
  return "cut";
}

/**
 * The state of `header`, which `snapshots` holds whole from then on. Those that lied are reported. Rejects with `STATE_MISSING`
 * when none of the peers gives it; what came stays on the disk for the next time.
 */
export async function fetchState(parts: AskingParts, wanted: WantedState, signal: AbortSignal): Promise<LedgerState> {
  let tried = await attempt(parts, { wanted, alone: false }, signal);
  if (tried === "mixed") tried = await attempt(parts, { wanted, alone: true }, signal);
  if (typeof tried === "object") return tried.state;
  const { peers, header } = wanted;
  throw new FairmeshError(
    "STATE_MISSING",
    `none of ${peers.length} peers gives the state after block ${header.height}`,
  );
}
