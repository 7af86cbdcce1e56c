// The assets that a configuration asks to offer, in the network's units.
import type { Config } from "../config/index.ts";
import { FairmeshError, grains, parseCell, parseFair } from "../primitives/index.ts";
import type { Offer } from "../runtime/duties/index.ts";
import type { Parameters } from "../schema/index.ts";

/** Offers of nothing when no cell is claimed. Throws `CONFIG_INVALID` for a cell or price that cannot be read. */
export function offersOf({ assets }: Config, parameters: Parameters): readonly Offer[] {
  if (assets.cell === "") return [];
  const cell = parseCell(assets.cell);
  if (!cell.ok) throw new FairmeshError("CONFIG_INVALID", `assets.cell: ${cell.error}`);
  const price = parseFair(assets.pricePerUnitEpoch);
  if (!price.ok) throw new FairmeshError("CONFIG_INVALID", `assets.pricePerUnitEpoch: ${price.error}`);
  const units = {
    storage: BigInt(Math.floor(assets.storageBytes / parameters.storageUnitBytes)),
    bandwidth: BigInt(assets.bandwidthMbit),
  };
  const leverage = BigInt(parameters.leverageUnitsPerFair);
  return (["storage", "bandwidth"] as const)
    .filter((kind) => units[kind] > 0n)
    .map((kind) => ({
      kind,
      units: units[kind],
      cell: cell.value,
      // Bond enough that it does not limit the work, and never less than the least.
      bond: grains(
        [parameters.assetBondMin, ((units[kind] + leverage - 1n) / leverage) * 1_000_000_000n].reduce((a, b) =>
          a > b ? a : b,
        ),
      ),
      pricePerUnitEpoch: price.value,
    }));
}
