// Named misbehaviours of a seat (at most f have one): each wraps the transport of a node that otherwise runs our own code, so
// that it stays in the middle of things. They sign with their own key only and never forge anyone else's signature.

import type { Signer, Transport } from "../../src/ports/index.ts";
import { type AccountId, type Bytes, concatBytes, digest, keyOf, type NetworkId } from "../../src/primitives/index.ts";
import { driverProtocols } from "../../src/runtime/driver/index.ts";
import {
  type Certificate,
  type ConsensusMessage,
  decodeConsensusMessage,
  encodeConsensusMessage,
  proposalStatementCodec,
  type Statement,
  signingRoot,
  statementRoot,
  statusCodec,
  type Vote,
  voteKinds,
} from "../../src/schema/index.ts";
import type { SeededRandom } from "../environment/index.ts";
import type { Behaviour } from "../scenario.ts";

export interface Misbehaving {
  readonly signer: Signer;
  readonly networkId: NetworkId;
  readonly random: SeededRandom;
  readonly seat: (term: number) => number | undefined;
  /** Faults are over. */
  readonly healed: () => boolean;
}

/** With what it heard from others, where it listens for that. */
type Listening = Misbehaving & { readonly heard: readonly Bytes[] };

/** What goes out instead of one frame to one account. */
type Tamper = (message: ConsensusMessage, to: AccountId, frame: Bytes) => Promise<readonly Bytes[]> | readonly Bytes[];

const remembered = 256;

export function misbehave(behaviour: Behaviour, who: Misbehaving): (transport: Transport) => Transport {
  const heard: Bytes[] = [];
  const tamper = tampers[behaviour]({ ...who, heard });
  const mute = (): boolean => behaviour === "silent" || (behaviour === "fader" && who.healed());
  return (transport) => ({
    ...transport,
    async send(to, protocol, bytes, signal) {
      const decoded = protocol === driverProtocols.messages ? decodeConsensusMessage(bytes) : undefined;
      if (decoded?.ok !== true) return transport.send(to, protocol, bytes, signal);
      for (const frame of await tamper(decoded.value, to, bytes)) await transport.send(to, protocol, frame, signal);
    },
    onMessage: (protocol, handle) =>
      transport.onMessage(protocol, async (bytes, from) => {
        if (behaviour === "replayer") remember(heard, bytes, who.random);
        if (!isOwn(bytes, from, who)) await handle(bytes, from);
      }),
    onRequest: (protocol, handle) =>
      transport.onRequest(protocol, async function* (bytes, from, signal) {
        if (!mute()) yield* handle(bytes, from, signal);
      }),
    request: (to, protocol, bytes, signal) =>
      protocol === driverProtocols.status
        ? withoutOwn(transport.request(to, protocol, behaviour === "liar" ? lie(bytes) : bytes, signal), who)
        : transport.request(to, protocol, bytes, signal),
  });
}

/** A twin does not look at what the other twin said: it would notice, and stop voting (S-14). What it sees in certificates
 * all the same only stops it until the world starts it again. */
const isOwn = (_bytes: Bytes, from: AccountId, who: Misbehaving): boolean =>
  keyOf(from) === keyOf(who.signer.accountId);

/** Keeps a frame, and forgets any one when there are too many: some stay for long. */
function remember(frames: Bytes[], frame: Bytes, random: SeededRandom): void {
  frames.push(frame);
  if (frames.length > remembered) frames.splice(random.below(frames.length), 1);
}

async function* withoutOwn(frames: AsyncIterable<Bytes>, who: Misbehaving): AsyncIterable<Bytes> {
  for await (const frame of frames) {
    const decoded = decodeConsensusMessage(frame);
    // Votes among the answers to a status are the asker's own.
    if (decoded.ok && decoded.value.kind === "vote") continue;
    if (decoded.ok && decoded.value.kind === "proposal") {
      const { seat, statement } = decoded.value.proposal;
      if (seat === who.seat(statement.term)) continue;
    }
    yield frame;
  }
}

function lie(bytes: Bytes): Bytes {
  const status = statusCodec.decode(bytes);
  return status.ok
    ? statusCodec.encode({ ...status.value, finalizedHeight: 1_000_000, view: status.value.view + 1000 })
    : bytes;
}

const sideOf = (to: AccountId): number => (to[0] as number) % 2;

async function signedVote(who: Misbehaving, statement: Statement, seat: number): Promise<Bytes> {
  const root = signingRoot(statementRoot(statement), who.networkId, "vote");
  const vote: Vote = { statement, seat, signature: await who.signer.sign(root, "vote") };
  return encodeConsensusMessage({ kind: "vote", vote });
}

const otherDigest = (bytes: Bytes): Statement["digest"] => digest(bytes.map((byte) => byte ^ 0xff));

