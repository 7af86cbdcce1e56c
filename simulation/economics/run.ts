// One scenario under every rule, from one seed: the same people in the same places, who then earn, restake, come and go by
// what the rule pays them. One settled epoch stands for many (stepEpochs).
import { budgetsAt } from "../../src/rewards/index.ts";
import { seededRandom } from "../environment/index.ts";
import { arrivals, departures } from "./entry.ts";
import { epochOf, type Moment, usePriceOf } from "./epoch.ts";
import { readPlaces } from "./hotspots.ts";
import { payByOwner, type Sample, sampleOf } from "./metrics.ts";
import { emptyMemory, type Policy, type PolicyInput, policies, serviceBudget } from "./policies.ts";
import { type EconomicScenario, economicParameters, forSteps, type Role } from "./scenario.ts";
import {
  type DealingAt,
  dealingSweep,
  type Gains,
  gainsOf,
  type Trial,
  type Withholding,
  withholdingOf,
} from "./tricks.ts";
import { createSettlers, type Owner, type WorldParts } from "./world.ts";

/** What a role's units earned in the last year, of the mean of all small providers' units. */
export type PayPerUnit = Readonly<Partial<Record<Role, number>>>;

export interface RuleReport {
  readonly name: string;
  readonly about: string;
  /** Grains over the whole run: budget = paid + kept. */
  readonly budget: bigint;
  readonly paid: bigint;
  readonly kept: bigint;
  readonly samples: readonly Sample[];
  readonly gains: readonly ({ readonly step: number } & Gains)[];
  readonly came: number;
  readonly left: number;
  readonly payPerUnitPpm: PayPerUnit;
  /** Part of what was paid that came from the coverage reserve. */
  readonly coveragePaidPpm: number;
  readonly withholding: Withholding | undefined;
  /** The same if the coverage reserve paid nothing. */
  readonly withholdingByCaps: Withholding | undefined;
  readonly dealing: readonly DealingAt[];
}

export interface EconomicReport {
  readonly scenario: string;
  readonly description: string;
  readonly seed: number;
  readonly years: number;
  readonly stepEpochs: number;
  readonly stepsPerYear: number;
  readonly owners: number;
  readonly units: number;
  readonly usePrice: number;
  readonly rules: readonly RuleReport[];
}

/** Grains burned for a unit, at which dealing with oneself is weighed, besides the parameters' own. */
const usePrices = [50, 1e3, 1e5, 1e6, 5e6, 1e7, 1.7e7, 2.2e7, 2.8e7, 4e7, 6e7, 1e8];

const restaked = (owner: Owner, pay: bigint, stepEpochs: number): Owner => {
  const { sites, group } = owner;
  if (group.restakePpm === 0 || pay === 0n) return owner;
  const more = (pay * BigInt(stepEpochs) * BigInt(group.restakePpm)) / (1_000_000n * BigInt(sites.length));
  return { ...owner, sites: sites.map((site) => ({ ...site, bond: site.bond + more })) };
};

function payPerUnit(owners: readonly Owner[], pay: ReadonlyMap<number, bigint>): PayPerUnit {
  const sums = new Map<Role, { pay: number; units: number }>();
  for (const { id, role, sites } of owners) {
    const sum = sums.get(role) ?? { pay: 0, units: 0 };
    sum.pay += Number(pay.get(id) ?? 0n);
    sum.units += sites.reduce((units, site) => units + site.units, 0);
    sums.set(role, sum);
  }
  const of = (role: Role): number => (sums.get(role)?.pay ?? 0) / (sums.get(role)?.units ?? 1);
  const small = of("small");
  if (small === 0) return {};
  return Object.fromEntries([...sums.keys()].map((role) => [role, Math.round((1e6 * of(role)) / small)]));
}

