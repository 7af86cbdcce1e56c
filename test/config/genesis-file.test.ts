// Genesis files: read back to the same network, and each mistake refused with its path.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseGenesis, renderGenesis } from "../../src/config/index.ts";
import { accountIdOf, peerIdOf, sha256 } from "../../src/crypto/index.ts";
import { sectorBytesOf } from "../../src/node/offline.ts";
import { bigEndian, digest, FairmeshError, fair, toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import { type Genesis, networkIdOf, parameterList, parametersOf } from "../../src/schema/index.ts";

const operator = (number: number): Genesis["operators"][number] => {
  const publicKey = new Uint8Array(1952).fill(number);
  return {
    publicKey,
    withdrawal: accountIdOf(publicKey),
    bond: fair(100),
    beaconCommitment: digest(sha256(bigEndian(number))),
    auditorCommitment: digest(sha256(bigEndian(number + 100))),
    chainLength: 4096,
    peerId: peerIdOf(new Uint8Array(32).fill(number)),
    prefix: new Uint8Array(5),
  };
};

const genesis: Genesis = {
  version: 1,
  name: utf8ToBytes("devnet"),
  timestampMs: 1_763_956_800_000,
  parameters: [...parameterList(parametersOf("devnet"))],
  accounts: [{ accountId: accountIdOf(new Uint8Array(1952).fill(9)), balance: fair(1000) }],
  operators: [1, 2, 3, 4].map(operator),
};

type Key = string | number;
type Node = Record<Key, unknown>;

/** What is said when the value at `path` is `value`; undefined removes it. */
function problem(path: readonly Key[], value: unknown): string {
  const file = JSON.parse(renderGenesis(genesis)) as Node;
  const parent = path.slice(0, -1).reduce<Node>((node, key) => node[key] as Node, file);
  if (path.length > 0) parent[path.at(-1) as Key] = value;
  try {
    parseGenesis(JSON.stringify(file));
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? `${error.code} ${error.message}` : String(error);
  }
}

test("a genesis is read back to the same network, for every preset's parameters", () => {
  for (const preset of ["devnet", "testnet", "mainnet"] as const) {
    const operators = genesis.operators.map((one) => ({ ...one, chainLength: 65_536 }));
    const given = { ...genesis, parameters: [...parameterList(parametersOf(preset))], operators };
    assert.is(toHex(networkIdOf(parseGenesis(renderGenesis(given)))), toHex(networkIdOf(given)), preset);
  }
});

test("the file is for people", () => {
  const file = JSON.parse(renderGenesis(genesis));
  assert.is(file.time, "2025-11-24T04:00:00.000Z");
  assert.is(file.parameters.operatorBondMin, "10");
  assert.match(file.accounts[0].address, /^fair1/);
  assert.match(file.operators[0].peerId, /^12D3Koo/);
});

test("each mistake has its path", () => {
  const file = JSON.parse(renderGenesis(genesis));
  assert.is(problem([], undefined), "none");
  const said = (path: readonly Key[], value: unknown, text: string) => assert.match(problem(path, value), text);
  said(["extra"], 1, "GENESIS_INVALID");
  said(["version"], 2, "version");
  said(["parameters", "deltaMs"], undefined, "parameters.deltaMs: it is missing");
  said(["parameters", "deltaMS"], 1, "parameters.deltaMS: it is not known");
  said(["parameters", "deltaMs"], 1, "deltaMs is from 50");
  said(["parameters", "driftMs"], 500, "quarter");
  said(["parameters", "bondCap"], 5, "parameters.bondCap");
  said(["parameters", "blockBytesMax"], 300_000, "two long transactions");
  said(["accounts", 0, "address"], "fair1x", "accounts[0].address");
  said(["accounts", 1], file.accounts[0], "accounts[1]: it is listed twice");
  said(["operators", 1], file.operators[0], "operators[1]: it is listed twice");
  said(["operators", 2, "bond"], "1", "operators[2].bond");
  said(["operators", 2, "chainLength"], 5, "operators[2].chainLength");
  said(["operators", 0, "publicKey"], "00", "operators[0].publicKey");
  said(["accounts", 0, "balance"], "999999", "more than supplyAtGenesis");
  said(["operators"], [], "operators");
});

test("what is no JSON is refused", () => {
  assert.throws(() => parseGenesis("{"), /GENESIS_INVALID|not JSON/);
});

test("a sector is as large as the folder's genesis says, and as mainnet's where there is none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-genesis-"));
  const file = join(folder, "genesis.json");
  assert.is(await sectorBytesOf(file), parametersOf("mainnet").storageUnitBytes);
  await writeFile(file, renderGenesis(genesis));
  assert.is(await sectorBytesOf(file), parametersOf("devnet").storageUnitBytes);
  await rm(folder, { recursive: true });
});

test.run();
