// A network's genesis as a JSON file that people can read and compare: parameters by name, amounts in FAIR, accounts as
// addresses. Reading checks everything that can be checked without the ledger. The file's meaning is the Genesis it gives: a
// network is named by that, not by the file's bytes.
import { base58 } from "@scure/base";
import { z } from "zod";
import {
  type AccountId,
  type Bytes,
  type Digest,
  digest,
  FairmeshError,
  formatAddress,
  formatFair,
  fromHex,
  grains,
  keyOf,
  parseAddress,
  parseFair,
  toHex,
  utf8ToBytes,
} from "../primitives/index.ts";
import {
  type Genesis,
  type GenesisOperator,
  genesisCodec,
  type Parameter,
  parameterTable,
  publicKeyBytes,
  readParameters,
} from "../schema/index.ts";

export const genesisFileBytesMax = 64 << 20;

type Fail = (path: string, message: string) => never;

const fail: Fail = (path, message) => {
  throw new FairmeshError("GENESIS_INVALID", `genesis: ${path}: ${message}`, { fields: { path } });
};

const hexText = z.string().regex(/^[0-9a-f]*$/, "lower-case hex is expected");
const amountText = z.string();

const fileSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(64),
  time: z.iso.datetime(),
  parameters: z.record(z.string(), z.union([z.number().int().min(0), amountText])),
  accounts: z.array(z.strictObject({ address: z.string(), balance: amountText })).max(1 << 20),
  operators: z
    .array(
      z.strictObject({
        publicKey: hexText,
        withdrawal: z.string(),
        bond: amountText,
        beaconCommitment: hexText,
        auditorCommitment: hexText,
        chainLength: z.number().int().min(1),
        peerId: z.string().max(128),
        prefix: hexText,
      }),
    )
    .min(1)
    .max(1024),
});
type GenesisFile = z.infer<typeof fileSchema>;
type OperatorEntry = GenesisFile["operators"][number];

const amount = (path: string, text: string) => {
  const parsed = parseFair(text);
  return parsed.ok ? parsed.value : fail(path, parsed.error);
};
const address = (path: string, text: string): AccountId => {
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.value : fail(path, parsed.error);
};
const bytes = (path: string, hex: string, length: number): Bytes =>
  hex.length === length * 2 ? fromHex(hex) : fail(path, `${length} bytes are expected`);
const commitment = (path: string, hex: string): Digest => digest(bytes(path, hex, 32));

function peerIdBytes(path: string, text: string): Bytes {
  try {
    return base58.decode(text);
  } catch {
    return fail(path, "this is not a peer id");
  }
}

function operatorOf(entry: OperatorEntry, path: string): GenesisOperator {
  return {
    publicKey: bytes(`${path}.publicKey`, entry.publicKey, publicKeyBytes),
    withdrawal: address(`${path}.withdrawal`, entry.withdrawal),
    bond: amount(`${path}.bond`, entry.bond),
    beaconCommitment: commitment(`${path}.beaconCommitment`, entry.beaconCommitment),
    auditorCommitment: commitment(`${path}.auditorCommitment`, entry.auditorCommitment),
    chainLength: entry.chainLength,
    peerId: peerIdBytes(`${path}.peerId`, entry.peerId),
    prefix: bytes(`${path}.prefix`, entry.prefix, 5),
  };
}

function parameterValue(row: Parameter, given: number | string | undefined): bigint {
  const path = `parameters.${row.name}`;
  if (given === undefined) return fail(path, "it is missing");
  if (row.unit === "grains")
    return typeof given === "string" ? amount(path, given) : fail(path, 'write an amount as "1.5"');
  return typeof given === "number" ? BigInt(given) : fail(path, "write a number");
}

function refuseRepeats(path: string, keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key)) fail(`${path}[${index}]`, "it is listed twice");
    seen.add(key);
  }
}