function runRule(
  world: WorldParts,
  policy: Policy,
  options: { readonly seed: number; readonly steps: number },
): RuleReport {
  const { scenario, parameters } = world;
  const { stepEpochs, reviewSteps } = scenario;
  const { seed, steps } = options;
  const settling = forSteps(parameters, stepEpochs);
  const settlers = createSettlers(world);
  const random = seededRandom(`economics ${seed}`);
  let owners: readonly Owner[] = settlers.all(random.stream("owners"));
  const unitsAtStart = unitsOf(owners);
  let memory = emptyMemory;
  let [budget, paid, kept, coverage, came, left] = [0n, 0n, 0n, 0n, 0, 0];
  let earned = new Map<number, bigint>();
  const samples: Sample[] = [];
  const gains: ({ step: number } & Gains)[] = [];
  let lastTrial: Trial | undefined;
  let lastPay: ReadonlyMap<number, bigint> = new Map();

  for (let step = 0; step < steps; step++) {
    const at: Moment = { seed, step, epoch: step * stepEpochs };
    const input: PolicyInput = { epoch: at.epoch, parameters: settling, saturationUnits: scenario.saturationUnits };
    const of = epochOf(world, owners, at);
    const payout = policy.pay(of, input, memory);
    budget += serviceBudget(budgetsAt(at.epoch, settling));
    paid += payout.paid.reduce((sum, amount) => sum + amount, 0n);
    coverage += payout.coverage;
    ({ memory, kept } = payout);
    samples.push(sampleOf(step, owners, of, payout.paid));
    lastPay = payByOwner(of, payout.paid);
    for (const [owner, amount] of lastPay) earned.set(owner, (earned.get(owner) ?? 0n) + amount);
    owners = owners.map((owner) => restaked(owner, lastPay.get(owner.id) ?? 0n, stepEpochs));
    lastTrial = { world, settling, policy, memory, owners, at };
    if ((step + 1) % reviewSteps !== 0) continue;
    gains.push({ step, ...gainsOf(lastTrial) });
    const unitPay =
      serviceBudget(budgetsAt(at.epoch, settling)) / BigInt(Math.max(unitsAtStart, 2 * parameters.floorUnits));
    const gone = departures(owners, earned, { unitPay, steps: reviewSteps, leavePpm: scenario.entry.leavePpm });
    const arrived = arrivals(
      { ...lastTrial, owners: owners.filter(({ id }) => !gone.has(id)) },
      { settlers, random: random.stream(`arrivals ${step}`), unitPay },
    );
    owners = [...owners.filter(({ id }) => !gone.has(id)), ...arrived];
    left += gone.size;
    came += arrived.length;
    earned = new Map();
  }
  const last = lastTrial as Trial;
  return {
    ...{ name: policy.name, about: policy.about, budget, paid, kept, samples, gains, came, left },
    payPerUnitPpm: payPerUnit(last.owners, lastPay),
    coveragePaidPpm: paid === 0n ? 0 : Number((coverage * 1_000_000n) / paid),
    withholding: withholdingOf(last),
    withholdingByCaps: withholdingOf({ ...last, settling: { ...settling, coverageReleasePpm: 0 } }),
    dealing: policy.name === "fairmesh" ? dealingSweep(last, [usePriceOf(parameters), ...usePrices]) : [],
  };
}

const unitsOf = (owners: readonly Owner[]): number =>
  owners.reduce((sum, { sites }) => sum + sites.reduce((units, site) => units + site.units, 0), 0);

/** Runs a scenario for so many years of epochs under each rule. The same seed gives the same report. */
export function runEconomics(
  scenario: EconomicScenario,
  options: { readonly years: number; readonly seed: number },
  onRule: (name: string) => void = () => {},
): EconomicReport {
  const { years, seed } = options;
  const parameters = economicParameters(scenario);
  const world: WorldParts = { scenario, parameters, places: readPlaces(parameters.locationResolution) };
  const { stepEpochs } = scenario;
  const steps = Math.max(1, Math.floor((years * parameters.eraEpochs) / stepEpochs));
  const owners = createSettlers(world).all(seededRandom(`economics ${seed}`).stream("owners"));
  return {
    ...{ scenario: scenario.name, description: scenario.description, seed, years, stepEpochs },
    stepsPerYear: parameters.eraEpochs / stepEpochs,
    owners: owners.length,
    units: unitsOf(owners),
    usePrice: usePriceOf(parameters),
    rules: policies.map((policy) => {
      onRule(policy.name);
      return runRule(world, policy, { seed, steps });
    }),
  };
}
