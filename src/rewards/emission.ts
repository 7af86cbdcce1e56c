// How much an epoch emits and how it is cut: integer steps, rounded down, the rest to the treasury.
import { mulPpm } from "../primitives/index.ts";
import type { Parameters } from "../schema/index.ts";

/** Grains emitted in an epoch: each era's emission is the last one's less a fixed share. */
export function emissionAt(epoch: number, p: Parameters): bigint {
  let emission = p.emissionPerEpoch;
  for (let era = Math.floor(epoch / p.eraEpochs); era > 0 && emission > 0n; era--) {
    emission = mulPpm(emission, 1_000_000 - p.emissionFallPpm);
    if (p.emissionFallPpm === 0) break;
  }
  return emission;
}

export interface Budgets {
  readonly emission: bigint;
  /** By number of the kind. */
  readonly kinds: readonly bigint[];
  readonly committee: bigint;
  readonly audits: bigint;
  /** Its share, and what rounding leaves over. */
  readonly treasury: bigint;
}

export const kindShares = (p: Parameters): readonly number[] => [
  p.storageBudgetPpm,
  p.bandwidthBudgetPpm,
  p.computeBudgetPpm,
  p.wirelessBudgetPpm,
  p.energyBudgetPpm,
  p.sensorBudgetPpm,
];

export const standbyShares = (p: Parameters): readonly number[] => [
  p.storageStandbyPpm,
  p.bandwidthStandbyPpm,
  p.computeStandbyPpm,
  p.wirelessStandbyPpm,
  p.energyStandbyPpm,
  p.sensorStandbyPpm,
];

export function budgetsAt(epoch: number, p: Parameters): Budgets {
  const emission = emissionAt(epoch, p);
  const services = mulPpm(emission, p.servicesSharePpm);
  const kinds = kindShares(p).map((share) => mulPpm(services, share));
  const committee = mulPpm(emission, p.committeeSharePpm);
  const audits = mulPpm(emission, p.auditSharePpm);
  const treasury = emission - committee - audits - kinds.reduce((sum, budget) => sum + budget, 0n);
  return { emission, kinds, committee, audits, treasury };
}
