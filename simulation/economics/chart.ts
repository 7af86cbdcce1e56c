// A line chart as SVG text: a few series over time, labelled at their ends. Knows nothing of economics.

export interface Series {
  readonly name: string;
  /** A class that the page's style gives a colour. */
  readonly style: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
  /** How a value of the vertical axis is written. */
  readonly label: (y: number) => string;
  readonly xLabel: (x: number) => string;
  /** The highest values shown at least. */
  readonly xMax: number;
  readonly yMax: number;
}

const width = 520;
const height = 260;
const box = { left: 54, right: width - 92, top: 18, bottom: height - 28 } as const;
const labelHeight = 14;
const pointsMax = 160;

/** A step of 1, 2, 2.5 or 5 times a power of ten that cuts `range` into about `parts`. */
function tickStep(range: number, parts: number): number {
  const rough = range / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5].find((times) => times * power >= rough) ?? 10) * power;
}

const ticksTo = (max: number, parts: number): readonly number[] => {
  const step = tickStep(max, parts);
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, at) => at * step);
};

/** Every so many points, the last one always. */
const thinned = <T>(points: readonly T[]): readonly T[] => {
  const every = Math.ceil(points.length / pointsMax);
  return points.filter((_, at) => at % every === 0 || at === points.length - 1);
};

/** Heights for labels that would overlap, pushed apart from top to bottom. */
function spread(heights: readonly number[]): readonly number[] {
  const order = heights.map((_, at) => at).toSorted((a, b) => (heights[a] as number) - (heights[b] as number));
  const placed = [...heights];
  let least = box.top + 4;
  for (const at of order) {
    placed[at] = Math.max(least, placed[at] as number);
    least = (placed[at] as number) + labelHeight;
  }
  const over = least - labelHeight - box.bottom;
  return over > 0 ? placed.map((each) => each - over) : placed;
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function svgOf({ title, series, label, xLabel, xMax: xLeast, yMax }: Chart): string {
  const all = series.flatMap(({ points }) => points);
  const xMax = Math.max(xLeast, ...all.map(([x]) => x));
  const top = Math.max(yMax, ...all.map(([, y]) => y));
  const high = Math.ceil(top / tickStep(top, 4) - 1e-9) * tickStep(top, 4);
  const yTicks = ticksTo(high, 4);
  const across = (x: number): number => box.left + (x / xMax) * (box.right - box.left);
  const down = (y: number): number => box.bottom - (Math.max(0, y) / high) * (box.bottom - box.top);
  const at = (value: number): string => value.toFixed(1);
  const grid = yTicks.map(
    (y) =>
      `<line class="grid" x1="${box.left}" x2="${box.right}" y1="${at(down(y))}" y2="${at(down(y))}"/><text x="${box.left - 8}" y="${at(down(y) + 4)}" text-anchor="end">${escaped(label(y))}</text>`,
  );
  const xTicks = ticksTo(xMax, 4).map(
    (x) => `<text x="${at(across(x))}" y="${height - 8}" text-anchor="middle">${escaped(xLabel(x))}</text>`,
  );
  const drawn = series.filter(({ points }) => points.length > 0);
  const lines = drawn.map(({ points, style }) => {
    const path = thinned(points)
      .map(([x, y]) => `${at(across(x))},${at(down(y))}`)
      .join(" ");
    return `<polyline class="line ${style}" points="${path}"/>`;
  });
  const ends = spread(drawn.map(({ points }) => down(points.at(-1)?.[1] ?? 0)));
  const names = drawn.map(
    ({ name, style }, index) =>
      `<text class="name ${style}" x="${box.right + 6}" y="${at((ends[index] as number) + 4)}">${escaped(name)}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${[...grid, ...xTicks, ...lines.toReversed(), ...names].join("")}</svg>`;
}
