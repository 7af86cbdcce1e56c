// The guard file and its twin against their contract; then every damage and loss that S-14 names, and what follows from it.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { type AccountId, utf8ToBytes } from "../../src/primitives/index.ts";
import { createGuard, type FileVoteGuard, openGuard } from "../../src/storage/index.ts";
import { guardCode, guardRecord, voteGuardContract } from "../contract/vote-guard.ts";
import { createMemoryVoteGuard, type GuardDisk, newGuardDisk } from "../support/memory-vote-guard.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-guard-"));
test.after(() => rmSync(folder, { recursive: true }));

const account = sha256(utf8ToBytes("an operator")) as unknown as AccountId;
const other = sha256(utf8ToBytes("another operator")) as unknown as AccountId;

const disks = new Map<string, GuardDisk>();
voteGuardContract(test, "in memory", {
  create: async (name) => {
    disks.set(name, newGuardDisk());
    return createMemoryVoteGuard(disks.get(name));
  },
  reopen: async (name) => createMemoryVoteGuard(disks.get(name)),
});
voteGuardContract(test, "guard file", {
  create: async (name) => {
    await createGuard(join(folder, name), account);
    return openGuard(join(folder, name), account);
  },
  reopen: (name) => openGuard(join(folder, name), account),
});

let count = 0;
const recordBytes = 120;
const segment = (path: string, term: number): string => join(path, `term-${String(term).padStart(16, "0")}.votes`);

/** A closed guard with `votes` records in each of terms 1, 2 and 3. */
async function filled(votes = 5): Promise<string> {
  const path = join(folder, `damage-${++count}`);
  await createGuard(path, account);
  const guard = await openGuard(path, account);
  for (const term of [1, 2, 3]) {
    for (let number = 0; number < votes; number++) await guard.append(guardRecord(term, number));
  }
  await guard.close();
  return path;
}

async function withGuard<T>(path: string, use: (guard: FileVoteGuard) => T | Promise<T>): Promise<T> {
  const guard = await openGuard(path, account);
  try {
    return await use(guard);
  } finally {
    await guard.close();
  }
}
const stateOf = (path: string) => withGuard(path, ({ state }) => state);

const rewrite = (file: string, change: (bytes: Buffer) => Uint8Array): void =>
  writeFileSync(file, change(readFileSync(file)));

test("a guard is made once and never over another, not even a damaged one", async () => {
  const path = await filled();
  assert.is(await guardCode(createGuard(path, account)), "GUARD_EXISTS");
  rmSync(join(path, "segments.json"));
  assert.is(await guardCode(createGuard(path, account)), "GUARD_EXISTS");
  assert.is(statSync(segment(path, 1)).mode & 0o777, 0o600);
  assert.is(statSync(segment(path, 1)).size, 6 * recordBytes);
});

test("a missing guard, and another key's, open as damaged and are not made by opening", async () => {
  const none = join(folder, "none");
  assert.is(await stateOf(none), "damaged");
  assert.not(existsSync(none));
  const path = await filled();
  const guard = await openGuard(path, other);
  assert.is(guard.state, "damaged");
  assert.match(guard.reason ?? "", "another key");
  assert.equal(guard.records(1), []);
  await guard.close();
});

test("every length to which a crash can cut the last record is torn, and only that record is gone", async () => {
  for (const cut of [1, 4, 60, recordBytes - 1]) {
    const path = await filled();
    rewrite(segment(path, 3), (bytes) => bytes.subarray(0, bytes.length - cut));
    await withGuard(path, async (guard) => {
      assert.is(guard.state, "torn");
      assert.is(guard.records(3).length, 4);
      await guard.append(guardRecord(3, 4));
      assert.is(guard.state, "sound");
    });
    await withGuard(path, (guard) => {
      assert.is(guard.state, "sound");
      assert.is(guard.records(3).length, 5);
    });
  }
});

test("a last record half written over with zeros is torn too", async () => {
  const path = await filled();
  rewrite(segment(path, 3), (bytes) => bytes.fill(0, bytes.length - 60));
  assert.is(await stateOf(path), "torn");
});

test("a torn record is cut off before a new term begins", async () => {
  const path = await filled();
  rewrite(segment(path, 3), (bytes) => bytes.subarray(0, bytes.length - 7));
  await withGuard(path, (guard) => guard.append(guardRecord(4, 0)));
  await withGuard(path, (guard) => {
    assert.is(guard.state, "sound");
    assert.is(guard.records(3).length, 4);
  });
});

