// Every metric that the sources name keeps to Prometheus' conventions, whether or not promtool is there to say so: counters end
// in _total, gauges and histograms do not, times are in seconds, sizes in bytes, and a help text is a sentence.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const source = new URL("../../src/", import.meta.url).pathname;

interface Named {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly help: string;
}

function metricsOf(file: string): readonly Named[] {
  const text = readFileSync(join(source, file), "utf8");
  const made = /\.(counter|gauge|histogram)\(\s*"([^"]+)",\s*\{\s*help:\s*"([^"]*)"/g;
  return [...text.matchAll(made)].map(([, kind = "", name = "", help = ""]) => ({ file, kind, name, help }));
}

const all = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap(metricsOf);

function faultOf({ kind, name, help }: Named): string | undefined {
  if (!/^fairmesh_[a-z]+(_[a-z0-9]+)+$/.test(name)) return "is not named fairmesh_<part>_<what>";
  if ((kind === "counter") !== name.endsWith("_total")) return "ends in _total if and only if it is a counter";
  if (/_(ms|millis|milliseconds|minutes|kb|mb|mib|percent)(_|$)/.test(name)) return "is not in a base unit";
  if (/_(count|sum|bucket)$/.test(name)) return "has an ending that histograms use";
  if (help.length < 10) return "has no help text";
  return undefined;
}

test("metrics are named as Prometheus has it", () => {
  assert.ok(all.length > 10, `${all.length} metrics were found`);
  const faults = all.flatMap((each) => {
    const fault = faultOf(each);
    return fault === undefined ? [] : [`${each.file}: ${each.name} ${fault}`];
  });
  assert.equal(faults, []);
});

test("the check finds what is wrong", () => {
  const wrong = (kind: string, name: string): boolean =>
    faultOf({ file: "", kind, name, help: "a help text" }) !== undefined;
  assert.ok(wrong("counter", "fairmesh_part_things"));
  assert.ok(wrong("gauge", "fairmesh_part_things_total"));
  assert.ok(wrong("histogram", "fairmesh_part_wait_ms"));
  assert.ok(wrong("gauge", "other_part_things"));
});

test.run();
