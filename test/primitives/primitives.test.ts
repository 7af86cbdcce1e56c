// Properties of ids, amounts, addresses, cells, bitmaps and order.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accountId,
  bigEndian,
  bitmapIndices,
  bitmapOf,
  cellAt,
  cellParent,
  cellResolution,
  cellText,
  compareBytes,
  digest,
  equalBytes,
  fair,
  floorDiv,
  formatAddress,
  formatFair,
  fromBigEndian,
  fromHex,
  grains,
  InvariantError,
  integerSqrt,
  isCell,
  mulPpm,
  parseAddress,
  parseCell,
  parseFair,
  sortedEntries,
  sortedMembers,
  toHex,
  uint64Max,
} from "../../src/primitives/index.ts";

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(accountId);
const amount = fc.bigInt({ min: 0n, max: uint64Max });

function check(property: unknown): void {
  fc.assert(property as fc.IProperty<unknown>, { numRuns: 300 });
}

test("addresses: what is formatted is read back", () => {
  check(
    fc.property(id, (account) => {
      const read = parseAddress(formatAddress(account));
      assert.ok(read.ok && equalBytes(read.value, account));
    }),
  );
});

test("I-1: one wrong character in an address is noticed", () => {
  check(
    fc.property(id, fc.nat(200), fc.constantFrom(..."qpzry9x8gf2tvdw0s3jn54khce6mua7l1b"), (account, place, letter) => {
      const text = formatAddress(account);
      const at = place % text.length;
      const wrong = text.slice(0, at) + letter + text.slice(at + 1);
      if (wrong !== text) assert.not(parseAddress(wrong).ok, wrong);
    }),
  );
});

test("an address of another prefix or length is refused with what is wrong", () => {
  for (const text of [
    "",
    "fair1",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    formatAddress(accountId(new Uint8Array(32))).slice(0, -2),
  ]) {
    const read = parseAddress(text);
    assert.not(read.ok);
  }
});

test("amounts: text and back, exactly", () => {
  check(
    fc.property(amount, (value) => {
      const read = parseFair(formatFair(value));
      assert.ok(read.ok);
      assert.is(read.value, value);
    }),
  );
});

test("amounts that cannot be are refused", () => {
  for (const text of ["-1", "1.0000000001", "1e9", "", "FAIR", "99999999999", "1,5"])
    assert.not(parseFair(text).ok, text);
  assert.throws(
    () => grains(-1n),
    (error: unknown) => error instanceof InvariantError,
  );
  assert.throws(
    () => grains(uint64Max + 1n),
    (error: unknown) => error instanceof InvariantError,
  );
  assert.is(fair(2), 2_000_000_000n);
});

test("shares round down and never exceed the whole", () => {
  check(
    fc.property(amount, fc.nat(1_000_000), (value, share) => {
      const part = mulPpm(value, share);
      assert.ok(part <= value && part * 1_000_000n <= value * BigInt(share));
      assert.ok((part + 1n) * 1_000_000n > value * BigInt(share));
    }),
  );
});

test("integer square root and division are exact floors", () => {
  check(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), fc.bigInt({ min: 1n, max: 1n << 100n }), (a, b) => {
      const root = integerSqrt(a);
      assert.ok(root * root <= a && (root + 1n) * (root + 1n) > a);
      const quotient = floorDiv(a, b);
      assert.ok(quotient * b <= a && (quotient + 1n) * b > a);
    }),
  );
  assert.throws(() => floorDiv(1n, 0n));
  assert.throws(() => integerSqrt(-1n));
});

test("hex and big-endian bytes come back, and byte order is number order", () => {
  check(
    fc.property(amount, amount, (a, b) => {
      assert.is(fromBigEndian(bigEndian(a)), a);
      assert.ok(equalBytes(fromHex(toHex(bigEndian(a))), bigEndian(a)));
      assert.ok(equalBytes(fromHex(`0x${toHex(bigEndian(a))}`), bigEndian(a)));
      assert.is(Math.sign(compareBytes(bigEndian(a), bigEndian(b))), a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  assert.ok(compareBytes(new Uint8Array([1]), new Uint8Array([1, 0])) < 0);
});

test("ids have 32 bytes", () => {
  assert.throws(
    () => digest(new Uint8Array(31)),
    (error: unknown) => error instanceof InvariantError,
  );
});

test("cells: text and back, parents hold their children, nonsense is refused", () => {
  check(
    fc.property(
      fc.integer({ min: -89, max: 89 }),
      fc.integer({ min: -179, max: 179 }),
      fc.nat(7),
      (lat, lng, resolution) => {
        const cell = cellAt(lat, lng);
        assert.ok(isCell(cell));
        const read = parseCell(cellText(cell));
        assert.ok(read.ok && read.value === cell);
        const parent = cellParent(cell, resolution);
        assert.is(cellResolution(parent), resolution);
        assert.is(cellParent(parent, 0), cellParent(cell, 0));
      },
    ),
  );
  for (const bad of [0n, 1n, uint64Max, 1n << 63n]) assert.not(isCell(bad));
  for (const bad of ["", "xyz", "871fb4671fffff", "0x871fb4671ffffff"]) assert.not(parseCell(bad).ok);
});

test("bitmaps: indices come back; other lengths and bits beyond the committee are refused", () => {
  check(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(fc.nat(63)), (size, some) => {
      const indices = [...new Set(some.filter((index) => index < size))].sort((a, b) => a - b);
      const bitmap = bitmapOf(indices, size);
      const read = bitmapIndices(bitmap, size);
      assert.ok(read.ok);
      assert.equal(read.value, indices);
      assert.not(bitmapIndices(new Uint8Array(bitmap.length + 1), size).ok);
    }),
  );
  const beyond = bitmapIndices(new Uint8Array([0b1_0000]), 4);
  assert.ok(!beyond.ok && beyond.error === "bitmap-range");
});

test("walking a Map or Set follows its keys, not its history", () => {
  check(
    fc.property(fc.uniqueArray(fc.string()), (keys) => {
      const forward = new Map(keys.map((key) => [key, key.length]));
      const backward = new Map([...keys].reverse().map((key) => [key, key.length]));
      assert.equal(sortedEntries(forward), sortedEntries(backward));
      assert.equal(sortedMembers(new Set(keys)), sortedMembers(new Set([...keys].reverse())));
    }),
  );
  assert.equal(sortedMembers(new Set([10, 9, 100])), [9, 10, 100]);
});

test.run();
