// The lifecycle behind createDriver: the current term's state, the queue of inputs, and carrying out effects in order.
// Numbered scenario of one vote: (1) step() takes the lock in memory and asks for a signature; (2) lock and certificates it
// relies on go into one synchronous batch, then into the guard; (3) it is signed; (4) the signature goes the same way;
// (5) it becomes the input `signed-vote`, whose `send` is the first that anyone else sees of it.
import {
  committeeOf,
  createState,
  type Effect,
  type Input,
  leaderOf,
  type State,
  seatOf,
  step,
} from "../../consensus/index.ts";
import { type AccountId, FairmeshError, InvariantError, keyOf, markVerified } from "../../primitives/index.ts";
import type { BlockFacts, Certificate } from "../../schema/index.ts";
import { Blocks } from "./blocks.ts";
import { driverStatus } from "./driver-status.ts";
import { type Event, isOfAnotherTerm } from "./event.ts";
import { type Admitted, Ingress } from "./ingress.ts";
import { Inquiry } from "./inquiry.ts";
import { Messenger } from "./messenger.ts";
import { asking, askingDeltas, reasonAfterTerm, reasonToObserve } from "./observing.ts";
import type { DriverOptions, DriverStatus } from "./options.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { ServeOptions } from "./serve.ts";
import { type Signing, signingWith } from "./signing.ts";
import { Timers } from "./timers.ts";
import { type Binding, VoteMemory } from "./vote-memory.ts";
import { limits } from "./wire.ts";

type Commit = Extract<Effect, { kind: "commit" }>;
export class DriverCore {
  readonly #options: DriverOptions;
  readonly #stopping = new AbortController();
  readonly #inputs: SerialQueue;
  readonly #applicationQueue: SerialQueue;
  readonly #timers: Timers;
  readonly #messenger: Messenger;
  readonly #signing: Signing;
  readonly #blocks: Blocks;
  readonly #inquiry: Inquiry;
  readonly #startedMs: number;
  readonly memory: VoteMemory;
  readonly ingress: Ingress;
  readonly serving: ServeOptions;
  #phase: DriverStatus["phase"] = "new";
  #state: State | undefined;
  /** Who answered in this term what it has of our own messages. */
  readonly #answered = new Set<string>();
  #tip: BlockFacts;

