// Answers to peers (S-3, S-8): what a status lacks, the end of an earlier term, bodies with their ancestors.
// Everything served was public before; answers are bounded, and whoever needs more asks again.
import { answerTo, type Message, type State, seatOf } from "../../consensus/index.ts";
import type { Application } from "../../ports/index.ts";
import type { AccountId, Bytes } from "../../primitives/index.ts";
import {
  bodyRequestCodec,
  type Certificate,
  type ConsensusMessage,
  encodeConsensusMessage,
  encodePruned,
  statusCodec,
} from "../../schema/index.ts";
import type { Blocks } from "./blocks.ts";
import { limits } from "./wire.ts";

export interface ServeOptions {
  readonly application: Application;
  readonly blocks: Blocks;
  readonly state: () => State;
  readonly termEnd: (term: number) => Certificate | undefined;
  readonly onAhead: (from: AccountId) => void;
  readonly onPeerFault: (from: AccountId, code: string) => void;
}

/** Frames for whoever told us its status. Nothing when the bytes are no status, or it is ahead of us. */
export async function* serveStatus(options: ServeOptions, bytes: Bytes, from: AccountId): AsyncIterable<Bytes> {
  const status = statusCodec.decode(bytes);
  if (!status.ok) {
    options.onPeerFault(from, status.error.code);
    return;
  }
  const state = options.state();
  const { term } = state.committee;
  if (status.value.term > term) {
    options.onAhead(from);
    return;
  }
  if (status.value.term < term) {
    const certificate = options.termEnd(status.value.term);
    if (certificate !== undefined) yield encodeConsensusMessage({ kind: "certificate", certificate });
    return;
  }
  let bytesSent = 0;
  for (const message of answerTo(state, status.value, seatOf(state.committee, from))) {
    const frame = encodeConsensusMessage(framed(message));
    bytesSent += frame.length;
    if (bytesSent > limits.answerBytesMax) return;
    yield frame;
  }
}

/** A message as it goes out without a block's bytes: whoever lacks them asks for the body. */
export const framed = (message: Message): ConsensusMessage =>
  message.kind === "proposal" ? { ...message, body: new Uint8Array() } : message;

/** Bodies from the one asked for down, one a chunk, while they are here and above what the asker has. */
export async function* serveBodies(options: ServeOptions, bytes: Bytes, from: AccountId): AsyncIterable<Bytes> {
  const request = bodyRequestCodec.decode(bytes);
  if (!request.ok) {
    options.onPeerFault(from, request.error.code);
    return;
  }
  let { digest } = request.value;
  const countMax = Math.min(request.value.countMax, limits.bodiesMax);
  let bytesSent = 0;
  for (let count = 0; count < countMax; count++) {
    const body = options.blocks.bytes(digest);
    if (body === undefined) {
      // L-9: what the asker needs next was let go here; no reason to ask us again.
      if (request.value.knownHeight + 1 < options.application.bodiesFrom())
        yield encodePruned(options.application.bodiesFrom());
      return;
    }
    bytesSent += body.length;
    if (bytesSent > limits.bodiesBytesMax && count > 0) return;
    yield body;
    const facts = options.application.inspect(body);
    if (facts === undefined || facts.height - 1 <= request.value.knownHeight) return;
    digest = facts.parent;
  }
}
