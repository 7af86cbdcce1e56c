// What is held against peers: offences add up and fade, bans have reasons and end, and an honest peer's slips ban nobody.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Ban, bansMax, Standing } from "../../src/network/standing.ts";
import { createMemoryLog } from "../support/memory-telemetry.ts";

function make(bans: readonly Ban[] = []) {
  const told = { nowMs: 1_000_000, saved: [] as readonly Ban[], closed: [] as string[], log: createMemoryLog() };
  const standing = new Standing(
    {
      log: told.log,
      nowMs: () => told.nowMs,
      onBan: (peer) => void told.closed.push(peer),
      save: (saved) => {
        told.saved = saved;
      },
    },
    bans,
  );
  return { standing, told };
}

test("offences add up to a ban, with the reason in the log and on record", () => {
  const { standing, told } = make();
  standing.report("p", "oversized-frame");
  standing.report("p", "oversized-frame");
  assert.not(standing.isBanned("p"));
  assert.is(standing.score("p"), -68);
  standing.report("p", "oversized-frame", "gossip");
  assert.ok(standing.isBanned("p"));
  assert.equal(told.closed, ["p"]);
  assert.is(told.saved[0]?.reason, "oversized-frame: gossip");
  const line = told.log.lines.find(({ level }) => level === "warn");
  assert.equal([line?.message, line?.fields.reason], ["a peer is banned", "oversized-frame: gossip"]);
});

test("a false binding bans at once", () => {
  const { standing } = make();
  standing.report("p", "false-binding");
  assert.ok(standing.isBanned("p"));
});

test("offences fade: what comes seldom bans nobody", () => {
  const { standing, told } = make();
  for (let hour = 0; hour < 100; hour++) {
    standing.report("p", "no-binding");
    standing.report("p", "too-many-requests");
    told.nowMs += 3_600_000;
  }
  assert.equal(told.closed, [], "it never was banned");
  assert.ok(standing.score("p") > -1);
});

test("a ban ends by itself after an hour, and by hand; the past is then forgotten", () => {
  const { standing, told } = make();
  standing.ban("p", "by hand");
  told.nowMs += 3_599_999;
  assert.ok(standing.isBanned("p"));
  told.nowMs += 2;
  assert.not(standing.isBanned("p"));
  standing.ban("q", "by hand");
  standing.unban("q");
  assert.not(standing.isBanned("q"));
  assert.equal(standing.bans(), []);
});

test("bans read back hold until they end; there is room for so many", () => {
  const { standing, told } = make([
    { peer: "old", reason: "r", untilMs: 1 },
    { peer: "kept", reason: "r", untilMs: 2_000_000 },
  ]);
  assert.not(standing.isBanned("old"));
  assert.ok(standing.isBanned("kept"));
  for (let index = 0; index < bansMax; index++) standing.ban(`${index}`, "r");
  assert.is(told.saved.length, bansMax);
  assert.not(standing.isBanned("kept"), "the oldest made room");
});

test.run();
