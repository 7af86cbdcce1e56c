// Every stream protocol, with what one peer may ask of it: the table that docs/NETWORK.md prints. What is not named here gets
// the limits of `otherMessages` and `otherRequests`, so that a new protocol is bounded before anyone has thought of it.
import { type NetworkId, toHex } from "../primitives/index.ts";

/** A message; a question is far shorter (see below). */
export const frameBytesMax = 2 << 20;
/** A chunk of an answer: a chunk of state with the longest record there can be. */
export const chunkBytesMax = 6 << 20;
/** Bytes that an answer may be ahead of its reader: what a slow reader can make us hold, and what a long path needs. */
export const windowBytes = 4 << 20;

export interface RequestLimits {
  /** The longest question. */
  readonly questionBytesMax: number;
  /** Questions of one peer that are answered at once, and of all peers. */
  readonly perPeerMax: number;
  readonly totalMax: number;
  /** Questions of one peer a second over time, and how many it may save up. */
  readonly perSecond: number;
  readonly burst: number;
  /** Whoever asks is lent each chunk of the answer until the next: no memory is taken for each, and none may be kept. */
  readonly chunksLent: boolean;
}

const otherRequests: RequestLimits = {
  questionBytesMax: 64 << 10,
  perPeerMax: 16,
  totalMax: 128,
  perSecond: 20,
  burst: 100,
  chunksLent: false,
};

const requestLimits: Readonly<Record<string, Partial<RequestLimits>>> = {
  "asset-records": { questionBytesMax: 64 },
  blocks: { questionBytesMax: 64, perPeerMax: 2, totalMax: 16, perSecond: 4, burst: 32 },
  certificates: { questionBytesMax: 64, perPeerMax: 2, totalMax: 16, perSecond: 4, burst: 32 },
  "state-chunks": { questionBytesMax: 64, perPeerMax: 2, totalMax: 8, perSecond: 8, burst: 64 },
  "term-proof": { questionBytesMax: 64, perPeerMax: 1, totalMax: 8, perSecond: 0.5, burst: 8 },
  // As many ids as are asked for at once.
  "public-keys": { questionBytesMax: 16 << 10, perPeerMax: 2, totalMax: 8, perSecond: 64, burst: 512 },
  postings: { questionBytesMax: 64, perPeerMax: 1, totalMax: 8, perSecond: 4, burst: 32 },
  transcript: { questionBytesMax: 128, perPeerMax: 4, totalMax: 32 },
  // Four pieces of 256 KiB with their paths.
  "blob-put": { questionBytesMax: (1 << 20) + (16 << 10), perPeerMax: 4, totalMax: 16, perSecond: 200, burst: 400 },
  "blob-get": { questionBytesMax: 128, perPeerMax: 4, totalMax: 32 },
  audit: { questionBytesMax: 8 << 10, perPeerMax: 8, totalMax: 32, chunksLent: true },
};

export const requestLimitsOf = (protocol: string): RequestLimits => ({ ...otherRequests, ...requestLimits[protocol] });

/** One-way messages: frames of one peer a second over time, and how many it may save up. */
export const messageLimits = { perSecond: 500, burst: 5_000, queuedPerPeerMax: 256 } as const;

const shortId = (networkId: NetworkId): string => toHex(networkId.subarray(0, 8));

/** The libp2p id of a stream protocol, or the name of a topic: nodes of another network never share one. */
export const protocolName = (networkId: NetworkId, protocol: string): string =>
  `/fairmesh/${shortId(networkId)}/${protocol}/1`;
