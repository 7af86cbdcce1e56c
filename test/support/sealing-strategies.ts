// What a cheater of storage may keep instead of a sector: strategies for a budget of bytes, used by the tests and the bench of
// sealing. Known ways to make a graph shallow (Valiant's edge classes, the greedy search of Alwen, Blocki and Harsha that takes
// the units with most paths of a length through them), what section 5 names, and values of the AES chain.
import { sealDistances, sectorLeafBytes } from "../../src/crypto/index.ts";
import { type Kept, type Line, lengthOf } from "./sealing-work.ts";

/** Evenly spread over a line: how many of `perUnit` (any number) fall to unit t. */
export const spread =
  (perUnit: number) =>
  (t: number): number =>
    Math.floor((t + 1) * perUnit) - Math.floor(t * perUnit);

const unitsFor = (bytes: number): number => Math.floor(bytes / sectorLeafBytes);

/** Keeps units `from` to `to` that `which` picks, while there is room. */
export function keepUnits(
  line: Line,
  bytes: number,
  which: (t: number) => boolean,
  [from, to] = [0, lengthOf(line)],
): Kept {
  const units = new Uint8Array(lengthOf(line));
  let room = unitsFor(bytes);
  for (let t = from; t < to && room > 0; t++) {
    if (!which(t)) continue;
    units[t] = 1;
    room--;
  }
  return { units };
}

/** Chain values evenly over all units, for all of the budget. */
export const keepChain = (line: Line, bytes: number): Kept => ({ chain: spread(bytes / 16 / lengthOf(line)) });

/** Rarest classes first: units into which an edge leads whose ends' numbers differ first in bit `class` (Valiant). */
function keepValiant(line: Line, bytes: number): Kept {
  const classes = new Int32Array(lengthOf(line));
  const distances = new Int32Array(line.partners);
  const counts = new Array<number>(32).fill(0);
  for (let t = 0; t < classes.length; t++) {
    if (line.partners > 0) sealDistances(t, line.units, distances);
    for (const distance of [1, line.units, ...distances])
      if (distance <= t) classes[t] = (classes[t] as number) | (1 << (31 - Math.clz32(t ^ (t - distance))));
    for (let bit = 0; bit < 32; bit++) if (((classes[t] as number) >>> bit) & 1) (counts[bit] as number)++;
  }
  const units = new Uint8Array(classes.length);
  let room = unitsFor(bytes);
  const rarest = counts.map((count, bit) => ({ count, bit })).filter(({ count }) => count > 0);
  for (const { bit } of rarest.sort((a, b) => a.count - b.count)) {
    for (let t = 0; t < units.length && room > 0; t++) {
      if (units[t] || !(((classes[t] as number) >>> bit) & 1)) continue;
      units[t] = 1;
      room--;
    }
  }
  return { units };
}

/** The units that are partner of most others. */
function keepMostUsed(line: Line, bytes: number): Kept {
  const uses = new Int32Array(lengthOf(line));
  const distances = new Int32Array(line.partners);
  for (let t = 0; t < uses.length; t++) {
    if (line.partners > 0) sealDistances(t, line.units, distances);
    for (const distance of distances) if (distance <= t) (uses[t - distance] as number)++;
  }
  const units = new Uint8Array(uses.length);
  const ranked = [...uses.keys()].sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
  for (const t of ranked.slice(0, unitsFor(bytes))) units[t] = 1;
  return { units };
}

/** Paths of `steps` edges through each unit that is left. */
function pathsThrough(line: Line, units: Uint8Array, steps: number): Float64Array {
  const length = units.length;
  const width = 2 + line.partners;
  const parents = new Int32Array(length * width);
  for (let t = 0; t < length; t++) {
    const own = parents.subarray(t * width, (t + 1) * width);
    if (line.partners > 0) sealDistances(t, line.units, own.subarray(2));
    own[0] = 1;
    own[1] = line.units;
    for (let j = 0; j < width; j++) own[j] = t - (own[j] as number);
  }
  const start = Float64Array.from(units, (kept) => (kept ? 0 : 1));
  const ending = [start];
  const beginning = [start];
  for (let step = 1; step <= steps; step++) {
    const [to, from] = [new Float64Array(length), new Float64Array(length)];
    const [toBefore, fromBefore] = [ending[step - 1] as Float64Array, beginning[step - 1] as Float64Array];
    for (let t = 0; t < length; t++) {
      if (units[t]) continue;
      for (let j = 0; j < width; j++) {
        const parent = parents[t * width + j] as number;
        if (parent < 0 || units[parent]) continue;
        to[t] = (to[t] as number) + (toBefore[parent] as number);
        from[parent] = (from[parent] as number) + (fromBefore[t] as number);
      }
    }
    ending.push(to);
    beginning.push(from);
  }
  const through = new Float64Array(length);
  for (let step = 0; step <= steps; step++)
    for (let t = 0; t < length; t++)
      through[t] = (through[t] as number) + (ending[step]?.[t] as number) * (beginning[steps - step]?.[t] as number);
  return through;
}

