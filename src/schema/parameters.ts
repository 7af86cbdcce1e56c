// The parameters of the protocol (sections 9 and 10), in one table: genesis checks, queries, docs and governance read it.
// A row's `id` is its number on the wire and never changes. Values are what genesis or a vote last said, never operator
// configuration. Amounts are in grains and bigint; everything else is a plain number.
import { err, invariant, ok, type Result } from "../primitives/index.ts";

export const presets = ["devnet", "testnet", "mainnet"] as const;
export type Preset = (typeof presets)[number];

/** Who may change a parameter (G-1): nobody, a simple majority, or two thirds. */
export type ChangeClass = "fixed" | "majority" | "two-thirds";
export type ParameterUnit = "ms" | "blocks" | "epochs" | "count" | "grains" | "ppm" | "bytes" | "units" | "switch";

type Value<U> = U extends "grains" ? bigint : number;
type Row<N extends string, U extends ParameterUnit> = {
  readonly id: number;
  readonly name: N;
  readonly unit: U;
  readonly min: Value<U>;
  readonly max: Value<U>;
  /** devnet, testnet, mainnet. */
  readonly values: readonly [Value<U>, Value<U>, Value<U>];
  readonly change: ChangeClass;
  readonly about: string;
};

type Values<U> = Value<U> | readonly [Value<U>, Value<U>, Value<U>];
type Spread<V> = V extends readonly [infer A, infer B, infer C] ? readonly [A, B, C] : never;

const row = <const N extends string, const U extends ParameterUnit>(
  head: readonly [id: number, name: N, unit: U],
  bounds: readonly [min: Value<U>, max: Value<U>],
  rest: { readonly values: Values<U>; readonly change: ChangeClass; readonly about: string },
): Row<N, U> => {
  const { values } = rest;
  const spread = Array.isArray(values) ? values : [values, values, values];
  return {
    id: head[0],
    name: head[1],
    unit: head[2],
    min: bounds[0],
    max: bounds[1],
    values: spread as unknown as Spread<readonly [Value<U>, Value<U>, Value<U>]>,
    change: rest.change,
    about: rest.about,
  };
};

const fair = 1_000_000_000n;
const whole = 1_000_000;
const grainsMax = 1n << 62n;

