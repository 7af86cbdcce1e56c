// One simulated network through one scenario and seed: nodes, faults, misbehaviour, checkers; then healing, and liveness.
// Called by simulate.ts, by the tests and by the benches. Two runs with the same options have the same trace hash.
// What a node is comes from `compose`: by default consensus over a small application; anything else that starts a driver over
// the same ports runs under the same faults and the same checkers.
import { type Timing, timingOf } from "../src/consensus/index.ts";
import { sha256, type Verifier } from "../src/crypto/index.ts";
import type { Signer, TermCommittee } from "../src/ports/index.ts";
import { bigEndian, type NetworkId, networkId } from "../src/primitives/index.ts";
import type { Observed } from "../src/runtime/driver/index.ts";
import { misbehave } from "./byzantine/index.ts";
import { AgreementChecker, SignatureChecker } from "./checkers/index.ts";
import {
  chainApplication,
  cheapSigner,
  cheapVerifier,
  consensusNode,
  mlDsaSigner,
  mlDsaVerifier,
  regionLatency,
  Scheduler,
  type SeededRandom,
  SimulatedDisk,
  SimulatedNetwork,
  SimulatedNode,
  type SimulatedNodeOptions,
  seededRandom,
} from "./environment/index.ts";
import { applySchedule, drawSchedule, type Fault } from "./faults/index.ts";
import { type Report, reportOf } from "./report.ts";
import { Roster } from "./roster.ts";
import type { Behaviour, Scenario } from "./scenario.ts";

