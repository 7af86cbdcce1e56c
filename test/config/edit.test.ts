// Changing configuration files, and what is generated from the settings.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  configJsonSchema,
  configReference,
  dataFolder,
  defaultDataDir,
  newConfigText,
  setInText,
  textProblems,
  unsetInText,
} from "../../src/config/index.ts";
import { editDistance, environmentName, namedSettings, nearest } from "../../src/config/setting-path.ts";

const text = "# mine\nversion: 1\nrpc:\n  # why 4800\n  port: 4800 # here\n";

test("set keeps comments and order, adds sections, and checks the value", () => {
  const changed = setInText(setInText(text, "rpc.port", "4900"), "network.mdns", "true");
  assert.is(changed, "# mine\nversion: 1\nrpc:\n  # why 4800\n  port: 4900 # here\nnetwork:\n  mdns: true\n");
  assert.equal(textProblems(changed, "f"), []);
  assert.throws(() => setInText(text, "rpc.port", "x"), /rpc\.port/);
  assert.throws(() => setInText(text, "rpc.prt", "1"), /did you mean rpc\.port/);
  assert.throws(() => setInText(text, "keys.password", "1"), /secret/);
  assert.is(setInText(newConfigText(), "network.listen", "a,b").includes("- a\n"), true);
});

test("unset lets preset or default apply again", () => {
  assert.is(unsetInText("version: 1\nrpc:\n  port: 1\n  host: a\n", "rpc.port"), "version: 1\nrpc:\n  host: a\n");
});

test("nearest names", () => {
  assert.is(editDistance("prot", "port"), 1);
  assert.is(editDistance("", "abc"), 3);
  assert.is(nearest("netwrok.mdns", ["network.mdns", "node.name"]), "network.mdns");
  assert.is(nearest("something-else", ["network.mdns"]), undefined);
});

test("no two settings share a variable, and each has a sentence and a valid default", () => {
  assert.is(new Set(namedSettings.map(environmentName)).size, namedSettings.length);
  for (const { path, setting } of namedSettings) {
    assert.ok(setting.about.length > 8, path);
    assert.ok(setting.schema.safeParse(setting.fallback).success, path);
  }
});

test("docs/CONFIGURATION.md is current", () => {
  const path = new URL("../../docs/CONFIGURATION.md", import.meta.url);
  assert.is(
    readFileSync(path, "utf8"),
    configReference(),
    "run: npm run -s fairmesh -- config reference > docs/CONFIGURATION.md",
  );
});

test("the JSON Schema refuses unknown keys and has no secrets", () => {
  const schema = configJsonSchema() as {
    readonly additionalProperties: boolean;
    readonly properties: Record<string, never>;
  };
  assert.is(schema.additionalProperties, false);
  const all = JSON.stringify(schema);
  assert.ok(all.includes("batchMax"));
  assert.not(all.includes("tokenSecret"));
});

test("the data folder follows XDG and the settings that move things", () => {
  assert.is(defaultDataDir({ XDG_DATA_HOME: "/data" }), "/data/fairmesh");
  assert.is(dataFolder("/d").operatorKey, "/d/keys/operator.json");
});

test.run();
