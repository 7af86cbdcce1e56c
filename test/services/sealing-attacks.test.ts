// What a cheater of storage saves who keeps something else than his sector: how much of a whole sealing he must still do, one
// AES call after another on any number of cores, to answer for a leaf that he did not keep. docs/STORAGE.md turns shares into
// seconds and has the figures of 1 GiB. Sectors of 2 MiB here, and budgets of half a sector; the deadline scales with both.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sectorLeafBytes } from "../../src/crypto/index.ts";
import { keepChain, keepGreedy, keepUnits, spread, strategies } from "../support/sealing-strategies.ts";
import {
  blocksPerUnit,
  bytesOf,
  type Kept,
  lengthOf,
  lineOf,
  serialLeft,
  timesOf,
  totalLeft,
  unitCost,
  wordTimesOf,
} from "../support/sealing-work.ts";

const line = lineOf(512);
const half = (line.units * sectorLeafBytes) / 2;
const whole = (of: { readonly units: number; readonly passes: number }): number =>
  lengthOf(of as never) * blocksPerUnit;

/** What docs/STORAGE.md counts on. */
const least = 0.42;

test("whoever keeps nothing, keys or digests makes the whole sector, however many cores he has", () => {
  // Keys and the first filling come from the seed and are free to anyone.
  assert.ok(serialLeft(line, {}).least > 0.99);
});

test("no strategy searched leaves less than the chain values do, with half a sector's room", () => {
  const found = { ...strategies(line, half), "greedy search": () => keepGreedy(line, half) };
  for (const [name, make] of Object.entries(found)) {
    const kept = make();
    assert.ok(bytesOf(line, kept) <= half + sectorLeafBytes, name);
    const left = serialLeft(line, kept).least;
    assert.ok(left > (kept.chain ? least : 0.95), `${name}: ${left}`);
  }
});

test("a quarter and an eighth of a sector's room leave more", () => {
  assert.ok(serialLeft(line, keepChain(line, half / 2)).least > 0.7);
  assert.ok(serialLeft(line, keepChain(line, half / 4)).least > 0.85);
});

test("seven eighths of the final sector, or every other leaf of it, leave nearly a whole sealing", () => {
  const end = lengthOf(line);
  const finals = (which: (i: number) => boolean): Kept =>
    keepUnits(line, 2 * half, (t) => which(t - end + line.units), [end - line.units, end]);
  for (const kept of [
    finals((i) => i % 8 !== 7),
    finals((i) => i % 2 === 0),
    finals((i) => i < (7 / 8) * line.units),
  ]) {
    assert.ok(serialLeft(line, kept).least > 0.97);
  }
});

test("units sampled from every pass cut neither the chain nor the work", () => {
  const kept = (strategies(line, half)["one unit in so many of every pass"] as () => Kept)();
  assert.ok(serialLeft(line, kept).least > 0.95);
  assert.ok(totalLeft(line, kept, lengthOf(line) - 2) > 0.95);
});

test("the search has teeth: without partners the same sample cuts the line to pieces", () => {
  const bare = lineOf(line.units, line.passes, 0);
  const kept = keepUnits(bare, half, (t) => t % (2 * bare.passes) === 0);
  assert.ok(serialLeft(bare, kept).least < 0.25, String(serialLeft(bare, kept).least));
});

test("counting units agrees with following each AES block", () => {
  const small = lineOf(64, 6);
  const units = keepUnits(small, 64 * sectorLeafBytes, (t) => t % 5 === 2).units as Uint8Array;
  const final = (times: Float64Array): number => Math.max(...times.subarray(lengthOf(small) - small.units));
  assert.is(Math.max(...wordTimesOf(small, {})), final(timesOf(small, {})));
  // After a kept unit the next one may begin a little before its other parents are whole.
  const byBlock = Math.max(...wordTimesOf(small, { units }));
  const forwards = final(timesOf(small, { units }, 0));
  assert.ok(byBlock <= forwards && byBlock > 0.97 * forwards, `${forwards} and ${byBlock}`);
  // What a kept unit gives backwards comes on top.
  assert.ok(final(timesOf(small, { units })) < forwards);
  // Chain values at the best places found: the count of units is below what can be done, and not by much.
  const places: readonly (readonly number[])[] = [[], [171], [106, 208], [72, 145, 219]];
  for (const perUnit of [1 / 2, 0.8, 1, 1.5, 2, 3]) {
    const chain = spread(perUnit);
    const exact = Math.max(...wordTimesOf(small, { chain: (t) => places[chain(t)] as readonly number[] }));
    const counted = final(timesOf(small, { chain }));
    assert.ok(counted <= exact && counted > 0.9 * exact, `${perUnit}: ${counted} and ${exact}`);
  }
  assert.is(unitCost(0), blocksPerUnit);
});

test("read in reverse or straight, kept ends of the chain would let units run one block behind another; scattered they do not", () => {
  const small = lineOf(64, 6);
  const left = (reading: "scattered" | "reversed" | "straight", ends: (t: number) => readonly number[]): number =>
    Math.max(...wordTimesOf(small, { chain: ends }, reading)) / whole(small);
  const every = (): readonly number[] => [blocksPerUnit - 1];
  const everyOther = (t: number): readonly number[] => (t % 2 === 1 ? every() : []);
  assert.ok(left("straight", every) < 0.05);
  assert.ok(left("reversed", every) < 0.05);
  assert.ok(left("reversed", everyOther) < 0.25);
  assert.ok(left("scattered", every) > 0.45);
  assert.ok(left("scattered", everyOther) > 0.65);
});

test.run();