// biome-ignore format: a table, a row a line
export const parameterTable = [
  row([1, "blockIntervalMs", "ms"], [10, 60_000], { values: [500, 2000, 2000], change: "two-thirds", about: "time between blocks (L-2)" }),
  row([2, "epochBlocks", "blocks"], [12, 100_000], { values: [24, 300, 1800], change: "fixed", about: "blocks in an epoch" }),
  row([3, "termEpochs", "epochs"], [2, 500], { values: [2, 12, 24], change: "fixed", about: "epochs a committee serves" }),
  row([4, "deltaMs", "ms"], [50, 60_000], { values: [1000, 2000, 2000], change: "two-thirds", about: "starting bound on a message's delay (S-9)" }),
  row([5, "driftMs", "ms"], [1, 15_000], { values: [250, 500, 500], change: "two-thirds", about: "tolerated clock difference, at most a quarter of deltaMs (L-2)" }),
  row([6, "seatsMax", "count"], [4, 64], { values: 64, change: "two-thirds", about: "seats of a committee at most" }),
  row([7, "auditorsPerAsset", "count"], [1, 64], { values: [3, 5, 7], change: "majority", about: "auditors drawn for an asset and epoch (P-1)" }),
  row([8, "windowsPerEpoch", "count"], [1, 8], { values: [1, 2, 4], change: "majority", about: "challenge windows for a kind in an epoch (P-2)" }),
  row([9, "windowBlocks", "blocks"], [2, 256], { values: [3, 8, 8], change: "majority", about: "blocks within which all challenges of a window are made (P-2)" }),
  row([10, "windowOpenPpm", "ppm"], [1, whole], { values: [250_000, 10_000, 3_000], change: "majority", about: "chance that a block opens a window (P-2)" }),
  row([11, "storageUnitBytes", "bytes"], [1 << 20, 2 ** 40], { values: [1 << 20, 2 ** 30, 2 ** 30], change: "fixed", about: "bytes in a unit of storage" }),
  row([12, "prefixRules", "switch"], [0, 1], { values: [0, 1, 1], change: "two-thirds", about: "rules by network prefix" }),
  row([13, "locationCheck", "switch"], [0, 1], { values: [0, 1, 1], change: "two-thirds", about: "reserved, without effect yet: check of claimed cells by round trips" }),
  row([14, "locationResolution", "count"], [0, 7], { values: 3, change: "two-thirds", about: "H3 resolution of regions (R-3); what a location check is to resolve" }),
  row([15, "supplyAtGenesis", "grains"], [0n, grainsMax], { values: 1_000_000n * fair, change: "fixed", about: "supply at genesis; what no account holds is the treasury's" }),
  row([16, "emissionPerEpoch", "grains"], [0n, 1n << 50n], { values: 1000n * fair, change: "two-thirds", about: "emission an epoch in the first era (R-9)" }),
  row([17, "eraEpochs", "epochs"], [1, 1_000_000], { values: 8760, change: "two-thirds", about: "epochs in an era" }),
  row([18, "emissionFallPpm", "ppm"], [0, whole], { values: 120_000, change: "two-thirds", about: "fall of emission from one era to the next" }),
  row([19, "servicesSharePpm", "ppm"], [0, whole], { values: 700_000, change: "two-thirds", about: "emission for verified work" }),
  row([20, "committeeSharePpm", "ppm"], [0, whole], { values: 120_000, change: "two-thirds", about: "emission for seats" }),
  row([21, "auditSharePpm", "ppm"], [0, whole], { values: 130_000, change: "two-thirds", about: "emission for auditors" }),
  row([22, "treasurySharePpm", "ppm"], [0, whole], { values: 50_000, change: "two-thirds", about: "emission for the treasury" }),
  row([23, "storageBudgetPpm", "ppm"], [0, whole], { values: 500_000, change: "majority", about: "share of the service budget" }),
  row([24, "bandwidthBudgetPpm", "ppm"], [0, whole], { values: 500_000, change: "majority", about: "share of the service budget" }),
  row([25, "computeBudgetPpm", "ppm"], [0, whole], { values: 0, change: "majority", about: "share of the service budget" }),
  row([26, "wirelessBudgetPpm", "ppm"], [0, whole], { values: 0, change: "majority", about: "share of the service budget" }),
  row([27, "energyBudgetPpm", "ppm"], [0, whole], { values: 0, change: "majority", about: "share of the service budget" }),
  row([28, "sensorBudgetPpm", "ppm"], [0, whole], { values: 0, change: "majority", about: "share of the service budget" }),
  row([29, "storageStandbyPpm", "ppm"], [0, whole], { values: [300_000, 800_000, 800_000], change: "majority", about: "pay for proved readiness (R-1)" }),
  row([30, "bandwidthStandbyPpm", "ppm"], [0, whole], { values: [200_000, 800_000, 800_000], change: "majority", about: "pay for proved readiness (R-1)" }),
  row([31, "computeStandbyPpm", "ppm"], [0, whole], { values: 200_000, change: "majority", about: "pay for proved readiness (R-1)" }),
  row([32, "wirelessStandbyPpm", "ppm"], [0, whole], { values: 300_000, change: "majority", about: "pay for proved readiness (R-1)" }),
  row([33, "energyStandbyPpm", "ppm"], [0, whole], { values: 300_000, change: "majority", about: "pay for proved readiness (R-1)" }),
  row([34, "sensorStandbyPpm", "ppm"], [0, whole], { values: 300_000, change: "majority", about: "pay for proved readiness (R-1)" }),
  row([35, "leverageUnitsPerFair", "units"], [1, 100], { values: [10, 1, 1], change: "two-thirds", about: "work that a FAIR of bond can back (R-2)" }),
  row([36, "burnLeverage", "count"], [0, 1000], { values: [20, 1, 1], change: "two-thirds", about: "grains of counted use a grain of fees burned (R-1)" }),
  row([37, "unitUseValue", "grains"], [1n, 1000n * fair], { values: [100n, 1_440_000_000n, 90_000_000n], change: "majority", about: "value at which a delivered unit counts as use (R-1)" }),
  row([38, "feeBase", "grains"], [0n, fair], { values: 1000n, change: "majority", about: "fee of every transaction (L-8)" }),
  row([39, "feePerByte", "grains"], [0n, 1_000_000n], { values: 10n, change: "majority", about: "fee for each byte of a transaction (L-8)" }),
  row([40, "feeBurnPpm", "ppm"], [0, whole], { values: 500_000, change: "two-thirds", about: "part of a fee that is burned; the rest is the proposer's" }),
  row([41, "operatorBondMin", "grains"], [fair, 1_000_000n * fair], { values: 10n * fair, change: "two-thirds", about: "least bond of an operator" }),
  row([42, "assetBondMin", "grains"], [fair / 1000n, 1_000_000n * fair], { values: fair, change: "two-thirds", about: "least bond of an asset" }),
  row([43, "registrationFee", "grains"], [0n, 1000n * fair], { values: fair, change: "majority", about: "burned for each operator and asset registered (R-6)" }),
  row([44, "bondCap", "grains"], [fair, 10_000_000n * fair], { values: 10_000n * fair, change: "two-thirds", about: "bond that counts in draws at most" }),
  row([45, "capHeadroomPpm", "ppm"], [0, 10 * whole], { values: 250_000, change: "majority", about: "cap above averaged demand (R-3)" }),
  row([46, "capMinimumUnits", "units"], [1, 2 ** 31], { values: [64, 64, 256], change: "majority", about: "least cap of a group (R-3)" }),
  row([47, "floorUnits", "units"], [1, 2 ** 31], { values: [64, 1024, 16_384], change: "majority", about: "work that earns a kind's whole budget (floor_kind of R-4)" }),
  row([48, "coverageReleasePpm", "ppm"], [0, whole], { values: 50_000, change: "majority", about: "what the coverage reserve adds to a kind's budget at most, and to an asset's pay (R-4)" }),
  row([49, "capStepPpm", "ppm"], [0, 500_000], { values: 50_000, change: "majority", about: "step by which concentration moves the caps (R-10)" }),
  row([50, "capStepEpochs", "epochs"], [1, 10_000], { values: 24, change: "majority", about: "least distance of two such steps (R-10)" }),
  row([51, "herfindahlHighPpm", "ppm"], [0, whole], { values: [900_000, 200_000, 200_000], change: "majority", about: "concentration by group that tightens the caps (R-10)" }),
  row([52, "herfindahlLowPpm", "ppm"], [0, whole], { values: [500_000, 100_000, 100_000], change: "majority", about: "concentration by group that loosens the caps (R-10)" }),
  row([53, "topShareHighPpm", "ppm"], [0, whole], { values: [950_000, 330_000, 330_000], change: "majority", about: "share of the largest group that tightens the caps (R-10)" }),
  row([54, "demandAveragingEpochs", "epochs"], [1, 1000], { values: [4, 24, 24], change: "majority", about: "epochs over which demand is averaged (R-1)" }),
  row([55, "meterBonusPpm", "ppm"], [0, 300_000], { values: [100_000, 0, 0], change: "majority", about: "renewable bonus with meter evidence at most (R-1)" }),
  row([56, "certificateBonusPpm", "ppm"], [0, 300_000], { values: [50_000, 0, 0], change: "majority", about: "renewable bonus with certificates at most (R-1)" }),
  row([57, "slashEquivocationPpm", "ppm"], [0, whole], { values: 200_000, change: "two-thirds", about: "bond lost for a fault of S-13" }),
  row([58, "slashFalseReportPpm", "ppm"], [0, whole], { values: 50_000, change: "two-thirds", about: "bond lost for a report proved false (P-6)" }),
  row([59, "slashLostPassPpm", "ppm"], [0, whole], { values: 20_000, change: "two-thirds", about: "bond lost for a drawn pass without transcript (P-3)" }),
  row([60, "unbondingEpochs", "epochs"], [1, 100_000], { values: [8, 504, 504], change: "two-thirds", about: "delay before an unbonding bond is paid out" }),
  row([61, "trustingEpochs", "epochs"], [1, 100_000], { values: [6, 336, 336], change: "two-thirds", about: "age of a checkpoint that a light client may pin" }),
  row([62, "evidenceEpochs", "epochs"], [1, 100_000], { values: [4, 168, 168], change: "two-thirds", about: "how long a fault can be punished" }),
  row([63, "beaconChainMin", "count"], [16, 1 << 20], { values: [4096, 65_536, 65_536], change: "majority", about: "least length of a beacon chain" }),
  row([64, "scoreStartPpm", "ppm"], [0, whole], { values: 500_000, change: "majority", about: "score of a new operator" }),
  row([65, "scoreDivisor", "count"], [1, 1024], { values: 16, change: "majority", about: "score moves by this part of its distance an epoch" }),
  row([66, "certificateEveryBlocks", "blocks"], [1, 1024], { values: [4, 32, 32], change: "majority", about: "one block in so many carries its parent's certificate (L-1)" }),
  row([67, "transactionBytesMax", "bytes"], [8192, 1 << 18], { values: 16 << 10, change: "two-thirds", about: "size of a transaction (L-3)" }),
  row([68, "longTransactionBytesMax", "bytes"], [1 << 14, 1 << 18], { values: 256 << 10, change: "two-thirds", about: "size of a report or claim part and of a transcript (L-3)" }),
  row([69, "blockBytesMax", "bytes"], [1 << 18, 1 << 20], { values: 1 << 20, change: "two-thirds", about: "size of a block (L-3)" }),
  row([70, "postingsPerBlock", "count"], [1, 20_000], { values: 2000, change: "majority", about: "balances and records that a settled epoch changes in a block (R-12)" }),
  row([71, "settleCostPerBlock", "count"], [100, 1_000_000], { values: 10_000, change: "majority", about: "work that settlement does in a block at least, in units of about 3 microseconds (R-12)" }),
  row([72, "operatorsMax", "count"], [4, 65_536], { values: [1024, 16_384, 16_384], change: "two-thirds", about: "operators at most" }),
  row([73, "assetsMax", "count"], [1, 1_000_000], { values: [4096, 100_000, 400_000], change: "two-thirds", about: "assets at most" }),
  row([74, "unitsPerAssetMax", "units"], [1, 2 ** 31], { values: 2 ** 31, change: "majority", about: "units of one asset at most" }),
  row([75, "transcriptsDrawn", "count"], [1, 16], { values: 2, change: "majority", about: "entries of a report for which a transcript is drawn (P-3)" }),
  row([76, "proposerPartPpm", "ppm"], [0, whole], { values: 500_000, change: "majority", about: "part of committee pay that goes by blocks proposed (R-8)" }),
  row([77, "auditEntriesFloor", "count"], [1, 1_000_000], { values: [16, 1000, 10_000], change: "majority", about: "audit entries that earn the whole audit budget (R-8)" }),
  row([78, "appealDeposit", "grains"], [0n, 10_000n * fair], { values: fair, change: "majority", about: "least deposit of an appeal (P-6)" }),
  row([79, "appealAuditors", "count"], [1, 64], { values: [5, 11, 15], change: "majority", about: "auditors drawn for an appeal (P-6)" }),
  row([80, "deviationPpm", "ppm"], [0, whole], { values: 250_000, change: "majority", about: "distance from the median that counts against an auditor (P-5)" }),
  row([81, "minimumTimelockEpochs", "epochs"], [1, 10_000], { values: [2, 24, 168], change: "two-thirds", about: "epochs between a vote and its effect (G-1)" }),
  row([82, "accountFee", "grains"], [0n, 1000n * fair], { values: fair / 100n, change: "majority", about: "burned by a transfer that opens an account (ADR 18)" }),
] as const;

