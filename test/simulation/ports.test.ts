// The simulated clock, randomness, store and vote guard pass the contracts of their ports, on virtual time.
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  cheapSigner,
  cheapVerifier,
  mlDsaSigner,
  mlDsaVerifier,
  Scheduler,
  SimulatedDisk,
  seededRandom,
  simulatedClock,
} from "../../simulation/environment/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { toHex } from "../../src/primitives/index.ts";
import { clockContract } from "../contract/clock.ts";
import { randomContract } from "../contract/random.ts";
import { signerContract } from "../contract/signer.ts";
import { storeContract } from "../contract/store.ts";
import { voteGuardContract } from "../contract/vote-guard.ts";

const startMs = 1_700_000_000_000;
const newScheduler = () => new Scheduler({ startMs, random: seededRandom("order") });

for (const offsetMs of [0, -250]) {
  clockContract(test, `simulated clock off by ${offsetMs} ms`, () => {
    const scheduler = newScheduler();
    return {
      clock: simulatedClock(scheduler, { life: { alive: true }, offsetMs, label: "0" }),
      pass: (ms) => scheduler.run(scheduler.nowMs + ms),
    };
  });
}

randomContract(test, "seeded random", () => seededRandom("contract"));

const timers: NodeJS.Timeout[] = [];
test.after(() => {
  for (const timer of timers) clearInterval(timer);
});

/** Disks by name whose time passes by itself, as fast as the machine allows. */
function disks() {
  const known = new Map<string, SimulatedDisk>();
  return (name: string): SimulatedDisk => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const scheduler = newScheduler();
    const disk = new SimulatedDisk({ scheduler, random: seededRandom(name), syncMs: 1, label: name });
    known.set(name, disk);
    let running = false;
    const timer = setInterval(() => {
      if (running || scheduler.pending === 0) return;
      running = true;
      void scheduler.run(scheduler.nowMs + 1000).then(() => {
        running = false;
      });
    }, 1);
    timers.push(timer);
    return disk;
  };
}

const life = { alive: true };
const storeAt = disks();
storeContract(test, "simulated store", {
  open: async (name) => storeAt(name).store(life),
  reopen: async (name) => storeAt(name).store(life),
});
const guardAt = disks();
voteGuardContract(test, "simulated guard", {
  create: async (name) => guardAt(name).guard(life),
  reopen: async (name) => guardAt(name).guard(life),
});

test("a crash keeps what was synced, and a beginning of the rest", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const scheduler = newScheduler();
    const disk = new SimulatedDisk({ scheduler, random: seededRandom(`disk ${seed}`), syncMs: 1, label: "0" });
    const store = disk.store({ alive: true });
    const put = (index: number, sync: boolean) =>
      store.batch([{ space: "s", key: Uint8Array.of(index), value: Uint8Array.of(index) }], { sync });
    const synced = put(0, true);
    await scheduler.run(startMs + 10);
    await synced;
    for (let index = 1; index < 5; index++) await put(index, false);
    disk.crash();
    const after = disk.store({ alive: true });
    const kept = [0, 1, 2, 3, 4].filter((index) => after.get("s", Uint8Array.of(index)) !== undefined);
    assert.equal(kept, [0, 1, 2, 3, 4].slice(0, kept.length));
    assert.ok(kept.length >= 1);
  }
});

for (const [name, signer, verifier] of [
  ["cheap signer", cheapSigner, cheapVerifier],
  ["simulated ML-DSA", mlDsaSigner, mlDsaVerifier()],
] as const) {
  test(`${name}: binds key, root and purpose`, async () => {
    const [one, other] = [signer("one"), signer("other")];
    const root = sha256(Uint8Array.of(1));
    const signature = await one.sign(root, "vote");
    const check = { publicKey: one.publicKey, root, purpose: "vote", signature } as const;
    assert.is(await verifier.verify(check), true);
    assert.is(await verifier.verify({ ...check, publicKey: other.publicKey }), false);
    assert.is(await verifier.verify({ ...check, root: sha256(Uint8Array.of(2)) }), false);
    assert.is(await verifier.verify({ ...check, purpose: "propose" }), false);
    assert.is(await verifier.verify({ ...check, signature: signature.slice(1) }), false);
  });
}

signerContract(test, "simulated ML-DSA", { signer: (seed) => mlDsaSigner(toHex(seed)), verifier: mlDsaVerifier });

test.run();