  constructor(options: DriverOptions) {
    this.#options = options;
    const { application, store, guard, transport, clock, log } = options;
    const stopped = this.#stopping.signal;
    const onFailure = (error: unknown): void => this.#fail(error);
    const state = (): State => this.#current();
    this.#startedMs = clock.nowMs();
    this.#tip = application.tip().facts;
    this.#inputs = new SerialQueue(limits.queueMax, onFailure);
    this.#applicationQueue = new SerialQueue(limits.queueMax, onFailure);
    this.#timers = new Timers(clock, (token) => this.#push({ kind: "timer", token }, "own"));
    this.memory = new VoteMemory(store, guard);
    this.#signing = signingWith(this.memory, options.signer, options.networkId);
    const onPeerFault = (from: AccountId, code: string): void => {
      this.#count("peer_faults_total", "Messages that no correct peer sends");
      options.onPeerFault?.(from, code);
    };
    this.#blocks = new Blocks({
      application,
      applicationQueue: this.#applicationQueue,
      store,
      transport,
      clock,
      log,
      stopped,
      onFailure,
      onPeerFault,
      report: (digest, outcome) => this.#push({ kind: "checked", digest, outcome }, "own"),
    });
    this.ingress = new Ingress({
      verifier: options.verifier,
      networkId: options.networkId,
      state,
      admit: (message) => this.#admit(message),
      onAhead: (from) => this.#inquiry.ask(from),
      onPeerFault,
      onDrop: () => this.#count("dropped_total", "Messages dropped at a limit"),
    });
    this.#inquiry = new Inquiry({
      transport,
      clock,
      log,
      stopped,
      state,
      receive: (bytes, from) => this.ingress.receive(bytes, from),
      onAnswer: (from, term) => this.#onAnswer(from, term),
    });
    this.#messenger = new Messenger({
      transport,
      clock,
      random: options.random,
      log,
      stopped,
      blocks: this.#blocks,
      inquiry: this.#inquiry,
    });
    const termEnd = (term: number): Certificate | undefined => this.memory.termEnd(term);
    this.serving = {
      application,
      blocks: this.#blocks,
      state,
      termEnd,
      onAhead: (from) => this.#inquiry.ask(from),
      onPeerFault,
    };
  }

  /** S-14: rebuilds the state of the current term from what was durable, and signs again what was locked only. */
  async recover(): Promise<void> {
    const { facts, finalization } = this.#options.application.tip();
    this.#tip = facts;
    await this.#blocks.load();
    const term = facts.lastOfTerm ? facts.term + 1 : facts.term;
    const view = facts.lastOfTerm ? 0 : (finalization?.statement.view ?? 0);
    await this.#enterTerm(term, { view, facts, finalization }, asking);
  }

  /** Takes the first input. Handlers of the transport are in place by now. */
  begin(): void {
    this.#phase = "running";
    this.#push({ kind: "start" }, "own");
    this.#beginAsking();
  }

  /** S-14: not only at the start, but in each term in which this node may have voted before it. */
  #beginAsking(): void {
    const { committee, observing } = this.#current();
    if (observing !== asking) return;
    const { clock, timing } = this.#options;
    this.#answered.clear();
    clock.at(clock.nowMs() + askingDeltas * timing.deltaMs, () => this.#stopAsking(committee.term));
    if (committee.quorum === 1) this.#stopAsking(committee.term);
  }

  async stop(): Promise<void> {
    if (this.#phase !== "failed") this.#phase = "stopped";
    this.#stopping.abort(new FairmeshError("STOPPED", "the driver was stopped"));
    this.#timers.clear();
    await this.#inputs.close();
    await this.#applicationQueue.close();
  }

  status(): DriverStatus {
    return driverStatus(this.#state, {
      phase: this.#phase,
      tip: this.#tip,
      queued: this.#inputs.length,
      peersKeepFrom: this.#blocks.peersKeepFrom,
      deltaMs: this.#options.timing.deltaMs,
    });
  }

  async #enterTerm(term: number, floor: State["floor"], observing: string | undefined): Promise<void> {
    const { application, signer, guard, timing } = this.#options;
    const known = application.committee(term);
    if (known === undefined) {
      throw new FairmeshError("COMMITTEE_UNKNOWN", `the committee of term ${term} is not known`, { fields: { term } });
    }
    const committee = committeeOf(known.record, known.root, known.beacon);
    const seat = this.#options.voting === false ? undefined : seatOf(committee, signer.accountId);
    const memory = await this.memory.load(committee, floor.view);
    const reason = reasonToObserve(guard, term, { damage: memory.damage, before: observing });
    const trusted = seat !== undefined && (reason === undefined || reason === asking);
    // What a damaged memory holds binds, and is not said again.
    const votes = trusted ? [...memory.votes] : [];
    const proposals = trusted ? [...memory.proposals] : [];
    if (trusted) {
      await this.memory.guardAgain(memory.unguarded);
      for (const signed of await this.#signing.lockAndSign(
        seat,
        memory.unsigned.filter((binding) => this.#canSignAgain(binding)),
      )) {
        if (signed.kind === "vote") votes.push(signed.vote);
        else proposals.push(signed.proposal);
      }
    }
    this.#timers.clear();
    this.#messenger.beginTerm();
    this.#state = createState({
      committee,
      seat,
      timing,
      floor,
      recovered: { certificates: memory.certificates, locks: memory.locks, votes, proposals },
      observing: seat === undefined ? undefined : reason,
      nextToken: this.#state?.nextToken ?? 1,
    });
    if (reason !== undefined && reason !== asking && seat !== undefined) {
      this.#options.log.warn("this seat observes and does not vote", { reason, term });
    }
  }

  /** S-14: proposal bytes lost mean silence in that view. */
  #canSignAgain(binding: Binding): boolean {
    return binding.kind === "vote" || this.#blocks.bytes(binding.statement.digest) !== undefined;
  }

  /** S-10: the term's last block is final here; its Finalization is how the next term's view 1 is entered. */
  async #nextTerm(ended: State): Promise<void> {
    const { floor, committee } = ended;
    const { guard, timing } = this.#options;
    const times = { lastBlockMs: floor.facts.timestampMs, startedMs: this.#startedMs };
    const { reason, mended } = reasonAfterTerm(ended.observing, times, timing);
    if (mended && guard.state === "damaged") await guard.renew(committee.term + 1);
    const oldest = committee.term - (this.#options.guardTermsKept ?? 1024);
    if (oldest > 0) await guard.prune(oldest);
    await this.#enterTerm(
      committee.term + 1,
      { view: 0, facts: floor.facts, finalization: floor.finalization },
      reason,
    );
    await this.#process({ kind: "start" });
    this.#beginAsking();
    for (const { bytes, from } of this.ingress.takeEarly()) void this.ingress.receive(bytes, from);
  }

  #current(): State {
    if (this.#state === undefined) throw new InvariantError("the driver was started", {});
    return this.#state;
  }

  #push(event: Event, cause: "own" | "peer"): boolean {
    const pushed = this.#inputs.push(() => this.#process(event), cause);
    if (!pushed) this.#count("dropped_total", "Messages dropped at a limit");
    return pushed;
  }

  /** A verified message takes its place in the queue; a proposal's block is stored first. */
  #admit(message: Admitted): boolean {
    if (message.kind !== "proposal") return this.#push(message, "peer");
    const { proposal, body } = message;
    return this.#inputs.push(async () => {
      const state = this.#current();
      if (proposal.statement.term !== state.committee.term) return;
      const first = state.views.get(proposal.statement.view)?.proposal === undefined;
      if (first && body.length > 0) await this.#blocks.keep(proposal.statement.digest, body);
      await this.#process({ kind: "proposal", proposal });
    }, "peer");
  }

  /** One input and everything that follows from it at once. */
  async #process(event: Event): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const events: Event[] = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      const before = this.#current();
      if (isOfAnotherTerm(before, next)) continue;
      const { state, effects } = step(before, { ...next, nowMs: this.#options.clock.nowMs() } as Input);
      this.#state = state;
      events.push(...(await this.#carryOut(effects)));
      this.#timers.keepOnly(Object.values(state.timers));
      if (state.ended && !before.ended) {
        await this.#nextTerm(state);
        return;
      }
    }
    this.#options.metrics
      .gauge("fairmesh_consensus_view", { help: "Current view of the term" })
      .set(this.#current().view);
  }

  async #carryOut(effects: readonly Effect[]): Promise<readonly Event[]> {
    for (const effect of effects) if (effect.kind === "persist") this.memory.keep(effect.certificate);
    for (const effect of effects) if (effect.kind === "commit") await this.#commit(effect);
    const bindings: Binding[] = [];
    for (const effect of effects) {
      if (effect.kind === "sign-vote") bindings.push({ kind: "vote", statement: effect.statement });
      if (effect.kind === "sign-proposal") bindings.push({ kind: "proposal", statement: effect.statement });
    }
    const { seat } = this.#current();
    const signed = seat === undefined || bindings.length === 0 ? [] : await this.#signing.lockAndSign(seat, bindings);
    for (const effect of effects) this.#act(effect);
    return signed.map((message) =>
      message.kind === "vote"
        ? { kind: "signed-vote", vote: markVerified(message.vote) }
        : { kind: "signed-proposal", proposal: markVerified(message.proposal) },
    );
  }

  /** S-7: blocks, state, certificate and floor in one synchronous batch, by the application. */
  async #commit({ chain, finalization, facts }: Commit): Promise<void> {
    const { application, onCommit } = this.#options;
    const alongside = [
      ...this.memory.takeForCommit(finalization.statement.view, facts.lastOfTerm ? finalization : undefined),
      ...this.#blocks.takeForCommit(facts.height),
    ];
    await this.#applicationQueue.call(() => application.commit(chain, finalization, alongside));
    this.#tip = facts;
    this.#options.metrics
      .gauge("fairmesh_consensus_height", { help: "Height of the last final block" })
      .set(facts.height);
    const { committee, seat } = this.#current();
    if (seat !== undefined && leaderOf(committee, finalization.statement.view) === seat) {
      this.#messenger.publishHead(finalization);
    }
    this.#tell(() => onCommit?.({ chain, facts, finalization }));
  }

  #act(effect: Effect): void {
    const { committee } = this.#current();
    switch (effect.kind) {
      case "send":
        this.#messenger.send(this.#current(), effect);
        return;
      case "ask":
        this.#messenger.ask(this.#current(), effect.to);
        return;
      case "timer":
        this.#timers.arm(effect.token, effect.atMs);
        return;
      case "build":
        this.#build(effect);
        return;
      case "check": {
        const sources = effect.sources.flatMap((index) => committee.seats[index]?.operator ?? []);
        this.#blocks.want(effect.digest, { notarized: effect.notarized, sources });
        return;
      }
      case "evidence": {
        const offender = committee.seats[effect.seat]?.operator;
        this.#options.log.warn("a seat signed two things of which it may sign one", { seat: effect.seat });
        if (offender !== undefined) this.#tell(() => this.#options.onEvidence?.(effect.evidence, offender));
        return;
      }
      case "observing":
        this.#options.log.error("this seat stopped voting", { reason: effect.reason });
        return;
      default:
        return;
    }
  }

  #build(effect: Extract<Effect, { kind: "build" }>): void {
    const { application, clock } = this.#options;
    const { committee, seat } = this.#current();
    const { parent, parentCertificate, view } = effect;
    const request = { parent, term: committee.term, seat: seat as number, nowMs: clock.nowMs(), parentCertificate };
    this.#applicationQueue
      .call(() => application.build(request))
      .then(({ facts, bytes }) => {
        this.#inputs.push(async () => {
          if (this.#current().committee.term !== facts.term) return;
          const kept = await this.#blocks.keep(facts.digest, bytes); // S-2: stored before it is proposed.
          if (!kept) throw new InvariantError("the application recognises the block that it built", { view });
          await this.#process({ kind: "built", view, facts });
        }, "own");
      })
      .catch((error: unknown) => {
        if (error instanceof InvariantError) this.#fail(error);
        else if (!this.#stopping.signal.aborted)
          this.#options.log.error("no block was built", { error: String(error) });
      });
  }

  #onAnswer(from: AccountId, term: number): void {
    const { committee } = this.#current();
    if (term === committee.term && this.#answered.add(keyOf(from)).size >= committee.quorum - 1) this.#stopAsking(term);
  }

  #stopAsking(term: number): void {
    if (this.#phase !== "running") return;
    this.#inputs.push(async () => {
      const { committee, observing } = this.#current();
      if (committee.term === term && observing === asking) await this.#process({ kind: "observe", reason: undefined });
    }, "own");
  }

  #tell(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#options.log.error("an observer of consensus failed", { error: String(error) });
    }
  }

  #count(name: string, help: string): void {
    this.#options.metrics.counter(`fairmesh_consensus_${name}`, { help }).add();
  }

  #fail(error: unknown): void {
    if (this.#phase === "failed" || this.#stopping.signal.aborted) return;
    this.#phase = "failed";
    this.#timers.clear();
    this.#stopping.abort(error);
    this.#options.log.error("consensus stopped: this node signs nothing more", { error: String(error) });
    this.#tell(() => this.#options.onFailure?.(error));
  }
}
