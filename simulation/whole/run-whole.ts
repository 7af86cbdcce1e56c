// Whole nodes on a virtual clock: ledger, mempool, gossip validation, assets, audits, reports, rewards and consensus, composed
// as src/node composes them, over simulated network, disks and discovery. One seed gives byte-identical epoch records. What
// each group ends up with is read from the ledger: balances and bonds, fees and slashes included.
import { createHash } from "node:crypto";
import { checkGenesis, makeGenesis, totalOf } from "../../src/ledger/index.ts";
import { equalBytes, fair, keyOf, toHex } from "../../src/primitives/index.ts";
import type { LedgerApplication } from "../../src/runtime/application/index.ts";
import type { Driver } from "../../src/runtime/driver/index.ts";
import { composeWhole, openApplication } from "../../src/runtime/whole/index.ts";
import {
  type Concentration,
  epochRecordCodec,
  type Genesis,
  networkIdOf,
  type Parameters,
  parametersOf,
} from "../../src/schema/index.ts";
import { misbehave } from "../byzantine/index.ts";
import {
  type ComposedNode,
  cheapVerifier,
  createMemoryVolume,
  type NodePorts,
  Scheduler,
  type SeededRandom,
  SimulatedDisk,
  SimulatedNetwork,
  SimulatedNode,
  seededRandom,
  sharedDiscovery,
} from "../environment/index.ts";
import { makeOperator, type Operator, offersFor, servicesFor } from "./operator.ts";
import type { WholeScenario } from "./whole-scenario.ts";

export interface GroupOutcome {
  readonly group: string;
  readonly operators: number;
  readonly spirit: string;
  /** Registered units of both kinds of all its operators. */
  readonly units: number;
  /** What its operators have above what they began with, in grains: rewards and pay less fees, losses and slashes. */
  readonly gain: bigint;
  readonly rewards: bigint;
  readonly scorePpm: number;
  /** The last epoch on which each of them reported, at the least; -1 when one never did. */
  readonly reportedEpoch: number;
}

export interface WholeReport {
  readonly seed: number;
  readonly scenario: string;
  readonly violations: readonly string[];
  readonly epochs: number;
  readonly height: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly groups: readonly GroupOutcome[];
  /** Of rewards by operator, in the last epoch. */
  readonly concentration: Concentration | undefined;
  /** Who began from a state that peers gave, and after which block. */
  readonly joins: readonly { readonly operator: string; readonly height: number }[];
  /** SHA-256 over the bytes of every epoch record in order. */
  readonly recordsHash: string;
  readonly traceHash: string;
}

const startMs = 1_700_000_000_000;
const chainLength = 4096;
/** Virtual time for an epoch beyond its blocks, before the run is called stuck. */
const slackFactor = 4;

class WholeWorld {
  readonly #scenario: WholeScenario;
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #scheduler: Scheduler;
  readonly #network: SimulatedNetwork;
  readonly #operators: readonly Operator[];
  readonly #genesis: Genesis;
  readonly #parameters: Parameters;
  readonly #apps = new Map<number, LedgerApplication>();
  readonly #nodes: SimulatedNode[] = [];
  readonly #states = new Map<number, string>();
  readonly #violations: string[] = [];
  readonly #discovery = sharedDiscovery();
  readonly #endowment = fair(1_000);

