// The screen of a local network: it fits 80 columns whatever happens to the nodes, and says who is down, who fails, who is paid.
import { stripVTControlCharacters } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Drawing, drawNetwork } from "../../simulation/mesh/draw-network.ts";

const concentration = {
  giniPpm: 66_000,
  herfindahlPpm: 260_000,
  nakamotoThird: 2,
  nakamotoHalf: 2,
  topSharePpm: 272_000,
};
const nodes = Array.from({ length: 16 }, (_, index) => ({
  name: `node-${index + 1}`,
  account: `fair1account${index + 1}`,
  running: index !== 3,
  height: 99_999,
  digest: `0x${"6e1e9b75".repeat(8)}`,
  peers: 15,
  audits: { passed: 9_999, failed: index === 1 ? 123 : 0 },
  alerts: index === 2 ? 2 : 0,
}));
const row = { assetId: `0x${"ab".repeat(32)}`, kind: 1, units: "1000", reward: "124583333318" };
const drawing: Drawing = {
  nodes,
  epochs: Array.from({ length: 40 }, (_, epoch) => ({
    ...{ epoch, emission: "0", kinds: [], treasury: "0", rewardsRoot: "0x", rewardsCount: 2, postingsRoot: "0x" },
    ...{ postingsCount: 0, beacon: "0x", committeeRoot: "0x", auditPay: "124583333318", committeePay: "120000000000" },
    concentration: [concentration],
    rewards: [
      { ...row, owner: "fair1account10" },
      { ...row, owner: "fair1account2" },
      { ...row, owner: "fair1ek5jsxxxxxxxxxxxxxxxxxxxxxxxxxxwfeq", kind: 0, units: "4" },
    ],
  })),
  ...{ seconds: 75, epochBlocks: 24, folder: "./net", multiaddr: "/ip4/127.0.0.1/tcp/1", color: true },
  rpcUrls: nodes.map(() => "http://127.0.0.1:38665"),
};
const linesOf = (drawn: Partial<Drawing> = {}): readonly string[] =>
  stripVTControlCharacters(drawNetwork({ ...drawing, ...drawn })).split("\n");

test("nothing but commands to copy is wider than 80 columns", () => {
  for (const epochs of [drawing.epochs, []]) {
    const wide = linesOf({ epochs }).filter((line) => line.length > 80 && !line.includes("fairmesh "));
    assert.equal(wide, []);
  }
});

test("a node that is down, one whose audits fail and one with alerts are seen; rewards name their nodes, in order", () => {
  const lines = linesOf();
  const cellsOf = (name: string): readonly string[] =>
    (lines.find((line) => line.includes(name)) ?? "").split("│").map((cell) => cell.trim());
  assert.equal(cellsOf("node-2 ").slice(1, 8), ["node-2", "99999", "6e1e9", "15", "9999", "123", "0"]);
  assert.is(cellsOf("node-3 ")[7], "2");
  assert.is(cellsOf("node-4 ")[2], "down");
  const paid = lines.filter((line) => line.includes("124.583333318 FAIR ")).map((line) => line.split("│")[1]?.trim());
  assert.equal(paid, ["fair1e…wfeq", "node-2", "node-10"]);
});

test("the screen says where the dashboard is", () => {
  assert.ok(linesOf().some((line) => /^Dashboard: +http:\/\/127\.0\.0\.1:38665\/ /.test(line)));
});

test("before anything is paid the screen says in which block that comes", () => {
  const young = nodes.map((node) => ({ ...node, height: 7 }));
  assert.match(linesOf({ nodes: young, epochs: [] }).join("\n"), /settled in block 96/);
});

test.run();
