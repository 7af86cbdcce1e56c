// An operator of a whole simulation: key and hash chains from its name, what it offers, and the spirit in which it serves and
// audits.
import { accountIdOf, createHashChain, sha256 } from "../../src/crypto/index.ts";
import type { Clock, Signer, Volume } from "../../src/ports/index.ts";
import {
  type AccountId,
  cellAt,
  FairmeshError,
  fair,
  grains,
  keyOf,
  utf8ToBytes,
  zeroDigest,
} from "../../src/primitives/index.ts";
import type { Offer } from "../../src/runtime/duties/index.ts";
import type { OperatorChains } from "../../src/runtime/whole/index.ts";
import type { Parameters } from "../../src/schema/index.ts";
import { createBandwidthService, createStorageService, type Service } from "../../src/services/index.ts";
import { cheapSigner, quickCompute } from "../environment/index.ts";
import type { Group, Spirit } from "./whole-scenario.ts";

export interface Operator {
  readonly name: string;
  readonly group: Group;
  /** Its place in the group, from 0. */
  readonly index: number;
  readonly signer: Signer;
  readonly chains: OperatorChains;
}

/** Chunks of 256 KiB in a bandwidth audit: who serves matters here, not how fast. */
const bandwidthChunks = 2;

export function makeOperator(group: Group, index: number, chainLength: number): Operator {
  const name = `${group.name} ${index + 1}`;
  const cheap = cheapSigner(name);
  const chain = (role: string) => {
    const made = createHashChain(sha256(utf8ToBytes(`${role} of ${name}`)), chainLength);
    return () => made;
  };
  return {
    name,
    group,
    index,
    signer: { ...cheap, accountId: accountIdOf(cheap.publicKey) },
    chains: { length: chainLength, beacon: chain("beacon"), auditor: chain("auditor") },
  };
}

export function offersFor({ storage, bandwidth, at }: Group, p: Parameters): readonly Offer[] {
  const units = { storage: BigInt(storage), bandwidth: BigInt(bandwidth) };
  const cell = cellAt(...at);
  return (["storage", "bandwidth"] as const)
    .filter((kind) => units[kind] > 0n)
    .map((kind) => {
      const backed = fair((units[kind] + BigInt(p.leverageUnitsPerFair) - 1n) / BigInt(p.leverageUnitsPerFair));
      return {
        ...{ kind, cell, units: units[kind], pricePerUnitEpoch: grains(1_000_000n) },
        bond: grains(backed > p.assetBondMin ? backed : p.assetBondMin),
      };
    });
}

/** Making a sector anew takes ten times the deadline of storage (section 5). */
const remakeMs = 50_000;

/** What a prover of this spirit says to a challenge. */
function answerOf({ group: { spirit }, index }: Operator, clock: Clock, service: Service): Service["answer"] {
  return async function* (question, signal) {
    if (spirit === "sharer" && index > 0) throw new FairmeshError("SECTOR_LOST", "the disk holds another's sectors");
    if (spirit === "remaker") await clock.sleep(remakeMs, signal);
    const prepared = { ...question, challenge: { ...question.challenge, nonce: zeroDigest } };
    const rubbish = spirit === "cheater" || spirit === "colluder";
    for await (const chunk of service.answer(spirit === "preparer" ? prepared : question, signal))
      yield rubbish ? chunk.map((byte) => byte ^ 1) : chunk;
  };
}

/** What an auditor of this spirit finds whatever it saw; undefined for what it saw. */
function verdictOf(spirit: Spirit, friend: boolean): boolean | undefined {
  if (spirit === "lenient" || (spirit === "colluder" && friend)) return true;
  return spirit === "slanderer" || spirit === "colluder" ? false : undefined;
}

/** The operator's services; `friends` are the accounts of its group. */
export function servicesFor(
  operator: Operator,
  parts: { readonly volume: Volume; readonly clock: Clock; readonly sectorBytes: number },
  friends: ReadonlySet<string>,
  ownerOf: (asset: Uint8Array) => AccountId | undefined,
): (kind: string) => Service | undefined {
  const { spirit } = operator.group;
  const isFriend = (asset: Uint8Array): boolean => {
    const owner = ownerOf(asset);
    return owner !== undefined && friends.has(keyOf(owner));
  };
  const services = [
    createStorageService({ ...parts, compute: quickCompute }),
    createBandwidthService({ clock: parts.clock, chunks: bandwidthChunks }),
  ];
  const inSpirit = (service: Service): Service => ({
    ...service,
    answer: answerOf(operator, parts.clock, service),
    async check(question, answer) {
      const finding = await service.check(question, answer);
      const verdict = verdictOf(spirit, isFriend(question.asset.id));
      if (verdict === undefined) return finding;
      return { ...finding, passed: verdict, measured: verdict ? question.asset.terms.units : 0n };
    },
  });
  const all = services.map(inSpirit);
  return (kind) => all.find((service) => service.kind === kind);
}