  constructor(scenario: WholeScenario, seed: number) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#random = seededRandom(`whole ${seed}`);
    this.#operators = scenario.groups.flatMap((group) =>
      Array.from({ length: group.operators }, (_, index) => makeOperator(group, index, chainLength)),
    );
    const parameters = { ...parametersOf("devnet"), ...scenario.parameters } as Parameters;
    this.#genesis = makeGenesis({
      ...{ preset: "devnet", name: `whole ${seed}`, timestampMs: startMs, parameters },
      accounts: this.#operators.map(({ signer }) => ({ accountId: signer.accountId, balance: this.#endowment })),
      operators: this.#operators.map(({ signer, chains, group }, index) => ({
        publicKey: signer.publicKey,
        withdrawal: signer.accountId,
        bond: fair(group.operatorBond),
        beaconCommitment: chains.beacon(0).end,
        auditorCommitment: chains.auditor(0).end,
        chainLength,
        peerId: new Uint8Array(38).fill(index),
        prefix: new Uint8Array(5),
      })),
    });
    const checked = checkGenesis(this.#genesis);
    if (!checked.ok) throw new Error(`the scenario's genesis is wrong: ${checked.error}`);
    this.#parameters = checked.value;
    this.#scheduler = new Scheduler({ startMs, random: this.#random.stream("order") });
    this.#network = new SimulatedNetwork({
      scheduler: this.#scheduler,
      random: this.#random.stream("network"),
      latencyMs: () => scenario.latencyMs,
    });
    this.#network.weather.jitterMs = scenario.jitterMs;
    this.#network.weather.lossPpm = scenario.lossPpm;
    for (const operator of this.#operators) this.#addNode(operator);
  }

  async run(onEpoch: (epoch: number) => void): Promise<WholeReport> {
    const { epochs, crashEveryMs } = this.#scenario;
    const { epochBlocks, blockIntervalMs } = this.#parameters;
    this.#begin(undefined);
    if (crashEveryMs !== undefined) this.#scheduleCrash(crashEveryMs);
    for (let epoch = 1; epoch <= epochs && this.#violations.length === 0; epoch++) {
      const goal = epoch * epochBlocks;
      const untilMs = this.#scheduler.nowMs + epochBlocks * blockIntervalMs * slackFactor;
      await this.#scheduler.run(untilMs, () => this.#violations.length > 0 || this.#height() >= goal);
      this.#begin(epoch - 1);
      if (this.#height() < goal) this.#violation(`stuck at height ${this.#height()}, below ${goal}`);
      onEpoch(epoch);
    }
    return this.#report();
  }

  /** Starts those whose time it is. */
  #begin(epoch: number | undefined): void {
    for (const [index, { group }] of this.#operators.entries())
      if (group.joinsAfterEpoch === epoch) this.#nodes[index]?.start();
  }

  #height(): number {
    return Math.max(0, ...[...this.#apps.values()].map((app) => app.tip().facts.height));
  }

  /** One after another is away for a while, as the seed draws. */
  #scheduleCrash(everyMs: number): void {
    const random = this.#random.stream("crashes");
    const next = (): void => {
      const node = this.#nodes[random.below(this.#nodes.length)] as SimulatedNode;
      node.crash();
      this.#scheduler.after(this.#scenario.awayMs, "back", () => node.start());
      this.#scheduler.after(this.#scenario.awayMs + random.below(2 * everyMs), "crash", next);
    };
    this.#scheduler.after(random.below(2 * everyMs), "crash", next);
  }

  #addNode(operator: Operator): void {
    const index = this.#network.add(operator.signer.accountId);
    const random = this.#random.stream(`node ${index}`);
    const scheduler = this.#scheduler;
    const disk = new SimulatedDisk({ scheduler, random: random.stream("disk"), syncMs: 1, label: String(index) });
    const volume = createMemoryVolume(1 << 30);
    const friends = new Set(
      this.#operators.filter(({ group }) => group === operator.group).map(({ signer }) => keyOf(signer.accountId)),
    );
    const compose = (ports: NodePorts): ComposedNode => {
      let driver: Driver | undefined;
      const start = async (): Promise<void> => {
        const own = { ...ports, signer: operator.signer, verifier: cheapVerifier };
        const application = await openApplication(own, { genesis: this.#genesis, chains: operator.chains });
        this.#apps.set(index, application);
        application.onCommit(() => this.#committed(index, application));
        const sectorBytes = this.#parameters.storageUnitBytes;
        const ownerOf = (asset: Uint8Array) => application.queries.asset(asset as never)?.owner;
        const whole = composeWhole(
          { ...own, discovery: this.#discovery(operator.signer.accountId) },
          {
            ...{ application, chains: operator.chains, addresses: () => [], voting: true },
            service: servicesFor(operator, { volume, clock: ports.clock, sectorBytes }, friends, ownerOf),
            offers: offersFor(operator.group, this.#parameters),
            join: {
              ...{ genesis: this.#genesis, checkpoint: undefined, onSlow: () => {} },
              onLie: (_, detail) => this.#violation(`${operator.name} was lied to: ${detail}`),
            },
            observed: {
              onFailure: (error) => this.#violation(`${operator.name} failed: ${String(error)}`),
            },
          },
        );
        driver = whole.driver;
        await whole.start();
      };
      // The driver is made once its application has read the disk.
      return { driver: { status: () => driver?.status() ?? { phase: "starting" } } as Driver, start };
    };
    this.#nodes[index] = new SimulatedNode({
      ...{ index, scheduler, network: this.#network, disk, random, clockOffsetMs: 0, compose },
      ...this.#misbehaving(operator, index, random.stream("misbehaviour")),
    });
  }

  #misbehaving({ group, signer }: Operator, index: number, random: SeededRandom) {
    if (group.behaviour === undefined) return {};
    const seat = (term: number): number | undefined => {
      const seats = this.#apps.get(index)?.committee(term)?.record.seats ?? [];
      const found = seats.findIndex(({ operator }) => equalBytes(operator, signer.accountId));
      return found < 0 ? undefined : found;
    };
    const who = { signer, networkId: networkIdOf(this.#genesis), random, seat, healed: () => false };
    return { wrapTransport: misbehave(group.behaviour, who) };
  }

  /** Equal states at equal heights, and not a grain made or lost (L-7). */
  #committed(index: number, application: LedgerApplication): void {
    const { height, stateRoot } = application.queries.head().header;
    const root = toHex(stateRoot);
    const known = this.#states.get(height) ?? root;
    this.#states.set(height, known);
    if (root !== known) this.#violation(`two states at height ${height}`);
    const sums = application.queries.chain();
    if (totalOf(sums) !== this.#parameters.supplyAtGenesis + sums.emitted)
      this.#violation(`node ${index} conserves nothing at height ${height}`);
    this.#scheduler.note(`commit ${index} ${height} ${root}`);
  }

  #violation(text: string): void {
    this.#violations.push(`${this.#scheduler.nowMs - startMs} ms: ${text}`);
  }

  async #report(): Promise<WholeReport> {
    const app = [...this.#apps.values()].toSorted((a, b) => b.tip().facts.height - a.tip().facts.height)[0];
    if (app === undefined) throw new Error("no node started");
    this.#compareRecords(app);
    const records = Array.from({ length: this.#scenario.epochs }, (_, epoch) => app.queries.epochRecord(epoch)).filter(
      (record) => record !== undefined,
    );
    const hash = createHash("sha256");
    for (const record of records) hash.update(epochRecordCodec.encode(record));
    const earned = new Map<string, bigint>();
    for (const { epoch } of records) {
      for (const { owner, reward } of await app.queries.rewardTable(epoch))
        earned.set(keyOf(owner), (earned.get(keyOf(owner)) ?? 0n) + reward);
    }
    return {
      seed: this.#seed,
      scenario: this.#scenario.name,
      violations: this.#violations,
      epochs: records.length,
      height: app.tip().facts.height,
      simulatedMs: this.#scheduler.nowMs - startMs,
      events: this.#scheduler.events,
      groups: this.#scenario.groups.map((group) => this.#outcome(group.name, app, earned)),
      concentration: records.at(-1)?.concentration[0],
      joins: [...this.#apps].flatMap(([index, { queries }]) => {
        const height = queries.bodiesFrom();
        return height > 1 ? [{ operator: (this.#operators[index] as Operator).name, height }] : [];
      }),
      recordsHash: hash.digest("hex"),
      traceHash: this.#scheduler.traceHash(),
    };
  }

  /** Every node's epoch records are the same to the byte, wherever it began. */
  #compareRecords(app: LedgerApplication): void {
    for (const [index, other] of this.#apps) {
      for (let epoch = 0; epoch < this.#scenario.epochs; epoch++) {
        const [one, two] = [app.queries.epochRecord(epoch), other.queries.epochRecord(epoch)];
        if (one === undefined || two === undefined) continue;
        if (toHex(epochRecordCodec.encode(one)) !== toHex(epochRecordCodec.encode(two)))
          this.#violation(`node ${index} has another record of epoch ${epoch}`);
      }
    }
  }

  #outcome(name: string, app: LedgerApplication, earned: ReadonlyMap<string, bigint>): GroupOutcome {
    const members = this.#operators.filter(({ group }) => group.name === name);
    const group = members[0]?.group as Operator["group"];
    let [gain, rewards, score, reported] = [0n, 0n, 0, Number.MAX_SAFE_INTEGER];
    for (const { signer } of members) {
      const id = signer.accountId;
      const operator = app.queries.operator(id);
      const unbonding = (list: readonly { readonly amount: bigint }[]) =>
        list.reduce((sum, { amount }) => sum + amount, 0n);
      const assets = [...app.queries.assets()].filter(([, asset]) => keyOf(asset.owner) === keyOf(id));
      const bonded = assets.reduce((sum, [, asset]) => sum + asset.bond + unbonding(asset.unbonding), 0n);
      const own = (operator?.bond ?? 0n) + unbonding(operator?.unbonding ?? []);
      gain += (app.queries.account(id)?.balance ?? 0n) + own + bonded - this.#endowment - fair(group.operatorBond);
      rewards += earned.get(keyOf(id)) ?? 0n;
      score += operator?.scorePpm ?? 0;
      reported = Math.min(reported, (operator?.reportedEpochs ?? 0) - 1);
    }
    return {
      group: name,
      operators: members.length,
      spirit: group.spirit,
      units: members.length * (group.storage + group.bandwidth),
      gain,
      rewards,
      scorePpm: Math.round(score / members.length),
      reportedEpoch: reported,
    };
  }
}

/** Runs one seed of a scenario; the same twice gives the same report. */
export const runWhole = (
  scenario: WholeScenario,
  seed: number,
  onEpoch: (epoch: number) => void = () => {},
): Promise<WholeReport> => new WholeWorld(scenario, seed).run(onEpoch);
