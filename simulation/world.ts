// One simulated network through one scenario and seed: nodes, faults, misbehaviour, checkers; then healing, and liveness.
// Called by simulate.ts, by the tests and by the benches. Two runs with the same options have the same trace hash.
import { timingOf } from "../src/consensus/index.ts";
import { sha256 } from "../src/crypto/index.ts";
import type { TermCommittee } from "../src/ports/index.ts";
import { bigEndian, networkId } from "../src/primitives/index.ts";
import { committeeCodec } from "../src/schema/index.ts";
import { misbehave } from "./byzantine/index.ts";
import { AgreementChecker, SignatureChecker } from "./checkers/index.ts";
import {
  chainApplication,
  cheapSigner,
  cheapVerifier,
  regionLatency,
  Scheduler,
  type SeededRandom,
  SimulatedDisk,
  SimulatedNetwork,
  SimulatedNode,
  seededRandom,
} from "./environment/index.ts";
import { applySchedule, drawSchedule, type Fault } from "./faults/index.ts";
import type { Behaviour, Scenario } from "./scenario.ts";

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly nodes?: number | undefined;
  /** Runs these faults and not those that the seed would draw: for shortening a failing schedule. */
  readonly schedule?: readonly Fault[] | undefined;
}

export interface Report {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly schedule: readonly Fault[];
  readonly faults: Readonly<Record<string, number>>;
  readonly byzantine: readonly string[];
  readonly blocks: number;
  readonly views: number;
  readonly votes: number;
  readonly evidence: number;
  readonly simulatedMs: number;
  readonly events: number;
  /** Median time from a block's timestamp to its commit. */
  readonly finalityMs: number;
  /** The same in one-way delays, where the latency is one number. */
  readonly finalityDelays: number | undefined;
}

const startMs = 1_700_000_000_000;
const violationsMax = 20;
const twinCheckMs = 250;

export async function runWorld(options: WorldOptions): Promise<Report> {
  const world = new World(options);
  return world.run();
}

class World {
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #network: SimulatedNetwork;
  readonly #nodes: SimulatedNode[] = [];
  readonly #disks: SimulatedDisk[] = [];
  readonly #behaviours: (Behaviour | undefined)[] = [];
  readonly #accounts: number[] = [];
  readonly #violations: string[] = [];
  readonly #agreement = new AgreementChecker((text) => this.#violation(text));
  readonly #signatures: SignatureChecker;
  readonly #schedule: readonly Fault[];
  readonly #counts = new Map<string, number>();
  readonly #rolledBack = new Set<number>();
  readonly #signers;
  readonly #seated: number;
  readonly #committees = new Map<number, TermCommittee>();
  #evidence = 0;

