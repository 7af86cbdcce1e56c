// The README's first command, as a newcomer runs it: four processes from nothing to agreed rewards; and what is refused.
import { spawn, spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

const program = ["--import", "./bin/require-node.js", "bin/fairmesh.ts"];

interface Summary {
  readonly epochsPaid: number;
  readonly firstRewardSeconds: number;
  readonly paidGrains: string;
  readonly epochs: readonly { readonly rewards: readonly { readonly reward: string; readonly kind: number }[] }[];
}

test("four real nodes agree on rewards for storage and bandwidth, and all processes end", async () => {
  const child = spawn(process.execPath, [...program, "devnet", "--epochs", "1", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let notes = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    notes += chunk.toString();
  });
  const code = await new Promise((settle) => child.on("close", settle));
  assert.is(code, 0, notes);
  const summary = JSON.parse(out) as Summary;
  assert.is(summary.epochsPaid, 1);
  assert.ok(BigInt(summary.paidGrains) > 0n);
  const paid = summary.epochs.at(-1)?.rewards.filter((row) => row.reward !== "0") ?? [];
  assert.equal([...new Set(paid.map((row) => row.kind))].sort(), [0, 1], "both kinds were paid");
});

test("wrong usage ends with 2 and says what is expected", () => {
  for (const [args, said] of [
    [["--nodes", "3"], /a whole number from 4 to 16/],
    [["--epochs", "none"], /a whole number from 1 to/],
    [["--nonsense"], /unknown option/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [...program, "devnet", ...args], { encoding: "utf8" });
    assert.is(status, 2, stderr);
    assert.match(stderr, said);
  }
});

test.run();