/** Again and again the units with most paths of `steps` edges through them, `rounds` times a part of the budget. */
export function keepGreedy(line: Line, bytes: number, { steps = 16, rounds = 8 } = {}): Kept {
  const units = new Uint8Array(lengthOf(line));
  const batch = Math.max(1, Math.floor(unitsFor(bytes) / rounds));
  for (let round = 0; round < rounds; round++) {
    const through = pathsThrough(line, units, steps);
    const ranked = [...through.keys()].sort((a, b) => (through[b] as number) - (through[a] as number));
    const near = new Uint8Array(units.length);
    let taken = 0;
    for (const t of ranked) {
      if (taken === batch) break;
      if (near[t] || units[t]) continue;
      units[t] = 1;
      taken++;
      near.fill(1, Math.max(0, t - (steps >> 1)), t + (steps >> 1));
    }
  }
  return { units };
}

const hashed = (t: number): number => Math.imul(t + 1, 2_654_435_761) >>> 8;

/** Everything above and what section 5 names, for a budget; by name. */
export function strategies(line: Line, bytes: number): Readonly<Record<string, () => Kept>> {
  const { units, passes } = line;
  const end = lengthOf(line);
  const final = (which: (i: number) => boolean) => () =>
    keepUnits(line, bytes, (t) => which(t - end + units), [end - units, end]);
  const part = bytes / units / sectorLeafBytes;
  const every = Math.ceil(passes / part);
  const border = Math.floor(unitsFor(bytes) / passes);
  const mixed = (share: number, whole: (bytes: number) => Kept) => () => ({
    ...whole(bytes * (1 - share)),
    ...keepChain(line, bytes * share),
  });
  const sampled = (room: number): Kept => {
    const each = Math.ceil((passes * units * sectorLeafBytes) / room);
    return keepUnits(line, room, (t) => t % each === each - 1);
  };
  return {
    "the first of the final sector": final(() => true),
    "the last of the final sector": final((i) => i >= units * (1 - part)),
    "evenly in the final sector": final((i) => spread(part)(i) > 0),
    "at random in the final sector": final((i) => hashed(i) % 1000 < part * 1000),
    "the first of the middle pass": () => keepUnits(line, bytes, () => true, [end >> 1, end]),
    "the first of the last pass but one": () => keepUnits(line, bytes, () => true, [end - 2 * units, end - units]),
    "one unit in so many of every pass": () => keepUnits(line, bytes, (t) => t % every === 0),
    "the same, shifted from pass to pass": () =>
      keepUnits(line, bytes, (t) => (t + 7 * Math.floor(t / units)) % every === 0),
    "pairs of units": () => keepUnits(line, bytes, (t) => t % (2 * every) < 2),
    "runs of units": () => keepUnits(line, bytes, (t) => t % (64 * every) < 64),
    "the last units of every pass": () => keepUnits(line, bytes, (t) => t % units >= units - border),
    "Valiant's classes": () => keepValiant(line, bytes),
    "the most used units": () => keepMostUsed(line, bytes),
    "chain values": () => keepChain(line, bytes),
    "chain values of the later half": () => ({
      chain: (t) => (t < end >> 1 ? 0 : spread((2 * bytes) / 16 / end)(t)),
    }),
    "chain values and one unit in so many": mixed(0.75, sampled),
    "chain values and half as much of the final sector": mixed(0.5, (room) =>
      keepUnits(line, room, () => true, [end - units, end]),
    ),
  };
}
