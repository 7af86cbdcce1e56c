// Who owns what and where: owners and their sites, as a scenario draws them. Sites are data; what happens in an epoch is in
// epoch.ts, who is paid what in policies.ts.
import { type Bytes, type Cell, maxBigint } from "../../src/primitives/index.ts";
import type { Parameters } from "../../src/schema/index.ts";
import type { SeededRandom } from "../environment/index.ts";
import type { Place, Places } from "./hotspots.ts";
import type { EconomicGroup, EconomicScenario, Role } from "./scenario.ts";

/** One asset in truth, however many identities it is registered as. */
export interface Site {
  readonly id: number;
  readonly owner: number;
  readonly kind: number;
  /** Where it stands. */
  readonly place: Place;
  /** What it claims. */
  readonly cell: Cell;
  readonly prefix: Bytes;
  readonly units: number;
  readonly bond: bigint;
  readonly identities: number;
  readonly answersPpm: number;
  /** Whether there is anything behind it. */
  readonly serves: boolean;
  /** Up to which part of its units its owner signs receipts itself. */
  readonly dealsPpm: number;
  /** Whether its claimed region is another than its own. */
  readonly lies: boolean;
}

export interface Owner {
  readonly id: number;
  readonly role: Role;
  readonly group: EconomicGroup;
  readonly costPpm: number;
  readonly sites: readonly Site[];
}

export interface WorldParts {
  readonly scenario: EconomicScenario;
  readonly parameters: Parameters;
  readonly places: Places;
}

const fairGrains = 1_000_000_000n;
/** Prefixes that the small providers of a region share. */
const prefixesPerRegion = 64;
/** Whoever is not small has a prefix a site, beyond those of the regions. */
const ownPrefixes = 1 << 20;
const quietCells = 300;

const prefixOf = (number: number): Bytes =>
  Uint8Array.of(4, (number >> 16) & 255, (number >> 8) & 255, number & 255, 0);

/** Draws places, sites and owners with ever new numbers. */
export function createSettlers({ scenario, parameters: p, places }: WorldParts) {
  let sites = 0;
  let owners = 0;
  let busiest = 0;

  const placeFor = (group: EconomicGroup, random: SeededRandom): Place => {
    if (group.place === "busiest") return places.all[busiest++ % places.all.length] as Place;
    if (group.place === "quiet") return places.all.at(-1 - random.below(quietCells)) as Place;
    return places.draw(random);
  };

  const siteOf = (owner: number, group: EconomicGroup, random: SeededRandom, kind: number): Site => {
    const { role } = group;
    const id = sites++;
    const place = placeFor(group, random);
    const claimed = role === "liar" ? (places.all.at(-1 - random.below(quietCells)) as Place) : place;
    const units = random.between(...group.units);
    const least = p.assetBondMin * BigInt(group.identities);
    const bond = (BigInt(units) * fairGrains * BigInt(group.bondPpm)) / BigInt(1_000_000 * p.leverageUnitsPerFair);
    const shared = place.region * prefixesPerRegion + random.below(prefixesPerRegion);
    return {
      ...{ id, owner, kind, place, units, bond: maxBigint(bond, least), identities: group.identities },
      cell: random.pick(claimed.cells),
      prefix: prefixOf(role === "small" ? shared : ownPrefixes + id),
      answersPpm: random.between(...group.answersPpm),
      serves: role !== "colluder",
      dealsPpm: role === "self-dealer" ? 1_000_000 : 0,
      lies: claimed.region !== place.region,
    };
  };

  const ownerOf = (group: EconomicGroup, random: SeededRandom): Owner => {
    const id = owners++;
    const first = random.below(2);
    const count = random.between(...group.sites);
    const own = Array.from({ length: count }, (_, at) => siteOf(id, group, random, (first + at) % 2));
    return { id, role: group.role, group, costPpm: random.between(...group.costPpm), sites: own };
  };

  return {
    owner: ownerOf,
    /** The same owner elsewhere: its sites in places drawn anew. */
    moved(owner: Owner, random: SeededRandom): Owner {
      const sites = owner.sites.map((site) => {
        const place = places.draw(random);
        const shared = place.region * prefixesPerRegion + random.below(prefixesPerRegion);
        return { ...site, place, cell: random.pick(place.cells), prefix: prefixOf(shared) };
      });
      return { ...owner, sites };
    },
    all: (random: SeededRandom): Owner[] =>
      scenario.groups.flatMap((group) => Array.from({ length: group.owners }, () => ownerOf(group, random))),
  };
}
