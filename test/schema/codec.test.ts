// Every codec against random values, mutated bytes and noise: values come back, and nothing but the one canonical encoding
// of a value is ever accepted. No exception reaches the caller.
import { UintBigintType } from "@chainsafe/ssz";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { purposes } from "../../src/crypto/index.ts";
import { equalBytes, utf8ToBytes } from "../../src/primitives/index.ts";
import * as schema from "../../src/schema/index.ts";

const runs = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 40);

const codecs = (Object.entries(schema) as (readonly [string, unknown])[])
  .filter(([name]) => name.endsWith("Codec"))
  .map(([name, codec]) => [name, codec as schema.Codec<unknown>] as const);

test("there is a codec for every family", () => {
  assert.ok(codecs.length >= 25, String(codecs.length));
});

for (const [name, codec] of codecs) {
  test(`${name}: noise is refused or canonical, and never throws`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
        const decoded = codec.decode(bytes);
        if (decoded.ok) assert.ok(equalBytes(codec.encode(decoded.value), bytes));
        else assert.ok(["too-long", "malformed", "not-canonical"].includes(decoded.error.code));
      }),
      { numRuns: runs },
    );
  });

  test(`${name}: its own encoding comes back, each mutation is refused or another value`, () => {
    const empty = codec.encode(codec.empty());
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom("flip", "cut", "grow"),
        (at, bits, how) => {
          const mutated =
            how === "cut"
              ? empty.slice(0, at % Math.max(empty.length, 1))
              : how === "grow"
                ? new Uint8Array([...empty, bits])
                : empty.map((byte, index) => (index === at % empty.length ? byte ^ bits : byte));
          const decoded = codec.decode(mutated);
          if (!decoded.ok) return;
          assert.ok(equalBytes(codec.encode(decoded.value), mutated));
          if (!equalBytes(mutated, empty)) assert.not(equalBytes(codec.root(decoded.value), rootOf(codec, empty)));
        },
      ),
      { numRuns: runs },
    );
  });

  test(`${name}: longer than its limit is refused unread`, () => {
    if (codec.sizeMax > 4 << 20) return;
    const decoded = codec.decode(new Uint8Array(codec.sizeMax + 1));
    assert.ok(!decoded.ok && decoded.error.code === "too-long");
  });
}

function rootOf(codec: schema.Codec<unknown>, bytes: Uint8Array): Uint8Array {
  const decoded = codec.decode(bytes);
  assert.ok(decoded.ok);
  return codec.root(decoded.value);
}

test("a 64-bit count beyond 2^53 is refused, not rounded", () => {
  const bytes = schema.proposalStatementCodec.encode({
    term: 0,
    committeeRoot: new Uint8Array(32) as never,
    view: 5,
    parentView: 0,
    digest: new Uint8Array(32) as never,
  });
  bytes.set(new UintBigintType(8).serialize(1n << 60n), 40);
  const decoded = schema.proposalStatementCodec.decode(bytes);
  assert.ok(!decoded.ok && decoded.error.code === "malformed");
});

test("I-2: a signing root is the root of its container", () => {
  const bytes = (fill: number) => new Uint8Array(32).fill(fill) as never;
  for (const purpose of purposes) {
    const data = { objectRoot: bytes(1), networkId: bytes(2), purpose: utf8ToBytes(purpose) };
    const root = schema.signingRoot(data.objectRoot, data.networkId, purpose);
    assert.ok(equalBytes(root, schema.signingDataCodec.root(data)), purpose);
  }
});

test("I-2: a signing root changes with object, network and purpose", () => {
  const bytes = (fill: number) => new Uint8Array(32).fill(fill) as never;
  const roots = [
    schema.signingRoot(bytes(1), bytes(2), "vote"),
    schema.signingRoot(bytes(3), bytes(2), "vote"),
    schema.signingRoot(bytes(1), bytes(3), "vote"),
    schema.signingRoot(bytes(1), bytes(2), "propose"),
  ];
  assert.is(new Set(roots.map(String)).size, 4);
});

test("a transaction's body keeps its kind on the way through bytes", () => {
  const head = { sender: new Uint8Array(32) as never, nonce: 7, tip: 0n as never, expiresHeight: 9 };
  const transaction = schema.transactionOf(head, {
    kind: "transfer",
    value: { to: new Uint8Array(32).fill(1) as never, amount: 5n as never },
  });
  const decoded = schema.transactionCodec.decode(schema.transactionCodec.encode(transaction as never));
  assert.ok(decoded.ok);
  const body = schema.bodyOf(decoded.value as schema.Transaction);
  assert.is(body.kind, "transfer");
  assert.is(body.kind === "transfer" && body.value.amount, 5n);
});

test.run();
