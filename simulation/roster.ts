// Who is who in a simulated network: keys, committees by term, which seats are Byzantine and how. Drawn from the seed once.
import { sha256 } from "../src/crypto/index.ts";
import type { Signer, TermCommittee } from "../src/ports/index.ts";
import { type AccountId, bigEndian, equalBytes } from "../src/primitives/index.ts";
import { committeeCodec } from "../src/schema/index.ts";
import type { SeededRandom } from "./environment/index.ts";
import type { Behaviour, Scenario } from "./scenario.ts";

export const quorumOf = (size: number): number => size - Math.floor((size - 1) / 3);

export interface RosterOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly makeSigner: (label: string) => Signer;
}

export class Roster {
  readonly signers: readonly Signer[];
  /** Accounts that have a seat, in some terms at least; the others follow. */
  readonly seated: number;
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #committees = new Map<number, TermCommittee>();
  readonly #all: readonly number[];
  /** The misbehaviour of an account. */
  readonly byzantine: ReadonlyMap<number, Behaviour>;

  constructor({ scenario, seed, random, makeSigner }: RosterOptions) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.seated = scenario.nodes;
    this.#all = Array.from({ length: this.seated }, (_, index) => index);
    this.signers = Array.from({ length: this.seated + scenario.followers }, (_, index) => makeSigner(String(index)));
    this.byzantine = this.#drawByzantine(random.stream("byzantine"));
  }

  get faultsMax(): number {
    return Math.floor((this.#accountsIn(0).length - 1) / 3);
  }

  /** The seat of an account in a term. */
  seatOf(term: number, account: number): number | undefined {
    const seat = this.#accountsIn(term).indexOf(account);
    return seat === -1 ? undefined : seat;
  }

  accountOf(id: AccountId): number {
    return this.signers.findIndex(({ accountId }) => equalBytes(accountId, id));
  }

  quorum(term: number): number {
    return quorumOf(this.#accountsIn(term).length);
  }

  committee(term: number): TermCommittee {
    const known = this.#committees.get(term);
    if (known !== undefined) return known;
    const seats = this.#accountsIn(term).map((account) => {
      const { accountId, publicKey } = this.signers[account] as Signer;
      return { operator: accountId, publicKey };
    });
    const record = { term, seats };
    const beacon = sha256(bigEndian(this.#seed), bigEndian(term));
    const committee = { record, root: committeeCodec.root(record), beacon };
    this.#committees.set(term, committee);
    return committee;
  }

  #accountsIn(term: number): readonly number[] {
    if (!this.#scenario.rotate || this.seated <= 4) return this.#all;
    return this.#all.filter((account) => account !== term % this.seated);
  }

  #drawByzantine(random: SeededRandom): ReadonlyMap<number, Behaviour> {
    const { byzantine } = this.#scenario;
    if (byzantine === undefined) return new Map();
    const count = Math.min(byzantine.count === "f" ? this.faultsMax : byzantine.count, this.seated);
    const accounts = random.shuffled(Array.from({ length: this.seated }, (_, index) => index)).slice(0, count);
    return new Map(accounts.map((account) => [account, random.pick(byzantine.of)]));
  }
}
