// The table of parameters: presets are within their bounds and fit together, genesis lists are read or refused with the reason,
// and docs/PROTOCOL.md shows the same rows. FAIRMESH_WRITE_DOCS=1 writes the document's copy anew.
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { recordsKept } from "../../src/ledger/index.ts";
import {
  type Parameter,
  type Parameters,
  parameterList,
  parameterProblem,
  parametersOf,
  parameterTable,
  presets,
  readParameters,
} from "../../src/schema/index.ts";

const rows = parameterTable as readonly Parameter[];

const shown = ({ values }: Parameter): string =>
  new Set(values).size === 1 ? String(values[0]) : values.map(String).join(" / ");

const table = (): string => {
  const head =
    "| id | parameter | unit | from, to | devnet / testnet / mainnet | changed by | what it is |\n| --- | --- | --- | --- | --- | --- | --- |";
  const lines = rows.map((row) => {
    const { id, name, unit, min, max, change, about } = row;
    return `| ${id} | ${name} | ${unit} | ${min}, ${max} | ${shown(row)} | ${change} | ${about} |`;
  });
  return `<!-- parameters -->\n${[head, ...lines].join("\n")}\n<!-- /parameters -->`;
};

test("S-12: in the longest term a node that starts again still finds the beacon that orders its leaders", () => {
  const longest = rows.find(({ name }) => name === "termEpochs")?.max as number;
  // In a term's last epoch, records reach back to this many epochs before it; the beacon stands two before its first.
  assert.ok(longest - 1 + 2 <= recordsKept, `${longest} epochs in a term, records of ${recordsKept}`);
});

test("docs/PROTOCOL.md shows the table as it is", () => {
  const text = readFileSync("docs/PROTOCOL.md", "utf8");
  const part = /<!-- parameters -->[\s\S]*<!-- \/parameters -->/;
  if (process.env.FAIRMESH_WRITE_DOCS === "1") writeFileSync("docs/PROTOCOL.md", text.replace(part, table()));
  else assert.is(part.exec(text)?.[0], table(), "run it with FAIRMESH_WRITE_DOCS=1");
});

test("every preset is within its bounds and fits together, and comes back from genesis' list", () => {
  for (const preset of presets) {
    const parameters = parametersOf(preset);
    assert.is(parameterProblem(parameters), undefined, preset);
    const read = readParameters(parameterList(parameters));
    assert.ok(read.ok);
    assert.equal(read.value, parameters);
  }
});

test("a list with a row missing, out of its bounds or of place is refused, naming it", () => {
  const list = parameterList(parametersOf("devnet"));
  const error = (some: typeof list): string => {
    const read = readParameters(some);
    return read.ok ? "read" : read.error;
  };
  assert.match(error(list.slice(1)), `there are ${rows.length}`);
  assert.match(error([...list.slice(1), list[0] as never]), "blockIntervalMs");
  for (const [at, row] of rows.entries()) {
    for (const value of [BigInt(row.min) - 1n, BigInt(row.max) + 1n]) {
      assert.match(error(list.map((one, index) => (index === at ? { ...one, value } : one))), row.name);
    }
  }
});

test("what does not fit together is refused, saying why", () => {
  const problem = (change: Partial<Parameters>) => parameterProblem({ ...parametersOf("devnet"), ...change }) ?? "";
  assert.match(problem({ servicesSharePpm: 700_001 }), "shares of emission");
  assert.match(problem({ sensorBudgetPpm: 1 }), "service budget");
  assert.match(problem({ driftMs: 251 }), "L-2");
  assert.match(problem({ epochBlocks: 25 }), "six equal parts");
  assert.match(problem({ windowBlocks: 24 }), "window");
  assert.match(problem({ herfindahlLowPpm: 950_000 }), "herfindahl");
  assert.match(problem({ longTransactionBytesMax: 1 << 19 }), "two long transactions");
  assert.match(problem({ assetsMax: 1_000_000 }), "cannot post");
  assert.match(problem({ emissionFallPpm: 0 }), "64-bit supply");
  assert.match(problem({ emissionPerEpoch: 1n << 50n, emissionFallPpm: 1 }), "64-bit supply");
});

test.run();