/** What is wrong with a genesis that is well formed. Throws `GENESIS_INVALID`. */
export function checkGenesis(genesis: Genesis): void {
  const parameters = readParameters(genesis.parameters);
  if (!parameters.ok) fail("parameters", parameters.error);
  const { supplyAtGenesis, operatorsMax, operatorBondMin, beaconChainMin } = parameters.value;
  refuseRepeats(
    "accounts",
    genesis.accounts.map(({ accountId }) => keyOf(accountId)),
  );
  refuseRepeats(
    "operators",
    genesis.operators.map(({ publicKey }) => keyOf(publicKey)),
  );
  refuseRepeats(
    "operators",
    genesis.operators.map(({ peerId }) => keyOf(peerId)),
  );
  if (genesis.operators.length > operatorsMax) fail("operators", `there are more than operatorsMax, ${operatorsMax}`);
  for (const [index, { bond, chainLength }] of genesis.operators.entries()) {
    if (bond < operatorBondMin) fail(`operators[${index}].bond`, `it is less than ${formatFair(operatorBondMin)}`);
    if (chainLength < beaconChainMin) fail(`operators[${index}].chainLength`, `it is less than ${beaconChainMin}`);
  }
  const held = [...genesis.accounts.map(({ balance }) => balance), ...genesis.operators.map(({ bond }) => bond)];
  const sum = held.reduce((total, value) => total + value, 0n);
  if (sum > supplyAtGenesis) fail("accounts", `balances and bonds make ${formatFair(sum)}, more than supplyAtGenesis`);
}

/** The Genesis in a file's text. Throws `GENESIS_INVALID` with the path of what is wrong. */
export function parseGenesis(text: string): Genesis {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("the file", "it is not JSON, and so no network's genesis");
  }
  const read = fileSchema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    return fail(issue?.path.join(".") || "the file", issue?.message ?? "it is not a genesis");
  }
  const file = read.data;
  const known = new Set<string>(parameterTable.map(({ name }) => name));
  for (const name of Object.keys(file.parameters)) if (!known.has(name)) fail(`parameters.${name}`, "it is not known");
  const genesis: Genesis = {
    version: 1,
    name: utf8ToBytes(file.name),
    timestampMs: Date.parse(file.time),
    parameters: (parameterTable as readonly Parameter[]).map((row) => ({
      id: row.id,
      value: parameterValue(row, file.parameters[row.name]),
    })),
    accounts: file.accounts.map((entry, index) => ({
      accountId: address(`accounts[${index}].address`, entry.address),
      balance: amount(`accounts[${index}].balance`, entry.balance),
    })),
    operators: file.operators.map((entry, index) => operatorOf(entry, `operators[${index}]`)),
  };
  checkGenesis(genesis);
  const decoded = genesisCodec.decode(genesisCodec.encode(genesis));
  return decoded.ok ? decoded.value : fail("the file", decoded.error.detail);
}

const fairText = (value: bigint): string => formatFair(value).replace(" FAIR", "");

/** A Genesis as a file's text, which `parseGenesis` reads back to the same. */
export function renderGenesis(genesis: Genesis): string {
  const rows = parameterTable as readonly Parameter[];
  const file: GenesisFile = {
    version: 1,
    name: new TextDecoder().decode(genesis.name),
    time: new Date(genesis.timestampMs).toISOString(),
    parameters: Object.fromEntries(
      genesis.parameters.map(({ value }, index) => {
        const row = rows[index] as Parameter;
        return [row.name, row.unit === "grains" ? fairText(value) : Number(value)];
      }),
    ),
    accounts: genesis.accounts.map(({ accountId, balance }) => ({
      address: formatAddress(accountId),
      balance: fairText(grains(balance)),
    })),
    operators: genesis.operators.map((one) => ({
      publicKey: toHex(one.publicKey),
      withdrawal: formatAddress(one.withdrawal),
      bond: fairText(one.bond),
      beaconCommitment: toHex(one.beaconCommitment),
      auditorCommitment: toHex(one.auditorCommitment),
      chainLength: one.chainLength,
      peerId: base58.encode(one.peerId),
      prefix: toHex(one.prefix),
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