type Rows = (typeof parameterTable)[number];
export type ParameterName = Rows["name"];
export type Parameter = Row<ParameterName, ParameterUnit>;
type GrainsName = Extract<Rows, { readonly unit: "grains" }>["name"];

/** Every parameter by name: amounts as bigint grains, all else as numbers. */
export type Parameters = { readonly [N in ParameterName]: N extends GrainsName ? bigint : number };

/** As genesis lists them: ascending by id, each a 64-bit number. */
export type ParameterList = readonly { readonly id: number; readonly value: bigint }[];

export const parametersOf = (preset: Preset): Parameters =>
  Object.fromEntries(
    parameterTable.map((entry) => [entry.name, entry.values[presets.indexOf(preset)]]),
  ) as unknown as Parameters;

export const parameterList = (parameters: Parameters): ParameterList =>
  parameterTable.map((entry) => ({ id: entry.id, value: BigInt(parameters[entry.name]) }));

/** The parameters that a genesis lists; fails with the first that is missing, unknown or out of its bounds. */
export function readParameters(list: ParameterList): Result<Parameters, string> {
  if (list.length !== parameterTable.length) return err(`there are ${parameterTable.length} parameters`);
  const values: [string, bigint | number][] = [];
  for (const [index, entry] of (parameterTable as readonly Parameter[]).entries()) {
    const given = list[index] as ParameterList[number];
    if (given.id !== entry.id) return err(`parameter ${entry.id} (${entry.name}) is missing or out of order`);
    if (given.value < BigInt(entry.min) || given.value > BigInt(entry.max)) {
      return err(`${entry.name} is from ${entry.min} to ${entry.max}, not ${given.value}`);
    }
    values.push([entry.name, entry.unit === "grains" ? given.value : Number(given.value)]);
  }
  const parameters = Object.fromEntries(values) as unknown as Parameters;
  const problem = parameterProblem(parameters);
  return problem === undefined ? ok(parameters) : err(problem);
}

