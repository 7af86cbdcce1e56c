// Names and limits of the driver on the network and in the store, in one place for whoever lists them (docs/LIMITS.md).

/** Protocol names of direct streams (S-8). */
export const driverProtocols = {
  /** One-way frames: votes, certificates, proposals. */
  messages: "consensus",
  /** A status is asked, frames that the asker lacks are the answer. */
  status: "consensus-status",
  /** A body request is asked, bodies are the answer, one a chunk, newest first. */
  bodies: "bodies",
} as const;

/** Spaces of the store that the driver alone writes. All keys are big-endian, so that a term's rows lie together. */
export const driverSpaces = {
  /** term, view, kind -> statement that this node bound itself to (S-14) */
  locks: "consensus-locks",
  /** term, view, kind -> own signed vote or proposal */
  signed: "consensus-signed",
  /** term, view, kind -> certificate above the floor */
  certificates: "consensus-certificates",
  /** term -> Finalization of its last block (L-9) */
  termEnds: "consensus-term-ends",
  /** digest -> bytes of a block that is not final yet */
  bodies: "consensus-bodies",
} as const;

export const limits = {
  /** Verified inputs waiting for the core. At the limit votes are dropped, and come again by resending. */
  queueMax: 4096,
  /** Messages of one account that are being verified at a time. */
  verifyingPerAccountMax: 128,
  /** Frames of the next term kept until it begins, and their bytes. */
  earlyFramesMax: 1024,
  earlyBytesMax: 8 << 20,
  /** Frames waiting to go to one account, and their bytes; the oldest go first when there are more. */
  outboxFramesMax: 512,
  outboxBytesMax: 8 << 20,
  /** A frame that is gossiped when its seat cannot be reached: a vote, or a proposal without its block. */
  gossipedFrameBytesMax: 8 << 10,
  /** One answer to a status. */
  answerBytesMax: 4 << 20,
  /** One answer to a body request. */
  bodiesMax: 32,
  bodiesBytesMax: 4 << 20,
  /** Ancestors that are walked back to reach a block that is known here. */
  ancestorsMax: 65_536,
  /** Heights above the last final one of which a block without a certificate is kept: as many as views that can be open. */
  heightsAheadMax: 4096,
  /** Rows of a term that are read back after a restart, a space. */
  recoveredRowsMax: 1 << 20,
  requestTimeoutMs: 10_000,
} as const;