const tampers: Readonly<Record<Behaviour, (who: Listening) => Tamper>> = {
  /** Two nodes with one key; the network takes its messages to both. Each is our own code. */
  twin: () => (_message, _to, frame) => [frame],
  /** Tells one half of the seats one thing and the other half another. */
  equivocator: (who) => async (message, to, frame) => {
    if (sideOf(to) === 0) return [frame];
    if (message.kind === "vote" && message.vote.statement.kind !== voteKinds.indexOf("nullify")) {
      const statement = { ...message.vote.statement, digest: otherDigest(message.vote.statement.digest) };
      return [await signedVote(who, statement, message.vote.seat)];
    }
    if (message.kind === "proposal") {
      const statement = { ...message.proposal.statement, digest: otherDigest(message.proposal.statement.digest) };
      const root = signingRoot(proposalStatementCodec.root(statement), who.networkId, "propose");
      const proposal = { ...message.proposal, statement, signature: await who.signer.sign(root, "propose") };
      return [encodeConsensusMessage({ kind: "proposal", proposal, body: message.body })];
    }
    return [frame];
  },
  /** Nullifies and finalizes every view that it votes in. */
  nuller: (who) => async (message, _to, frame) => {
    if (message.kind !== "vote") return [frame];
    const { statement, seat } = message.vote;
    const nullify = { ...statement, kind: voteKinds.indexOf("nullify"), digest: digest(new Uint8Array(32)) };
    const finalize = { ...statement, kind: voteKinds.indexOf("finalize") };
    const more = statement.kind === nullify.kind ? [] : [await signedVote(who, finalize, seat)];
    return [frame, await signedVote(who, nullify, seat), ...more];
  },
  /** Speaks to one half only, and to the other half now and then. */
  withholder: (who) => (_message, to, frame) => (sideOf(to) === 0 || who.random.chance(100_000) ? [frame] : []),
  /** Helps one other at a time, so that only that one has a quorum; and says nothing any more once all the others heal. */
  fader: (who) => {
    let helped = { view: 0, to: 0 };
    return (message, to, frame) => {
      if (who.healed()) return [];
      if (message.kind === "proposal") return [frame];
      const { view } = message.kind === "vote" ? message.vote.statement : message.certificate.statement;
      if (view !== helped.view) helped = { view, to: to[0] as number };
      return to[0] === helped.to ? [frame] : [];
    };
  },
  silent: () => () => [],
  /** Says old things again, its own and what it heard from others: of earlier views and earlier terms. */
  replayer: (who) => {
    const old: Bytes[] = [];
    return (_message, _to, frame) => {
      remember(old, frame, who.random);
      return [frame, who.random.pick(old), ...(who.heard.length === 0 ? [] : [who.random.pick(who.heard)])];
    };
  },
  /** Damages certificates and frames, and makes certificates with its own signature alone. */
  corrupter: (who) => async (message, _to, frame) => {
    if (message.kind === "certificate") {
      const certificates = [damaged(message.certificate, who.random), await lonely(who, message.certificate)];
      return [
        ...certificates.map((certificate) => encodeConsensusMessage({ kind: "certificate", certificate })),
        frame,
      ];
    }
    const flipped = frame.slice();
    const at = who.random.below(flipped.length);
    flipped[at] = (flipped[at] as number) ^ (1 << who.random.below(8));
    return [flipped, frame.subarray(0, who.random.below(frame.length)), concatBytes(frame, Uint8Array.of(0)), frame];
  },
  /** Claims heights and views that nobody has reached (see `lie`); its messages are as they should be. */
  liar: () => (_message, _to, frame) => [frame],
};

/** What the certificate does not say, signed by one seat. */
async function lonely(who: Misbehaving, { statement, signers }: Certificate): Promise<Certificate> {
  const isNullify = statement.kind === voteKinds.indexOf("nullify");
  const other = isNullify
    ? { ...statement, kind: voteKinds.indexOf("finalize"), digest: otherDigest(statement.digest) }
    : { ...statement, kind: voteKinds.indexOf("nullify"), digest: digest(new Uint8Array(32)) };
  const seat = who.seat(statement.term) ?? 0;
  const alone = new Uint8Array(signers.length);
  alone[seat >> 3] = 1 << (seat & 7);
  const root = signingRoot(statementRoot(other), who.networkId, "vote");
  return { statement: other, signers: alone, signatures: [await who.signer.sign(root, "vote")] };
}

/** A certificate that no correct seat made: of another block, view or kind, with repeated or missing signatures. */
function damaged(certificate: Certificate, random: SeededRandom): Certificate {
  const { statement, signers, signatures } = certificate;
  switch (random.below(6)) {
    case 0:
      return { ...certificate, statement: { ...statement, digest: otherDigest(statement.digest) } };
    case 1:
      return { ...certificate, statement: { ...statement, view: statement.view + 1 } };
    case 2:
      return { ...certificate, statement: { ...statement, kind: (statement.kind + 1) % 3 } };
    case 3:
      return { ...certificate, signatures: signatures.map(() => signatures[0] as Bytes) };
    case 4:
      return { ...certificate, signers: signers.map((byte) => byte | 0x80) };
    default:
      return { ...certificate, signers: new Uint8Array(signers.length).fill(1), signatures: signatures.slice(0, 1) };
  }
}
