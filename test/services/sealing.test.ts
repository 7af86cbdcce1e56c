// The sealing written a second time, word by word and as plainly as can be, against what src/native makes; a digest that must
// never change; the schedule's own promises.
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  sealDistances,
  sealPartners,
  sealScatter,
  sealUnitsMin,
  sectorLeafBytes,
  sectorSeed,
  sha256,
} from "../../src/crypto/index.ts";
import { sealSector } from "../../src/native/index.ts";
import { type Bytes, toHex } from "../../src/primitives/index.ts";
import { plainLine } from "../support/plain-sealing.ts";

const wordsPerUnit = 1024;

/** The last pass of the plain line, as bytes. */
function plainly(seed: Bytes, units: number): Bytes {
  const { values } = plainLine(seed, units);
  const sector = Buffer.alloc(units * sectorLeafBytes);
  for (const [unit, value] of values.slice(-units).entries())
    for (const [i, word] of value.entries()) sector.writeUInt32LE(word, unit * sectorLeafBytes + 4 * i);
  return sector;
}

const seed = sectorSeed(new Uint8Array(32).fill(5), 3);
const sealed = (units: number): Bytes =>
  sealSector(seed, units * sectorLeafBytes, () => {}).subarray(0, units * sectorLeafBytes);

test("a sector is what the schedule says, written again word by word", () => {
  for (const units of [sealUnitsMin, 13, 32]) assert.equal(sealed(units), new Uint8Array(plainly(seed, units)));
});

test("a sector never changes: every commitment on the ledger rests on it", () => {
  assert.is(toHex(sha256(sealed(16))), "135f37ba683e3313fa5a314cfa7c3e58f1c332dda440d9901e76d977bc379bb4");
});

test("a unit's partners are different ones, neither the unit before nor its old value", () => {
  for (const units of [sealUnitsMin, 9, 16, 100, 1024]) {
    const distances = new Int32Array(sealPartners);
    for (let t = 0; t < 4 * units; t++) {
      sealDistances(t, units, distances);
      assert.is(new Set(distances).size, sealPartners);
      for (const distance of distances) assert.ok(distance >= 2 && distance < units, `${distance} of ${units}`);
    }
  }
  assert.throws(() => sealDistances(0, sealUnitsMin - 1, new Int32Array(sealPartners)), /eight units/);
});

test("partners are drawn on every scale alike, and the last one evenly", () => {
  const units = 1 << 12;
  const distances = new Int32Array(sealPartners);
  const scales = new Array<number>(12).fill(0);
  let far = 0;
  const draws = 20_000;
  for (let t = 0; t < draws; t++) {
    sealDistances(t, units, distances);
    (scales[31 - Math.clz32(distances[0] as number)] as number)++;
    if ((distances[sealPartners - 1] as number) > units / 2) far++;
  }
  for (const count of scales.slice(1)) assert.ok(Math.abs(count / (draws / 11) - 1) < 0.1, String(scales));
  assert.ok(Math.abs(far / draws - 0.5) < 0.02, String(far));
});

test("words scatter to all places, and the running chain does not cancel in a unit's first block", () => {
  const places = new Set<number>();
  for (let i = 0; i < wordsPerUnit; i++) {
    const to = (sealScatter.start + i * sealScatter.factor) % wordsPerUnit;
    places.add(to);
    // The parent's last block carries the chain's last value; in the first block of the input both would meet.
    if (i >= wordsPerUnit - 4) assert.ok(to >= 4);
  }
  assert.is(places.size, wordsPerUnit);
});

test.run();
