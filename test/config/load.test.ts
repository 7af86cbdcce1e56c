// Configuration: precedence with origins, errors with lines and suggestions, secrets by file, presets, freezing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ConfigSources, loadConfig } from "../../src/config/index.ts";
import { FairmeshError } from "../../src/primitives/index.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-config-"));
test.after(() => rmSync(folder, { recursive: true }));

let count = 0;
function written(text: string): string {
  const path = join(folder, `${++count}.yaml`);
  writeFileSync(path, text);
  return path;
}

function problemsOf(sources: ConfigSources): string {
  try {
    loadConfig(sources);
    return "none";
  } catch (error) {
    if (!(error instanceof FairmeshError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test("flag beats environment beats file beats preset beats default, and each says where it is from", () => {
  const file = written(
    "version: 1\nrpc:\n  port: 3\n  host: 10.0.0.3\nnetwork:\n  preset: mainnet\nmetrics:\n  port: 9\n",
  );
  const environment = { FAIRMESH_RPC_PORT: "2", FAIRMESH_METRICS_PORT: "8", UNRELATED: "x" };
  const { config, origins } = loadConfig({ file, environment, flags: { "rpc.port": "1" } });
  assert.equal([config.rpc.port, config.metrics.port, config.rpc.host], [1, 8, "10.0.0.3"]);
  assert.is(config.network.strictPostQuantum, true);
  assert.is(config.rpc.batchMax, 20);
  const at = (path: string) => origins.get(path);
  assert.equal(
    [at("rpc.port"), at("metrics.port"), at("rpc.host"), at("network.strictPostQuantum"), at("rpc.batchMax")],
    ["flag", "env FAIRMESH_METRICS_PORT", `${file}:4`, "preset mainnet", "default"],
  );
});

test("without anything the devnet's values stand, every setting has one, and all is frozen", () => {
  const { config, origins } = loadConfig({});
  assert.is(config.network.preset, "devnet");
  assert.is(config.network.oneMachine, true);
  assert.ok([...origins.values()].every((origin) => origin === "default" || origin === "preset devnet"));
  assert.throws(() => Object.assign(config.rpc, { port: 1 }));
  assert.throws(() => (config.network.listen as string[]).push("x"));
});

test("every preset is valid", () => {
  for (const preset of ["devnet", "testnet", "mainnet"]) {
    assert.is(loadConfig({ flags: { "network.preset": preset } }).config.network.preset, preset);
  }
});

test("unknown keys, wrong values and wrong types are told together, each with its line and the nearest name", () => {
  const file = written(
    "version: 1\nnetwrok:\n  mdns: true\nrpc:\n  prot: 1\n  batchMax: 5000\n  enabled: 3\nlog:\n  level: loud\n",
  );
  const said = problemsOf({ file });
  assert.match(said, `CONFIG_INVALID`);
  assert.match(said, `${file}:2: netwrok is not a section; did you mean network?`);
  assert.match(said, `${file}:5: rpc.prot is not a setting; did you mean rpc.port?`);
  assert.match(said, `${file}:6: rpc.batchMax`);
  assert.match(said, `${file}:7: rpc.enabled`);
  assert.match(said, `${file}:9: log.level`);
});

test("a file that is no YAML, no map, empty, without version or of a newer one is refused with what to do", () => {
  assert.match(problemsOf({ file: written("version: 1\nrpc: [1,\n") }), /\d+\.yaml:\d/);
  assert.match(problemsOf({ file: written("version: 1\nrpc:\n  port: 1\n  port: 2\n") }), ".yaml:4");
  assert.match(problemsOf({ file: written("- 1\n") }), "map of sections");
  assert.match(problemsOf({ file: written("") }), "version: 1");
  assert.match(problemsOf({ file: written("rpc:\n  port: 1\n") }), "version: 1");
  assert.match(problemsOf({ file: written("version: 2\n") }), "newer fairmesh");
  assert.match(problemsOf({ file: written("version: 1\nrpc: 3\n") }), "rpc is a map");
  assert.match(problemsOf({ file: join(folder, "none.yaml") }), "CONFIG_MISSING");
  assert.is(problemsOf({ file: written("version: 1\nrpc:\n") }), "none");
});

test("the environment is read by kind, and its mistakes are named", () => {
  const { config } = loadConfig({
    environment: {
      FAIRMESH_NETWORK_LISTEN: "/ip4/1.2.3.4/tcp/1, /ip6/::/tcp/2",
      FAIRMESH_RPC_BODY_BYTES_MAX: "2048",
      FAIRMESH_NETWORK_MDNS: "true",
      FAIRMESH_NODE_NAME: "12",
      FAIRMESH_FUZZ_RUNS: "3",
    },
  });
  assert.equal(config.network.listen, ["/ip4/1.2.3.4/tcp/1", "/ip6/::/tcp/2"]);
  assert.equal([config.rpc.bodyBytesMax, config.network.mdns, config.node.name], [2048, true, "12"]);
  const said = problemsOf({
    environment: {
      FAIRMESH_RPC_PRT: "1",
      FAIRMESH_RPC_PORT: "many",
      FAIRMESH_NETWORK_MDNS: "yes",
      FAIRMESH_LOG_LEVEL_FILE: "x",
    },
  });
  assert.match(said, "FAIRMESH_RPC_PRT is not a setting; did you mean FAIRMESH_RPC_PORT?");
  assert.match(said, "env FAIRMESH_RPC_PORT: rpc.port");
  assert.match(said, "env FAIRMESH_NETWORK_MDNS: network.mdns");
  assert.match(said, "FAIRMESH_LOG_LEVEL_FILE is not a setting");
});

test("secrets come from the environment or a file, never from the configuration file", () => {
  const path = join(folder, "password");
  writeFileSync(path, "from a file\n");
  assert.is(loadConfig({ environment: { FAIRMESH_KEYS_PASSWORD_FILE: path } }).config.keys.password, "from a file");
  assert.is(loadConfig({ environment: { FAIRMESH_KEYS_PASSWORD: "plain" } }).config.keys.password, "plain");
  assert.match(problemsOf({ environment: { FAIRMESH_KEYS_PASSWORD_FILE: join(folder, "no") } }), "cannot be read");
  assert.match(
    problemsOf({ environment: { FAIRMESH_KEYS_PASSWORD_FILE: path, FAIRMESH_KEYS_PASSWORD: "x" } }),
    "give one",
  );
  const said = problemsOf({ file: written("version: 1\nkeys:\n  password: in-the-file\n") });
  assert.match(said, ".yaml:3: keys.password is a secret");
  assert.not(said.includes("in-the-file"));
});

test("rules between settings", () => {
  assert.match(problemsOf({ flags: { "rpc.port": "5", "metrics.port": "5" } }), "both want port 5");
  assert.match(problemsOf({ flags: { "network.preset": "mainnet", "network.oneMachine": "true" } }), "test networks");
  assert.match(problemsOf({ flags: { "rpc.prt": "5" } }), "did you mean rpc.port?");
});

test.run();
