// How concentrated amounts are, in integers: Gini, Herfindahl, Nakamoto coefficients and the largest share.
// And the bounded step by which concentration by group moves the caps.

import { clamp } from "../primitives/index.ts";
import type { Concentration, Parameters } from "../schema/index.ts";

const million = 1_000_000n;

/** Of the positive `amounts`; all zero when there are none. Textbook definitions, rounded down to ppm. */
export function concentrationOf(amounts: readonly bigint[] | BigUint64Array): Concentration {
  const held = BigUint64Array.from(Array.from(amounts).filter((amount) => amount > 0n)).sort();
  const count = BigInt(held.length);
  let total = 0n;
  let ranked = 0n;
  let squares = 0n;
  for (let index = 0; index < held.length; index++) {
    const amount = held[index] as bigint;
    total += amount;
    ranked += BigInt(index + 1) * amount;
    squares += amount * amount;
  }
  if (total === 0n) return { giniPpm: 0, herfindahlPpm: 0, nakamotoThird: 0, nakamotoHalf: 0, topSharePpm: 0 };
  return {
    giniPpm: Number((million * (2n * ranked - (count + 1n) * total)) / (count * total)),
    herfindahlPpm: Number((million * squares) / (total * total)),
    nakamotoThird: fewestAbove(held, total, 3n),
    nakamotoHalf: fewestAbove(held, total, 2n),
    topSharePpm: Number((million * (held[held.length - 1] as bigint)) / total),
  };
}

/** The fewest holders that have more than 1 / `part` of all together. */
function fewestAbove(ascending: BigUint64Array, total: bigint, part: bigint): number {
  let sum = 0n;
  for (let count = 1; count <= ascending.length; count++) {
    sum += ascending[ascending.length - count] as bigint;
    if (sum * part > total) return count;
  }
  return ascending.length;
}

export const capScaleMin = 100_000;
export const capScaleMax = 1_000_000;

/** The scale of a kind's caps after an epoch: one bounded step down when groups are too large, up when they are small. */
export function steerCaps(
  now: { readonly capScalePpm: number; readonly steppedEpoch: number },
  groups: Concentration,
  at: { readonly epoch: number; readonly parameters: Parameters },
): { readonly capScalePpm: number; readonly steppedEpoch: number } {
  const p = at.parameters;
  if (groups.topSharePpm === 0 || at.epoch < now.steppedEpoch + p.capStepEpochs) return now;
  const tighten = groups.herfindahlPpm > p.herfindahlHighPpm || groups.topSharePpm > p.topShareHighPpm;
  const loosen = groups.herfindahlPpm < p.herfindahlLowPpm;
  if (!tighten && !loosen) return now;
  const factor = tighten ? 1_000_000 - p.capStepPpm : 1_000_000 + p.capStepPpm;
  const capScalePpm = clamp(Math.floor((now.capScalePpm * factor) / 1_000_000), capScaleMin, capScaleMax);
  return capScalePpm === now.capScalePpm ? now : { capScalePpm, steppedEpoch: at.epoch };
}
