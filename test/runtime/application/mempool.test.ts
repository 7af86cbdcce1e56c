// The mempool's bounds: by count, bytes and account; replacement, expiry, eviction by what is paid for a byte; the order in which
// transactions are offered to a block. Random sequences never exceed a bound, and never lose count.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AccountId, bigEndian, grains, keyOf } from "../../../src/primitives/index.ts";
import { Mempool } from "../../../src/runtime/application/index.ts";
import type { PooledTransaction } from "../../../src/runtime/application/mempool.ts";
import { transactionOf } from "../../../src/schema/index.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const none: ReadonlySet<string> = new Set();
const account = (at: number) => bigEndian(at, 32) as AccountId;

/** A pooled transaction whose bytes are counted and never read. */
function pooled(of: {
  readonly from: number;
  readonly nonce: number;
  readonly tip: number;
  readonly size?: number;
  readonly expires?: number;
  readonly tried?: boolean;
}): PooledTransaction {
  const { from, nonce, tip, size = 200, expires = 1000, tried = true } = of;
  const head = { sender: account(from), nonce, tip: grains(BigInt(tip)), expiresHeight: expires };
  const transaction = transactionOf(head, { kind: "transfer", value: { to: account(99), amount: grains(1n) } });
  const id = `${from} ${nonce} ${tip} ${size} ${expires}`;
  return {
    transaction,
    witness: { signature: new Uint8Array(0), publicKey: [] },
    size,
    id,
    bytes: new Uint8Array(size),
    keys: "",
    tried,
  };
}
const offered = (pool: Mempool, nonces: Readonly<Record<number, number>> = {}) =>
  [...pool.candidates((sender) => nonces[Number(BigInt(`0x${keyOf(sender)}`))] ?? 0, none)].map(({ id }) => id);

test("no more than so many, so many bytes, and so many of one account", () => {
  const pool = new Mempool({ countMax: 3, bytesMax: 1000, perAccountMax: 2 });
  assert.is(pool.add(pooled({ from: 1, nonce: 0, tip: 5 })), undefined);
  assert.is(pool.add(pooled({ from: 1, nonce: 0, tip: 5 })), "already-known");
  assert.is(pool.add(pooled({ from: 1, nonce: 1, tip: 5 })), undefined);
  assert.is(pool.add(pooled({ from: 1, nonce: 2, tip: 50 })), "account-queue-full");
  assert.is(pool.add(pooled({ from: 2, nonce: 0, tip: 5 })), undefined);
  assert.is(pool.add(pooled({ from: 3, nonce: 0, tip: 5 })), "pool-full");
  assert.is(pool.add(pooled({ from: 3, nonce: 0, tip: 6 })), undefined);
  assert.equal([pool.size, pool.bytes], [3, 600]);
});

test("a replacement pays more by the least step; one that does not leaves the old one where it is", () => {
  const pool = new Mempool({ countMax: 2, bytesMax: 10_000 });
  pool.add(pooled({ from: 1, nonce: 0, tip: 5 }));
  assert.is(pool.add(pooled({ from: 1, nonce: 0, tip: 1004 })), "replacement-underpriced");
  assert.is(pool.add(pooled({ from: 1, nonce: 0, tip: 1005 })), undefined);
  assert.equal([pool.size, offered(pool)], [1, ["1 0 1005 200 1000"]]);
  pool.add(pooled({ from: 2, nonce: 0, tip: 1_000_000 }));
  // Too large for the pool, and nobody pays less: the old one stays.
  assert.is(pool.add(pooled({ from: 1, nonce: 0, tip: 5000, size: 9900 })), "pool-full");
  assert.equal(offered(pool), ["2 0 1000000 200 1000", "1 0 1005 200 1000"]);
});

test("who pays least for a byte goes first, an account's last before its first; if that is not enough, nobody goes", () => {
  const pool = new Mempool({ countMax: 10, bytesMax: 1000 });
  pool.add(pooled({ from: 1, nonce: 0, tip: 100 }));
  pool.add(pooled({ from: 1, nonce: 1, tip: 10 }));
  pool.add(pooled({ from: 2, nonce: 0, tip: 40 }));
  pool.add(pooled({ from: 3, nonce: 0, tip: 90, size: 400 }));
  // 400 bytes more would push out 10 and 40 for 200 each: 70 for 400 pays more than the first and less than the second.
  assert.is(pool.add(pooled({ from: 4, nonce: 0, tip: 70, size: 400 })), "pool-full");
  assert.is(pool.size, 4, "nobody went");
  assert.is(pool.add(pooled({ from: 4, nonce: 0, tip: 95, size: 400 })), undefined);
  assert.equal(offered(pool), ["1 0 100 200 1000", "4 0 95 400 1000", "3 0 90 400 1000"]);
  assert.ok(pool.bytes <= 1000);
});

