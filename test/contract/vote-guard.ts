// What every VoteGuard must do (S-14). Called with a way to make a guard and to open the same one again.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { type GuardRecord, guardKinds, type VoteGuard } from "../../src/ports/index.ts";
import { bigEndian, FairmeshError, zeroDigest } from "../../src/primitives/index.ts";

export interface VoteGuardFactory {
  create(name: string): Promise<VoteGuard>;
  reopen(name: string): Promise<VoteGuard>;
}

/** A record that differs from every other of its term and number. */
export const guardRecord = (term: number, number: number, signed = number % 2 === 0): GuardRecord => ({
  term,
  view: number + 1,
  kind: guardKinds[number % guardKinds.length] as GuardRecord["kind"],
  digest: sha256(bigEndian(term), bigEndian(number)),
  signatureHash: signed ? sha256(bigEndian(number)) : zeroDigest,
});

export async function guardCode(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

export function voteGuardContract(test: typeof uvuTest, name: string, make: VoteGuardFactory): void {
  let count = 0;
  const fresh = (): string => `${name.replaceAll(/\W/g, "-")}-${++count}`;
  const some = (term: number, length: number) => Array.from({ length }, (_, number) => guardRecord(term, number));

  test(`${name}: a new guard is sound and empty`, async () => {
    const guard = await make.create(fresh());
    assert.is(guard.state, "sound");
    assert.equal(guard.records(0), []);
    await guard.close();
  });

  test(`${name}: gives back each term's records in order, before and after it is opened again`, async () => {
    const at = fresh();
    const guard = await make.create(at);
    for (const record of [...some(3, 9), ...some(4, 2)]) await guard.append(record);
    assert.equal(guard.records(3), some(3, 9));
    await guard.close();
    const again = await make.reopen(at);
    assert.is(again.state, "sound");
    assert.equal(again.records(3), some(3, 9));
    assert.equal(again.records(4), some(4, 2));
    assert.equal(again.records(5), []);
    await again.append(guardRecord(4, 2));
    await again.append(guardRecord(3, 9));
    assert.equal(again.records(4), some(4, 3));
    assert.equal(again.records(3), some(3, 10));
    await again.close();
    const third = await make.reopen(at);
    assert.is(third.state, "sound");
    assert.equal(third.records(4), some(4, 3));
    await third.close();
  });

  test(`${name}: appends given at once are kept in the order given`, async () => {
    const guard = await make.create(fresh());
    await Promise.all(some(1, 20).map((record) => guard.append(record)));
    assert.equal(guard.records(1), some(1, 20));
    await guard.close();
  });

  test(`${name}: forgets pruned terms for good, and signs in none of them`, async () => {
    const at = fresh();
    const guard = await make.create(at);
    for (const term of [1, 2, 5]) await guard.append(guardRecord(term, 0));
    await guard.prune(5);
    assert.equal(guard.records(2), []);
    assert.is(await guardCode(guard.append(guardRecord(2, 1))), "GUARD_DAMAGED");
    await guard.append(guardRecord(5, 1));
    await guard.close();
    const again = await make.reopen(at);
    assert.is(again.state, "sound");
    assert.equal(again.records(1), []);
    assert.equal(again.records(5), some(5, 2));
    assert.is(await guardCode(again.append(guardRecord(4, 0))), "GUARD_DAMAGED");
    await again.close();
  });

  test(`${name}: nothing is written once it is closed`, async () => {
    const guard = await make.create(fresh());
    await guard.close();
    assert.is(await guardCode(guard.append(guardRecord(1, 0))), "GUARD_CLOSED");
  });
}
