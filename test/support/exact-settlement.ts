// The reward rule a second time, as the protocol's text says it, in exact fractions: no scales, no millionths, no rounding,
// and no regard for speed. Shares no code with src/rewards. For tests that compare.

/** A fraction of whole numbers; the denominator is positive. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
export const fraction = (n: bigint | number, d: bigint | number = 1): Fraction => {
  const [top, bottom] = [BigInt(n), BigInt(d)];
  const shared = gcd(top, bottom) || 1n;
  return { n: top / shared, d: bottom / shared };
};
export const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d);
const over = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d, a.d * b.n);
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
const least = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? a : b);
export const most = (a: Fraction, b: Fraction): Fraction => (isLess(a, b) ? b : a);
const total = (all: readonly Fraction[]): Fraction => all.reduce(plus, fraction(0));

export interface ExactAsset {
  readonly kind: number;
  /** Names of its groups, as a set of texts: which ones they are does not matter here. */
  readonly groups: readonly string[];
  readonly cell: string;
  readonly measured: bigint;
  readonly delivered: bigint;
  readonly passPpm: number;
  readonly bonusPpm: number;
  readonly bondGrains: bigint;
}

export interface ExactRules {
  readonly standbyPpm: (kind: number) => number;
  readonly leverage: number;
  readonly headroomPpm: number;
  readonly minimumUnits: number;
  readonly floorUnits: number;
  readonly capScalePpm: number;
  readonly budget: (kind: number) => bigint;
  readonly released: (kind: number) => bigint;
  /** Averaged demand and supply of a group, in units. */
  readonly past: (kind: number, group: string) => { readonly demand: Fraction; readonly supply: Fraction } | undefined;
}

const ppm = (share: number): Fraction => fraction(share, 1_000_000);

/** in units. */
function weight(asset: ExactAsset, rules: ExactRules): Fraction {
  const standby = ppm(rules.standbyPpm(asset.kind));
  const measured = fraction(asset.measured);
  const used = least(measured, fraction(asset.delivered));
  const paid = plus(times(standby, measured), times(minus(fraction(1), standby), used));
  const work = times(times(paid, ppm(asset.passPpm)), plus(fraction(1), ppm(asset.bonusPpm)));
  return least(work, times(fraction(asset.bondGrains, 1_000_000_000n), fraction(rules.leverage)));
}

export interface ExactReward {
  readonly reward: Fraction;
  readonly coverage: Fraction;
  /** What the budget was divided by, in units. */
  readonly divided: Fraction;
}

/** what each asset gets, in grains. */
export function exactSettlement(assets: readonly ExactAsset[], rules: ExactRules): readonly ExactReward[] {
  const weights = assets.map((asset) => weight(asset, rules));
  const scaleOf = (kind: number, group: string): Fraction => {
    const inside = assets.flatMap((one, at) =>
      one.kind === kind && one.groups.includes(group) ? [weights[at] as Fraction] : [],
    );
    const demand = rules.past(kind, group)?.demand ?? fraction(0);
    const wanted = times(demand, plus(fraction(1), ppm(rules.headroomPpm)));
    const cap = times(most(wanted, fraction(rules.minimumUnits)), ppm(rules.capScalePpm));
    const sum = total(inside);
    return sum.n === 0n ? fraction(1) : least(fraction(1), over(cap, sum));
  };
  const capped = assets.map(({ kind, groups }, at) =>
    times(weights[at] as Fraction, groups.map((group) => scaleOf(kind, group)).reduce(least, fraction(1))),
  );
  const shortage = assets.map(({ kind, cell }): Fraction => {
    const past = rules.past(kind, cell);
    if (past === undefined || past.supply.n === 0n) return fraction(past !== undefined && past.demand.n > 0n ? 1 : 0);
    const beyond = minus(times(past.demand, plus(fraction(1), ppm(rules.headroomPpm))), past.supply);
    return least(most(over(beyond, times(past.supply, ppm(rules.headroomPpm))), fraction(0)), fraction(1));
  });
  const dividedBy = (kind: number): Fraction =>
    most(total(capped.filter((_, at) => assets[at]?.kind === kind)), fraction(rules.floorUnits));
  return assets.map(({ kind }, at) => {
    const own = capped[at] as Fraction;
    const divided = dividedBy(kind);
    const released = times(fraction(rules.released(kind)), shortage[at] as Fraction);
    const coverage = over(times(released, own), divided);
    return { reward: plus(over(times(fraction(rules.budget(kind)), own), divided), coverage), coverage, divided };
  });
}