/** What a composition is told of its place in the world. */
export interface NodePlace {
  readonly index: number;
  readonly account: number;
  readonly scenario: Scenario;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly networkId: NetworkId;
  readonly timing: Timing;
  /** When the world begins. */
  readonly startMs: number;
  readonly committee: (term: number) => TermCommittee | undefined;
  readonly random: SeededRandom;
  /** To be given to the driver: what the checkers see. */
  readonly observed: Observed;
}

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly signatures?: "cheap" | "ml-dsa";
  readonly compose?: (place: NodePlace) => SimulatedNodeOptions["compose"];
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
  readonly #roster: Roster;
  readonly #verifier: Verifier;
  readonly #compose: NonNullable<WorldOptions["compose"]>;
  readonly #nodes: SimulatedNode[] = [];
  readonly #disks: SimulatedDisk[] = [];
  readonly #behaviours: (Behaviour | undefined)[] = [];
  readonly #accounts: number[] = [];
  readonly #violations: string[] = [];
  readonly #agreement = new AgreementChecker((text) => this.#violation(text));
  readonly #signatures: SignatureChecker;
  readonly #schedule: readonly Fault[];
  readonly #counts = new Map<string, number>();
  /** Nodes whose database, or whole disk, is set back or lost in this schedule. */
  readonly #rolledBack = new Set<number>();
  readonly #setBack = new Set<number>();
  readonly #networkId: NetworkId;
  #evidence = 0;

  constructor({ scenario, seed, signatures = "cheap", compose = consensusOnly }: WorldOptions) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#networkId = networkId(sha256(bigEndian(seed)));
    this.#compose = compose;
    this.#random = seededRandom(`seed ${seed}`);
    this.#scheduler = new Scheduler({ startMs, random: this.#random.stream("order") });
    const makeSigner = signatures === "cheap" ? cheapSigner : mlDsaSigner;
    this.#verifier = signatures === "cheap" ? cheapVerifier : mlDsaVerifier();
    this.#roster = new Roster({ scenario, seed, random: this.#random, makeSigner });
    const { byzantine, seated, faultsMax } = this.#roster;
    this.#signatures = new SignatureChecker({
      violation: (text) => this.#violation(text),
      isHonest: (node) => this.#behaviours[node] === undefined,
      forgot: (node) => scenario.forgetting === "counted" && this.#setBack.has(node),
      disk: (node) => this.#disks[node] as SimulatedDisk,
      quorum: (term) => this.#roster.quorum(term),
      seat: (term, node) => this.#roster.seatOf(term, this.#accounts[node] as number),
    });
    this.#network = new SimulatedNetwork({
      scheduler: this.#scheduler,
      random: this.#random.stream("network"),
      latencyMs: this.#latency(),
      tap: (packet) => this.#signatures.see(packet),
    });
    for (let account = 0; account < this.#roster.signers.length; account++)
      this.#addNode(account, byzantine.get(account));
    for (const [account, behaviour] of byzantine) if (behaviour === "twin") this.#addNode(account, behaviour);
    const honest = Array.from({ length: seated }, (_, node) => node).filter((node) => !byzantine.has(node));
    const spare = Math.max(0, faultsMax - byzantine.size);
    this.#schedule =
      scenario.schedule ??
      drawSchedule({
        scenario,
        random: this.#random.stream("schedule"),
        nodes: this.#nodes.length,
        forgetful: this.#random.stream("forgetful").shuffled(honest).slice(0, spare),
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
      if (!["roll-back", "set-back", "bit-flip"].includes(fault.kind)) continue;
      for (const node of fault.nodes) this.#rolledBack.add(node);
      if (fault.kind === "set-back") for (const node of fault.nodes) this.#setBack.add(node);
    }
    for (let node = 0; node < this.#nodes.length; node++) this.#restart(node);
    this.#keepTwinsVoting();
    await this.#scheduler.run(startMs + faultsMs, () => this.#violations.length > 0);
    if (this.#violations.length === 0) await this.#heal();
    return this.#report(this.#violations.length === 0 ? [] : await this.#culprits());
  }

  async #culprits(): Promise<readonly number[]> {
    const operators = await this.#signatures.culprits({
      verifier: this.#verifier,
      networkId: this.#networkId,
      seats: (term) => this.#roster.committee(term).record.seats,
    });
    return operators.map((operator) => this.#roster.accountOf(operator)).sort((a, b) => a - b);
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
    return 60_000 + (blocks + 4) * (this.#roster.faultsMax + 2) * viewMs;
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
    const { intervalMs, deltaMs, deltaMaxMs, syncMs, clockOffsetMs } = this.#scenario;
    const signer = this.#roster.signers[account] as Signer;
    const index = this.#network.add(signer.accountId);
    const random = this.#random.stream(`node ${index}`);
    const scheduler = this.#scheduler;
    const id = this.#networkId;
    const offsetMs = clockOffsetMs === 0 ? 0 : random.below(2 * clockOffsetMs + 1) - clockOffsetMs;
    const disk = new SimulatedDisk({
      scheduler,
      random: random.stream("disk"),
      syncMs,
      label: String(index),
      onDamage: () => this.#moveDatabaseAway(index),
    });
    const compose = this.#compose({
      index,
      account,
      scenario: this.#scenario,
      signer,
      verifier: this.#verifier,
      networkId: id,
      timing: { ...timingOf(intervalMs, deltaMs), deltaMaxMs },
      startMs,
      committee: (term) => this.#roster.committee(term),
      random,
      observed: this.#observed(index, behaviour),
    });
    this.#disks[index] = disk;
    this.#behaviours[index] = behaviour;
    this.#accounts[index] = account;
    this.#nodes[index] = new SimulatedNode({
      index,
      scheduler,
      network: this.#network,
      disk,
      random,
      clockOffsetMs: offsetMs,
      compose,
      ...(behaviour === undefined
        ? {}
        : {
            wrapTransport: misbehave(behaviour, {
              signer,
              networkId: id,
              random: random.stream("misbehaviour"),
              seat: (term) => this.#roster.seatOf(term, account),
              healed: () => scheduler.nowMs > startMs + this.#scenario.faultsMs,
            }),
          }),
    });
  }

  #observed(index: number, behaviour: Behaviour | undefined): Observed {
    const scheduler = this.#scheduler;
    return {
      onCommit: (commit) => {
        this.#signatures.committed(index, commit.finalization.statement);
        scheduler.note(`commit ${index} ${commit.facts.height} ${commit.facts.digest.join()}`);
        if (behaviour === undefined) this.#agreement.committed(index, { ...commit, nowMs: scheduler.nowMs });
      },
      onEvidence: (_evidence, offender) => {
        this.#evidence += 1;
        const guilty = this.#roster.accountOf(offender);
        if (!this.#roster.byzantine.has(guilty) && !this.#setBack.has(guilty))
          this.#violation(`evidence against honest node ${guilty}`);
      },
      onFailure: () => {
        scheduler.after(1000, `restart ${index}`, () => this.#restart(index));
      },
    };
  }

  /** What the error of a damaged database tells its operator to do; the guard stays. */
  #moveDatabaseAway(node: number): void {
    const lives = this.#nodes[node]?.lives;
    this.#scheduler.after(500, `database ${node} is moved away`, () => {
      if (this.#nodes[node]?.lives !== lives) return;
      this.#nodes[node]?.crash();
      this.#disks[node]?.rollBack(undefined);
      this.#counts.set("database-moved-away", (this.#counts.get("database-moved-away") ?? 0) + 1);
      this.#restart(node);
    });
  }

  /** A seat that meets own messages which it does not know stops (S-14). A twin's owner starts it again. */
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

  #violation(text: string): void {
    if (this.#violations.length < violationsMax)
      this.#violations.push(`${this.#scheduler.nowMs - startMs} ms: ${text}`);
  }

  #report(culprits: readonly number[]): Report {
    return reportOf({
      scenario: this.#scenario,
      seed: this.#seed,
      violations: this.#violations,
      schedule: this.#schedule,
      faults: this.#counts,
      byzantine: this.#behaviours,
      evidence: this.#evidence,
      culprits,
      liars: [...this.#roster.byzantine.keys()].sort((a, b) => a - b),
      agreement: this.#agreement,
      signatures: this.#signatures,
      scheduler: this.#scheduler,
      startMs,
      logs: this.#nodes.flatMap((node) => node.log.lines.slice(-10)),
    });
  }
}

/** The default composition: consensus over a chain of small checksummed blocks. */
function consensusOnly(place: NodePlace): SimulatedNodeOptions["compose"] {
  const { scenario, timing, signer, verifier, networkId: id, committee, observed } = place;
  const payloads = place.random.stream("payload");
  return consensusNode({
    ...observed,
    signer,
    verifier,
    networkId: id,
    timing,
    application: (store) =>
      chainApplication({
        store,
        committee,
        blocksPerTerm: scenario.blocksPerTerm,
        intervalMs: scenario.intervalMs,
        driftMs: timing.driftMs,
        genesisMs: place.startMs - scenario.intervalMs,
        payloadBytes: scenario.payloadBytes,
        payload: (length) => payloads.bytes(length),
      }),
  });
}