/** What is wrong between parameters that are each within their bounds. */
export function parameterProblem(p: Parameters): string | undefined {
  const shares = p.servicesSharePpm + p.committeeSharePpm + p.auditSharePpm + p.treasurySharePpm;
  const kinds =
    p.storageBudgetPpm + p.bandwidthBudgetPpm + p.computeBudgetPpm + p.wirelessBudgetPpm + p.energyBudgetPpm;
  if (shares !== whole) return `the shares of emission make ${shares} ppm, not ${whole}`;
  if (kinds + p.sensorBudgetPpm !== whole) return `the shares of the service budget do not make ${whole} ppm`;
  if (p.driftMs * 4 > p.deltaMs) return "driftMs is at most a quarter of deltaMs (L-2)";
  if (p.epochBlocks % 6 !== 0) return "an epoch divides into six equal parts (P-3, R-12)";
  if (Math.floor(p.epochBlocks / p.windowsPerEpoch) <= p.windowBlocks) return "a window's part is longer than a window";
  const eras = p.emissionFallPpm === 0 ? whole : Math.ceil(whole / p.emissionFallPpm);
  if (p.supplyAtGenesis + p.emissionPerEpoch * BigInt(p.eraEpochs) * BigInt(eras) > 1n << 63n) {
    return "emission over all eras would not fit a 64-bit supply: lower emissionPerEpoch or raise emissionFallPpm (R-9)";
  }
  if (p.herfindahlLowPpm > p.herfindahlHighPpm) return "herfindahlLowPpm is at most herfindahlHighPpm";
  if (p.blockBytesMax < p.longTransactionBytesMax * 2 + 64 * 3400) return "a block holds two long transactions (L-3)";
  const rows = p.operatorsMax + 2 * p.assetsMax;
  if (rows > p.postingsPerBlock * Math.floor((p.epochBlocks * 3) / 4)) {
    return `an epoch cannot post ${rows} rows (R-12): lower assetsMax or raise postingsPerBlock`;
  }
  return undefined;
}

invariant(
  parameterTable.every((entry, index) => entry.id === index + 1),
  "parameter ids are counted from 1 without a gap",
);