test("what counts is what is paid for a byte in a block: a long witness costs like a long body, and what was not tried comes last", () => {
  const pool = new Mempool({ countMax: 3 });
  const witnessed = { ...pooled({ from: 1, nonce: 0, tip: 100 }), bytes: new Uint8Array(3000) };
  pool.add(witnessed);
  pool.add(pooled({ from: 2, nonce: 0, tip: 90, size: 400 }));
  pool.add(pooled({ from: 3, nonce: 0, tip: 1_000_000, tried: false }));
  assert.equal(offered(pool), ["2 0 90 400 1000", witnessed.id, "3 0 1000000 200 1000"]);
  assert.is(pool.add(pooled({ from: 4, nonce: 0, tip: 2_000_000, tried: false })), undefined);
  assert.is(pool.add(pooled({ from: 5, nonce: 0, tip: 0 })), undefined, "one that was tried, for nothing");
  pool.doubt("2 0 90 400 1000");
  assert.is(pool.add(pooled({ from: 6, nonce: 0, tip: 0 })), undefined);
  assert.is(pool.has("2 0 90 400 1000"), false);
});

test("a sender's own waiting transactions are not pushed out by its next", () => {
  const pool = new Mempool({ countMax: 2 });
  pool.add(pooled({ from: 1, nonce: 0, tip: 1 }));
  pool.add(pooled({ from: 2, nonce: 0, tip: 100 }));
  assert.is(pool.add(pooled({ from: 1, nonce: 1, tip: 50 })), "pool-full");
  assert.ok(pool.has("1 0 1 200 1000"));
});

test("expired, used and outdated ones are forgotten", () => {
  const pool = new Mempool();
  pool.add(pooled({ from: 1, nonce: 0, tip: 1, expires: 10 }));
  pool.add(pooled({ from: 2, nonce: 0, tip: 1, expires: 11 }));
  pool.add(pooled({ from: 2, nonce: 1, tip: 1, expires: 11 }));
  pool.prune(11, (sender) => (sender[31] === 2 ? 1 : 0));
  assert.equal([pool.size, pool.bytes, pool.has("2 1 1 200 11")], [1, 200, true]);
  assert.is(pool.nextNonce(account(2), 1), 2);
});

const action = fc.record({
  from: fc.nat(5),
  nonce: fc.nat(6),
  tip: fc.nat(5000),
  size: fc.integer({ min: 50, max: 900 }),
  expires: fc.integer({ min: 1, max: 40 }),
  prune: fc.option(fc.nat(40), { nil: undefined, freq: 8 }),
});

test("random sequences keep every bound, and candidates are each account's in order, best payers first", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const limits = { countMax: 9, bytesMax: 3000, perAccountMax: 4 };
      const pool = new Mempool(limits);
      for (const { prune, ...of } of actions) {
        const before = pool.size;
        const refused = pool.add(pooled(of));
        if (refused !== undefined) assert.is(pool.size, before, refused);
        if (prune !== undefined) pool.prune(prune, () => 0);
        const all = [0, 1, 2, 3, 4, 5].flatMap((from) =>
          Array.from({ length: 7 }, (_, nonce) =>
            [...pool.candidates(() => nonce, none)].filter((one) => one.transaction.sender[31] === from),
          ).flat(),
        );
        const held = new Map(all.map((one) => [one.id, one]));
        assert.is(held.size, pool.size);
        assert.is(
          [...held.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
          pool.bytes,
        );
        assert.ok(pool.size <= limits.countMax && pool.bytes <= limits.bytesMax);
      }
      const seen = new Map<number, number>();
      const heads = [...pool.candidates(() => 0, none)];
      for (const { transaction } of heads) {
        const from = transaction.sender[31] as number;
        assert.is(transaction.nonce, seen.get(from) ?? 0);
        seen.set(from, transaction.nonce + 1);
      }
      const firsts = heads.filter(({ transaction }) => transaction.nonce === 0);
      const pay = firsts.map(({ transaction, size }) => Number(transaction.tip) / size);
      assert.equal(
        pay,
        pay.toSorted((a, b) => b - a),
      );
    }),
    { numRuns: numRuns * 4 },
  );
});

test("a full pool of as many accounts is offered and refused in bounded time", () => {
  const pool = new Mempool();
  for (let from = 0; from < 10_000; from++) pool.add(pooled({ from, nonce: 0, tip: from % 977 }));
  assert.is(pool.size, 10_000);
  const ids = offered(pool);
  assert.is(ids.length, 10_000);
  for (let from = 10_000; from < 10_050; from++) assert.is(pool.add(pooled({ from, nonce: 0, tip: 2000 })), undefined);
  assert.is(pool.size, 10_000);
});

test.run();
