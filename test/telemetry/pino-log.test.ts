// The pino adapter and its twin against the Log's contract; secrets redacted at any depth; formats.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FairmeshError } from "../../src/primitives/index.ts";
import { createLog } from "../../src/telemetry/index.ts";
import { logContract } from "../contract/log.ts";
import { createMemoryLog } from "../support/memory-telemetry.ts";

function capture(format: "json" | "pretty" | "auto" = "json", level: "debug" | "warn" = "debug") {
  const written: string[] = [];
  const log = createLog({ level, format, color: false, destination: { write: (line) => void written.push(line) } });
  const lines = () =>
    written.map((line) => {
      const { level: name, msg, time, ...fields } = JSON.parse(line);
      assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
      return { level: name as string, message: msg as string, fields };
    });
  return { log, lines, written };
}

logContract(test, "pino", capture);
logContract(test, "in memory", () => {
  const log = createMemoryLog();
  return { log, lines: () => log.lines };
});

test("secrets never reach a line, however deep, in fields, children, lists, errors and causes", () => {
  const { log, written } = capture();
  const secret = "hunter2-do-not-print";
  const names = ["password", "passphrase", "secret", "clientSecret", "mnemonic", "words", "seed", "accountSeed"];
  names.push("entropy", "privateKey", "private_key", "secretKey", "token", "accessToken", "authorization", "cookie");
  names.push("preimage", "salt", "pass");
  for (const name of names) {
    log.info("one", { [name]: secret });
    log.info("deep", { a: { b: [{ [name]: { inner: secret } }] } });
    log.child({ [name]: secret }).warn("child");
    log.error("failed", {
      error: new FairmeshError("X", "m", { fields: { [name]: secret }, cause: { [name]: secret } }),
    });
  }
  assert.is(written.length, names.length * 4);
  const leaked = written.find((line) => line.includes(secret));
  assert.is(leaked, undefined);
  assert.ok(written.every((line) => line.includes("[redacted]")));
});

test("what is no secret is written: ids, heights, and words that only look alike", () => {
  const { log, lines } = capture();
  log.info("x", { accountId: "fair1q", height: 3, seedNodes: 2, passed: 4, keyword: "w", bypass: undefined });
  assert.equal(lines()[0]?.fields, { accountId: "fair1q", height: 3, seedNodes: 2, passed: 4, keyword: "w" });
});

test("bytes, big integers, errors, cycles and huge fields become bounded JSON", () => {
  const { log, lines, written } = capture();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  log.info("x", {
    id: Uint8Array.of(1, 255),
    amount: 2n ** 64n,
    block: new Uint8Array(1_000_000),
    loop,
    text: "y".repeat(1e6),
  });
  log.error("failed", { error: new FairmeshError("STORE_FULL", "no space", { cause: new Error("inner") }) });
  const fields = lines()[0]?.fields as Record<string, string>;
  assert.is(fields.id, "0x01ff");
  assert.is(fields.amount, "18446744073709551616");
  assert.match(fields.block ?? "", "1000000 bytes");
  assert.ok((written[0] as string).length < 5000);
  const error = lines()[1]?.fields.error as unknown as { readonly code: string; readonly cause: { message: string } };
  assert.equal([error.code, error.cause.message], ["STORE_FULL", "inner"]);
});

test("lower levels are left out, and without a terminal the format is JSON", () => {
  const { log, lines } = capture("auto", "warn");
  log.info("no");
  log.warn("yes");
  assert.equal(
    lines().map(({ message }) => message),
    ["yes"],
  );
});

test("on a terminal lines are for people: no JSON, no escapes without colour", () => {
  const { log, written } = capture("pretty");
  log.info("block final", { height: 12 });
  const text = written.join("");
  assert.match(text, /INFO.*block final/);
  assert.match(text, "height: 12");
  assert.not(text.includes("\u001b"));
});

test.run();