  constructor({ scenario, seed, nodes, schedule }: WorldOptions) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#random = seededRandom(`seed ${seed}`);
    this.#seated = nodes ?? scenario.nodes;
    this.#scheduler = new Scheduler({ startMs, random: this.#random.stream("order") });
    this.#signers = Array.from({ length: this.#seated + scenario.followers }, (_, index) => cheapSigner(String(index)));
    const byzantine = this.#drawByzantine();
    this.#signatures = new SignatureChecker({
      violation: (text) => this.#violation(text),
      isHonest: (node) => this.#behaviours[node] === undefined,
      disk: (node) => this.#disks[node] as SimulatedDisk,
      quorum: (term) => quorumOf(this.#committee(term).record.seats.length),
      seat: (term, node) => this.#seatOf(term, node),
    });
    this.#network = new SimulatedNetwork({
      scheduler: this.#scheduler,
      random: this.#random.stream("network"),
      latencyMs: this.#latency(),
      tap: (packet) => this.#signatures.see(packet),
    });
    for (let account = 0; account < this.#signers.length; account++) this.#addNode(account, byzantine.get(account));
    for (const [account, behaviour] of byzantine) if (behaviour === "twin") this.#addNode(account, behaviour);
    const spare = this.#faultsMax() - byzantine.size;
    const honest = Array.from({ length: this.#seated }, (_, node) => node).filter((node) => !byzantine.has(node));
    this.#schedule =
      schedule ??
      drawSchedule({
        scenario,
        random: this.#random.stream("schedule"),
        nodes: this.#nodes.length,
        forgetful: this.#random.stream("forgetful").shuffled(honest).slice(0, Math.max(0, spare)),
      });
  }

  async run(): Promise<Report> {
    const { faultsMs } = this.#scenario;
    this.#fairWeather();
    applySchedule(
      {
        scheduler: this.#scheduler,
        network: this.#network,
        nodes: this.#nodes,
        disks: this.#disks,
        startMs,
        counts: this.#counts,
        restart: (node) => this.#restart(node),
        snapshots: new Map(),
      },
      this.#schedule,
    );
    for (const fault of this.#schedule) {
      if (fault.kind === "roll-back") for (const node of fault.nodes) this.#rolledBack.add(node);
    }
    for (let node = 0; node < this.#nodes.length; node++) this.#restart(node);
    this.#keepTwinsVoting();
    await this.#scheduler.run(startMs + faultsMs, () => this.#violations.length > 0);
    if (this.#violations.length === 0) await this.#heal();
    return this.#report();
  }

  /** Everything mends but Byzantine nodes; then all honest nodes must reach one tip, so many blocks on, within a bound. */
  async #heal(): Promise<void> {
    this.#fairWeather();
    this.#network.weather.cut.clear();
    this.#network.weather.clogged.clear();
    this.#network.weather.drop = () => false;
    for (const disk of this.#disks) disk.failNextSync = false;
    for (let node = 0; node < this.#nodes.length; node++) this.#restart(node);
    const goal = this.#agreement.height + this.#scenario.blocks;
    const honest = this.#nodes.map((_, node) => node).filter((node) => this.#behaviours[node] === undefined);
    const done = (): boolean =>
      this.#violations.length > 0 || honest.every((node) => this.#agreement.heightOf(node) >= goal);
    const boundMs = this.#healingBoundMs();
    await this.#scheduler.run(this.#scheduler.nowMs + boundMs, done);
    if (this.#violations.length > 0) return;
    for (const node of honest) {
      const height = this.#agreement.heightOf(node);
      if (height < goal)
        this.#violation(`node ${node} is at height ${height} and not at ${goal}, ${boundMs} ms after healing`);
    }
  }

  /** Each block may cost every faulty leader's view and one more, at the longest delta, and a request that times out. */
  #healingBoundMs(): number {
    const { blocks, intervalMs, deltaMaxMs } = this.#scenario;
    const viewMs = intervalMs + Math.ceil(3.5 * deltaMaxMs);
    return 60_000 + (blocks + 4) * (this.#faultsMax() + 2) * viewMs;
  }

  #restart(node: number): void {
    const simulated = this.#nodes[node] as SimulatedNode;
    if (simulated.up) return;
    simulated.crash();
    simulated.start();
    if (this.#behaviours[node] !== undefined) return;
    const height = simulated.driver?.status().height ?? 0;
    this.#agreement.restarted(node, height, this.#rolledBack.has(node));
  }

  #addNode(account: number, behaviour: Behaviour | undefined): void {
    const { intervalMs, deltaMs, deltaMaxMs, syncMs, clockOffsetMs, blocksPerTerm, payloadBytes } = this.#scenario;
    const signer = this.#signers[account] as ReturnType<typeof cheapSigner>;
    const index = this.#network.add(signer.accountId);
    const random = this.#random.stream(`node ${index}`);
    const scheduler = this.#scheduler;
    const disk = new SimulatedDisk({ scheduler, random: random.stream("disk"), syncMs, label: String(index) });
    const timing = { ...timingOf(intervalMs, deltaMs), deltaMaxMs };
    const id = networkId(sha256(bigEndian(this.#seed)));
    const payloads = random.stream("payload");
    this.#disks[index] = disk;
    this.#behaviours[index] = behaviour;
    this.#accounts[index] = account;
    this.#nodes[index] = new SimulatedNode({
      index,
      scheduler,
      network: this.#network,
      disk,
      signer,
      verifier: cheapVerifier,
      networkId: id,
      timing,
      random,
      clockOffsetMs: clockOffsetMs === 0 ? 0 : random.below(2 * clockOffsetMs + 1) - clockOffsetMs,
      application: (store) =>
        chainApplication({
          store,
          committee: (term) => this.#committee(term),
          blocksPerTerm,
          intervalMs,
          driftMs: timing.driftMs,
          genesisMs: startMs - intervalMs,
          payloadBytes,
          payload: (length) => payloads.bytes(length),
        }),
      onCommit: (commit) => {
        this.#signatures.committed(index, commit.finalization.statement);
        scheduler.note(`commit ${index} ${commit.facts.height} ${commit.facts.digest.join()}`);
        if (behaviour === undefined) this.#agreement.committed(index, { ...commit, nowMs: scheduler.nowMs });
      },
      onEvidence: (_evidence, offender) => {
        this.#evidence += 1;
        const guilty = this.#signers.findIndex((candidate) =>
          candidate.accountId.every((byte, i) => byte === offender[i]),
        );
        if (this.#behaviours[guilty] === undefined) this.#violation(`evidence against honest node ${guilty}`);
      },
      onFailure: () => {
        scheduler.after(1000, `restart ${index}`, () => this.#restart(index));
      },
      ...(behaviour === undefined
        ? {}
        : {
            wrapTransport: misbehave(behaviour, {
              signer,
              networkId: id,
              random: random.stream("misbehaviour"),
              seat: (term) => this.#seatOf(term, index),
            }),
          }),
    });
  }

  /** A seat that finds votes of its own which it does not know stops (S-14). A twin's owner starts it again. */
  #keepTwinsVoting(): void {
    for (const [node, behaviour] of this.#behaviours.entries()) {
      const simulated = this.#nodes[node] as SimulatedNode;
      if (behaviour !== "twin" || !/^own-/.test(simulated.driver?.status().observing ?? "")) continue;
      simulated.crash();
      simulated.start();
    }
    if (this.#behaviours.includes("twin")) this.#scheduler.after(twinCheckMs, "twins", () => this.#keepTwinsVoting());
  }

  #fairWeather(): void {
    const { weather } = this.#network;
    weather.lossPpm = this.#scenario.lossPpm;
    weather.repeatPpm = this.#scenario.repeatPpm;
    weather.jitterMs = this.#scenario.jitterMs;
  }

  #latency(): (from: number, to: number) => number {
    const { latency } = this.#scenario;
    if (latency !== "regions") return () => latency;
    const { regions, delayMs } = regionLatency();
    const random = this.#random.stream("regions");
    const places = Array.from({ length: 128 }, () => random.below(regions.length));
    return (from, to) => delayMs(places[from] as number, places[to] as number);
  }

  #drawByzantine(): ReadonlyMap<number, Behaviour> {
    const { byzantine } = this.#scenario;
    if (byzantine === undefined) return new Map();
    const random = this.#random.stream("byzantine");
    const count = Math.min(byzantine.count === "f" ? this.#faultsMax() : byzantine.count, this.#seated);
    const accounts = random.shuffled(Array.from({ length: this.#seated }, (_, index) => index)).slice(0, count);
    return new Map(accounts.map((account) => [account, random.pick(byzantine.of)]));
  }

  #seatsIn(term: number): readonly number[] {
    const all = Array.from({ length: this.#seated }, (_, index) => index);
    return this.#scenario.rotate && this.#seated > 4 ? all.filter((index) => index !== term % this.#seated) : all;
  }

  #faultsMax(): number {
    return Math.floor((this.#seatsIn(0).length - 1) / 3);
  }

  #seatOf(term: number, node: number): number | undefined {
    const seat = this.#seatsIn(term).indexOf(this.#accounts[node] as number);
    return seat === -1 ? undefined : seat;
  }

  #committee(term: number): TermCommittee {
    const known = this.#committees.get(term);
    if (known !== undefined) return known;
    const seats = this.#seatsIn(term).map((index) => {
      const { accountId, publicKey } = this.#signers[index] as ReturnType<typeof cheapSigner>;
      return { operator: accountId, publicKey };
    });
    const record = { term, seats };
    const beacon = sha256(bigEndian(this.#seed), bigEndian(term));
    const committee = { record, root: committeeCodec.root(record), beacon };
    this.#committees.set(term, committee);
    return committee;
  }

  #violation(text: string): void {
    if (this.#violations.length < violationsMax)
      this.#violations.push(`${this.#scheduler.nowMs - startMs} ms: ${text}`);
  }

  #report(): Report {
    const { latency } = this.#scenario;
    const sorted = [...this.#agreement.finalityMs].sort((a, b) => a - b);
    const finalityMs = sorted[sorted.length >> 1] ?? Number.NaN;
    return {
      seed: this.#seed,
      violations: this.#violations,
      traceHash: this.#scheduler.traceHash(),
      schedule: this.#schedule,
      faults: Object.fromEntries(this.#counts),
      byzantine: this.#behaviours.flatMap((behaviour, node) =>
        behaviour === undefined ? [] : [`${behaviour} ${node}`],
      ),
      blocks: this.#agreement.height,
      views: this.#signatures.views,
      votes: this.#signatures.votes,
      evidence: this.#evidence,
      simulatedMs: this.#scheduler.nowMs - startMs,
      events: this.#scheduler.events,
      finalityMs,
      finalityDelays: typeof latency === "number" && latency > 0 ? finalityMs / latency : undefined,
    };
  }

  /** The last lines of each node's log, for whoever looks into a failure. */
  logs(): readonly string[] {
    return this.#nodes.flatMap((node) => node.log.lines.slice(-10));
  }
}

const quorumOf = (size: number): number => size - Math.floor((size - 1) / 3);
