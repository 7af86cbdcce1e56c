// Lays down the data folders of a local network: each node with its own key, guard, ports and configuration, and one genesis
// that names them all as operators and holds a faucet. Called by the devnet; touches nothing outside its folder.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataFolder, dataFolder, renderGenesis } from "../../src/config/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { makeGenesis } from "../../src/ledger/index.ts";
import { makeOperatorKey, openOperatorKey } from "../../src/node/offline.ts";
import { type Bytes, bigEndian, cellAt, cellText, fair, utf8ToBytes } from "../../src/primitives/index.ts";
import { type GenesisOperator, type Parameters, parametersOf } from "../../src/schema/index.ts";
import { freePorts } from "./free-ports.ts";

export interface NetworkPlan {
  readonly folder: string;
  readonly nodes: number;
  /** The same seed gives the same keys; fresh keys without one. */
  readonly seed: number | undefined;
  readonly timestampMs: number;
  readonly bondFair: number;
  /** Other parameters than the devnet's, by name. */
  readonly parameters?: Partial<Parameters>;
  /** Without: nodes that only take part in consensus. */
  readonly assets?: boolean;
}

export interface NodePlan {
  readonly name: string;
  readonly folder: DataFolder;
  readonly address: string;
  readonly multiaddr: string;
  readonly rpcUrl: string;
  readonly metricsUrl: string;
}

/** A development network's key files are opened by this; there is nothing in them worth more. */
export const devnetPassword = "devnet";

/** Cities of some distance, so that a map shows something: Berlin, Lagos, São Paulo, Osaka, Toronto, Sydney. */
const places: readonly (readonly [number, number])[] = [
  [52.52, 13.4],
  [6.45, 3.39],
  [-23.55, -46.63],
  [34.69, 135.5],
  [43.65, -79.38],
  [-33.87, 151.2],
];

const entropyOf = (seed: number | undefined, label: string): { readonly entropy?: Bytes } =>
  seed === undefined ? {} : { entropy: sha256(utf8ToBytes(`devnet ${label}`), bigEndian(seed)) };

function configText(index: number, ports: readonly number[], bootstrap: readonly string[], assets: boolean): string {
  const [listen, rpc, metrics] = ports.slice(index * 3);
  const [latitude, longitude] = places[index % places.length] as readonly [number, number];
  return `version: 1
# Written for a local development network.
node:
  name: node-${index + 1}
network:
  preset: devnet
  listen: ["/ip4/127.0.0.1/tcp/${listen}"]
  bootstrap: ${JSON.stringify(bootstrap)}
rpc:
  port: ${rpc}
  requestsPerSecond: 1000
metrics:
  port: ${metrics}
assets:
  storageBytes: ${assets ? 4_194_304 : 0}
  bandwidthMbit: ${assets ? 50 : 0}
  cell: "${cellText(cellAt(latitude, longitude))}"
log:
  format: json
`;
}

/** Makes every folder anew; rejects when one has a key already. */
export async function makeNetwork(
  plan: NetworkPlan,
): Promise<{ readonly nodes: readonly NodePlan[]; readonly faucet: DataFolder }> {
  const parameters = { ...parametersOf("devnet"), ...plan.parameters };
  const ports = await freePorts(plan.nodes * 3);
  const faucet = dataFolder(join(plan.folder, "faucet"));
  const { facts: faucetFacts } = await makeOperatorKey({
    folder: faucet,
    password: devnetPassword,
    ...entropyOf(plan.seed, "faucet"),
  });
  const faucetKeys = (await openOperatorKey(faucetFacts.file, devnetPassword)).keys;
  const nodes: NodePlan[] = [];
  const operators: GenesisOperator[] = [];
  const accounts = [{ accountId: faucetKeys.signer.accountId, balance: fair(100_000) }];
  for (let index = 0; index < plan.nodes; index++) {
    const folder = dataFolder(join(plan.folder, `node-${index + 1}`));
    const { facts } = await makeOperatorKey({
      folder,
      password: devnetPassword,
      ...entropyOf(plan.seed, `node ${index}`),
    });
    const { keys } = await openOperatorKey(facts.file, devnetPassword);
    const chainLength = parameters.beaconChainMin;
    operators.push({
      publicKey: keys.signer.publicKey,
      withdrawal: keys.signer.accountId,
      bond: fair(plan.bondFair),
      beaconCommitment: keys.beaconChain(chainLength).end,
      auditorCommitment: keys.auditorChain(chainLength).end,
      chainLength,
      peerId: keys.peerId,
      prefix: new Uint8Array(5),
    });
    accounts.push({ accountId: keys.signer.accountId, balance: fair(1_000) });
    nodes.push({
      name: `node-${index + 1}`,
      folder,
      address: facts.address,
      multiaddr: `/ip4/127.0.0.1/tcp/${ports[index * 3]}/p2p/${facts.peerId}`,
      rpcUrl: `http://127.0.0.1:${ports[index * 3 + 1]}`,
      metricsUrl: `http://127.0.0.1:${ports[index * 3 + 2]}/metrics`,
    });
  }
  const genesis = makeGenesis({
    ...{ preset: "devnet", name: "devnet", timestampMs: plan.timestampMs, operators, accounts },
    ...(plan.parameters === undefined ? {} : { parameters: plan.parameters }),
  });
  const bootstrap = nodes.map((node) => node.multiaddr);
  for (const [index, { folder }] of nodes.entries()) {
    await mkdir(folder.root, { recursive: true, mode: 0o700 });
    await writeFile(folder.genesis, renderGenesis(genesis));
    await writeFile(
      folder.config,
      configText(
        index,
        ports,
        bootstrap.filter((_, other) => other !== index),
        plan.assets ?? true,
      ),
    );
  }
  return { nodes, faucet };
}
