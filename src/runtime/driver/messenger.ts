// What the core wants said and asked, as frames to accounts (S-8). Called after everything durable is durable.
import type { Effect, State } from "../../consensus/index.ts";
import type { Clock, Log, Random, Transport } from "../../ports/index.ts";
import { type Certificate, encodeConsensusMessage } from "../../schema/index.ts";
import type { Blocks } from "./blocks.ts";
import type { Inquiry } from "./inquiry.ts";
import { Outbox } from "./outbox.ts";
import { framed } from "./serve.ts";

type Send = Extract<Effect, { kind: "send" }>;
type Ask = Extract<Effect, { kind: "ask" }>;

/** Peers that a node without a seat asks at a time. */
const askedAtOnce = 2;

export interface MessengerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly stopped: AbortSignal;
  readonly blocks: Blocks;
  readonly inquiry: Inquiry;
}

export class Messenger {
  readonly #options: MessengerOptions;
  readonly #outbox: Outbox;
  /** The last view, of this term, whose proposal went out with its block's bytes. */
  #bodySentIn = 0;

  constructor(options: MessengerOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options);
  }

  beginTerm(): void {
    this.#bodySentIn = 0;
  }

  send({ committee, seat }: State, { to, message }: Send): void {
    const seats = to === "all" ? committee.seats.map((_, index) => index) : to;
    const frame = this.#frame(message);
    for (const index of seats) {
      const account = committee.seats[index]?.operator;
      if (index !== seat && account !== undefined) this.#outbox.send(account, frame);
    }
  }

  ask({ committee }: State, to: Ask["to"]): void {
    const { transport, random, inquiry } = this.#options;
    if (to !== "anyone") {
      for (const index of to) {
        const account = committee.seats[index]?.operator;
        if (account !== undefined) inquiry.ask(account);
      }
      return;
    }
    const peers = transport.peers();
    for (let i = 0; i < Math.min(askedAtOnce, peers.length); i++) {
      const peer = peers[random.below(peers.length)];
      if (peer !== undefined) inquiry.ask(peer);
    }
  }

  /** Tells those who only follow that something is final. */
  publishHead(finalization: Certificate): void {
    const { transport, log } = this.#options;
    const frame = encodeConsensusMessage({ kind: "certificate", certificate: finalization });
    transport.publish("heads", frame).catch((error: unknown) => {
      log.debug("a head was not published", { error: String(error) });
    });
  }

  /** A proposal goes out with its block the first time; later whoever lacks the block asks for it. */
  #frame(message: Send["message"]): Uint8Array {
    if (message.kind !== "proposal") return encodeConsensusMessage(message);
    const { view, digest } = message.proposal.statement;
    const withBody = view > this.#bodySentIn;
    this.#bodySentIn = Math.max(view, this.#bodySentIn);
    const body = withBody ? this.#options.blocks.bytes(digest) : undefined;
    return encodeConsensusMessage(body === undefined ? framed(message) : { ...message, body });
  }
}