test("any flipped bit before the last record is damage: nothing is signed, what stands before it still binds", async () => {
  const source = await filled();
  const length = statSync(segment(source, 2)).size;
  for (let at = 0; at < length; at += 37) {
    const path = `${source}-${at}`;
    cpSync(source, path, { recursive: true });
    const term = at < length - recordBytes ? 3 : 2;
    rewrite(segment(path, term), (bytes) => {
      bytes[at] = (bytes[at] as number) ^ 16;
      return bytes;
    });
    await withGuard(path, async (guard) => {
      // The last record of an older term may look torn; then the term after it says that it had more.
      assert.is(guard.state, "damaged", `byte ${at} of term ${term}`);
      assert.is(guard.records(term).length, Math.max(0, Math.floor(at / recordBytes) - 1));
      assert.is(guard.records(1).length, 5);
      assert.is(await guardCode(guard.append(guardRecord(9, 0))), "GUARD_DAMAGED");
    });
  }
});

test("records left out, exchanged, repeated or forged with a right checksum are damage", async () => {
  const swap = (bytes: Buffer): Uint8Array =>
    Buffer.concat([
      bytes.subarray(0, recordBytes),
      bytes.subarray(2 * recordBytes, 3 * recordBytes),
      bytes.subarray(recordBytes, 2 * recordBytes),
      bytes.subarray(3 * recordBytes),
    ]);
  const leaveOut = (bytes: Buffer): Uint8Array =>
    Buffer.concat([bytes.subarray(0, recordBytes), bytes.subarray(2 * recordBytes)]);
  const repeat = (bytes: Buffer): Uint8Array => Buffer.concat([bytes, bytes.subarray(bytes.length - recordBytes)]);
  for (const change of [swap, leaveOut, repeat]) {
    const path = await filled();
    rewrite(segment(path, 3), change);
    assert.is(await stateOf(path), "damaged", change.name);
  }
  const path = await filled();
  writeFileSync(segment(path, 3), readFileSync(segment(path, 2)));
  assert.is(await stateOf(path), "damaged");
});

test("a segment that is missing, or lost its end at a record's border before another began, is damage", async () => {
  for (const term of [1, 2, 3]) {
    const path = await filled();
    rmSync(segment(path, term));
    assert.is(await stateOf(path), "damaged", `term ${term}`);
  }
  const path = await filled();
  rewrite(segment(path, 2), (bytes) => bytes.subarray(0, bytes.length - 2 * recordBytes));
  await withGuard(path, (guard) => assert.match(guard.reason ?? "", "are gone"));
});

test("a changed or missing list of segments is damage, and so is a segment that it does not know", async () => {
  const changed = await filled();
  rewrite(join(changed, "segments.json"), (bytes) => Buffer.from(bytes.toString().replace("[1,2,3]", "[1,2]")));
  assert.is(await stateOf(changed), "damaged");
  const missing = await filled();
  rmSync(join(missing, "segments.json"));
  assert.is(await stateOf(missing), "damaged");
  const [older, newer] = [await filled(), await filled()];
  await withGuard(newer, (guard) => guard.append(guardRecord(4, 0)));
  cpSync(join(older, "segments.json"), join(newer, "segments.json"));
  assert.is(await stateOf(newer), "damaged");
});

test("what a crash leaves between making a segment and listing it, or in the middle of pruning, is cleared away", async () => {
  const path = await filled();
  const before = readFileSync(join(path, "segments.json"));
  await withGuard(path, (guard) => guard.append(guardRecord(4, 0)));
  writeFileSync(join(path, "segments.json"), before);
  rewrite(segment(path, 4), (bytes) => bytes.subarray(0, recordBytes));
  assert.is(await stateOf(path), "sound");
  assert.not(existsSync(segment(path, 4)));
  const kept = readFileSync(segment(path, 1));
  await withGuard(path, (guard) => guard.prune(3));
  writeFileSync(segment(path, 1), kept);
  assert.is(await stateOf(path), "sound");
  assert.equal(readdirSync(path).sort(), ["segments.json", "term-0000000000000003.votes"]);
});

test("after damage a guard is begun anew in a later term only; the damaged files stay, and stay readable", async () => {
  const path = await filled();
  rewrite(segment(path, 3), (bytes) => bytes.fill(1, 250, 260));
  await withGuard(path, async (guard) => {
    assert.is(guard.state, "damaged");
    assert.is(await guardCode(guard.renew(3)), "GUARD_DAMAGED");
    await guard.renew(6);
    assert.is(guard.state, "sound");
    await guard.append(guardRecord(6, 0));
    assert.is(await guardCode(guard.append(guardRecord(5, 0))), "GUARD_DAMAGED");
  });
  await withGuard(path, (guard) => {
    assert.is(guard.state, "sound");
    assert.is(guard.records(6).length, 1);
    assert.is(guard.records(2).length, 5);
    assert.ok(existsSync(segment(path, 3)));
  });
  const lost = join(folder, "lost");
  await withGuard(lost, async (guard) => {
    await guard.renew(2);
    await guard.append(guardRecord(2, 0));
  });
  assert.is(await stateOf(lost), "sound");
});

test.run();
