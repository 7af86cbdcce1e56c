// What a node gives to audits follows from its line, declared or found, from the share that is set and from what it offers.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Config } from "../../src/config/index.ts";
import { auditRateOf, linksOf } from "../../src/node/link.ts";

const root = await mkdtemp(join(tmpdir(), "fairmesh-link-"));
test.after(() => rm(root, { recursive: true }));

test("links that are up say their rate; the loopback, those that are down and those that do not know are left out", async () => {
  const net = join(root, "net");
  for (const [name, speed, state] of [
    ["eth0", "1000", "up"],
    ["eth1", "10000", "down"],
    ["lo", "10", "up"],
    ["wlan0", "-1", "up"],
  ] as const) {
    await mkdir(join(net, name), { recursive: true });
    await writeFile(join(net, name, "speed"), `${speed}\n`);
    await writeFile(join(net, name, "operstate"), `${state}\n`);
  }
  assert.equal(await linksOf(net), [{ name: "eth0", mbit: 1000 }]);
  assert.equal(await linksOf(join(root, "no such folder")), []);
});

const rateOf = (linkMbit: number, bandwidthMbit: number, found: readonly number[] = []) =>
  auditRateOf(
    { network: { linkMbit, auditSharePercent: 80 }, assets: { bandwidthMbit } } as Config,
    found.map((mbit) => ({ name: "eth0", mbit })),
  );

test("audits take the set share of the line, and little more than what is offered", () => {
  assert.equal(rateOf(1000, 900), { mbit: 800, linkMbit: 1000, short: true });
  assert.equal(rateOf(1000, 800), { mbit: 800, linkMbit: 1000, short: false });
  assert.equal(rateOf(1000, 100), { mbit: 125, linkMbit: 1000, short: false });
  assert.equal(rateOf(1000, 0), { mbit: 800, linkMbit: 1000, short: false });
});

test("a declared line goes before the fastest interface; where neither is known, the offer alone is the measure", () => {
  assert.equal(rateOf(0, 0, [100, 1000]), { mbit: 800, linkMbit: 1000, short: false });
  assert.equal(rateOf(50, 0, [100, 1000]), { mbit: 40, linkMbit: 50, short: false });
  assert.equal(rateOf(1, 0), { mbit: 1, linkMbit: 1, short: false });
  assert.equal(rateOf(0, 20), { mbit: 25, linkMbit: 0, short: false });
  assert.equal(rateOf(0, 0), { mbit: 0, linkMbit: 0, short: false });
});

test.run();
