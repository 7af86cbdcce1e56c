// A running network from outside, as operators and integrators use it: every RPC method's example, the typed client, the
// commands, and a node that joins from another data folder, becomes an operator, is backed up, restored and started again.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { freePorts } from "../../simulation/mesh/free-ports.ts";
import { devnetPassword, makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";
import {
  type Asset,
  createClient,
  type Methods,
  type Topics,
  verifyRewardCertificate,
  watchHeads,
  watchRewards,
  webSocket,
} from "../../src/client/index.ts";
import { dataFolder, parseGenesis } from "../../src/config/index.ts";
import { createPortableVerifier } from "../../src/crypto/index.ts";
import { fromHex } from "../../src/primitives/index.ts";
import { rpcMethods } from "../../src/rpc/index.ts";
import { transcriptCodec } from "../../src/schema/index.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-operator-"));
const { nodes: plans } = await makeNetwork({ folder, nodes: 4, seed: 12, timestampMs: Date.now(), bondFair: 100 });
const nodes = plans.map((plan) => new NodeProcess(plan));
const [first, second] = nodes as [NodeProcess, NodeProcess];
const passwordFile = join(folder, "password");
await writeFile(passwordFile, `${devnetPassword} of the joiner\n`);
const joinerRoot = join(folder, "joiner");
const [joinerPort] = await freePorts(1);
const joiner = new NodeProcess(
  { ...first.plan, name: "joiner", folder: dataFolder(joinerRoot), rpcUrl: `http://127.0.0.1:${joinerPort}` },
  (await readFile(passwordFile, "utf8")).trim(),
);

test.before(() => {
  for (const node of nodes) node.start();
});
test.after(async () => {
  await Promise.all([...nodes, joiner].map((node) => node.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinMs = 120_000): Promise<T> {
  const endMs = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) {
      const logs = [first, joiner].filter(({ pid }) => pid !== undefined).map((node) => node.logTail());
      throw new Error(`${what} did not come: ${String(last)}\n${logs.join("\n\n")}`);
    }
    await new Promise((wake) => setTimeout(wake, 500));
  }
}

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly notes: string;
}
async function fairmesh(...words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, ["bin/fairmesh.js", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, notes] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    notes += chunk;
  });
  const status = await new Promise<number | null>((settle) => child.once("close", settle));
  return { status, out, notes };
}
async function right(...words: readonly string[]): Promise<string> {
  const { status, out, notes } = await fairmesh(...words);
  assert.is(status, 0, `${words.join(" ")}: ${notes}`);
  return out;
}

let settled = 0;
let paid: Methods["reward_list"]["result"]["items"][number];

test("an epoch is settled with rewards, and the client hears of them", async () => {
  const client = createClient({ transport: webSocket(first.plan.rpcUrl) });
  const rewards: Topics["rewards"][] = [];
  await eventually("the node", () => client.request("node_status"));
  const stop = watchRewards(client, { fromHeight: 0, onEvent: (reward) => rewards.push(reward) });
  paid = await eventually("a reward", async () => rewards.find(({ reward }) => reward !== "0"), 150_000);
  settled = rewards.at(-1)?.epoch ?? 0;
  stop();
  const heads: number[] = [];
  const stopHeads = watchHeads(client, { fromHeight: 1, onEvent: ({ height }) => heads.push(height) });
  await eventually("thirty heads", async () => (heads.length > 30 ? true : undefined));
  stopHeads();
  client.close();
  assert.equal(
    heads.slice(0, 30),
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
});

test("every method's example is answered in the form that the document says", async () => {
  const { client, plan } = first;
  const values: Readonly<Record<string, unknown>> = {
    $account: plan.address,
    $asset: paid.assetId,
    $settled: settled,
    $epoch: settled,
    $transaction: await aTransaction(),
  };
  for (const { name, example, result, scope, params } of rpcMethods) {
    if (scope !== "read" || name.startsWith("subscription_")) continue;
    const given = Object.fromEntries(
      Object.entries(example).map(([key, value]) => [key, values[String(value)] ?? value]),
    );
    assert.ok(params.safeParse(given).success, `${name}'s example is valid`);
    const answer = await (client.request as (method: string, params: object) => Promise<unknown>)(name, given);
    const read = result[1].safeParse(answer);
    assert.ok(read.success, `${name}: ${read.error?.message} in ${JSON.stringify(answer)?.slice(0, 400)}`);
  }
});

/** Any transaction that a block holds. */
async function aTransaction(): Promise<string> {
  const { height } = await first.client.request("node_status");
  for (let at = height; at > 0; at--) {
    const { transactions } = await first.client.request("chain_getBlock", { height: at });
    if (transactions[0] !== undefined) return transactions[0].id;
  }
  throw new Error("no block holds a transaction");
}

test("all nodes settled the same, the DHT finds an asset, and the audits behind a reward are shown", async () => {
  const roots = await Promise.all(
    nodes.map(({ client }) =>
      // A node may be a block behind the first.
      eventually("the epoch at every node", () => client.request("reward_getEpoch", { epoch: settled })),
    ),
  );
  assert.is(new Set(roots.map(({ rewardsRoot }) => rewardsRoot)).size, 1);
  const { items } = await second.client.request("asset_list", { limit: 50 });
  const wanted = items.find(({ terms }) => terms.kind === 0) as Asset;
  const cell = BigInt(wanted.terms.cell).toString(16);
  const found = await eventually("the asset in the DHT", async () => {
    const { items: near } = await first.client.request("asset_find", { kind: "storage", cell });
    return near.find(({ asset }) => asset.id === wanted.id);
  });
  assert.is(found.provider, wanted.owner);
  assert.ok(found.addresses.length > 0, "its signed record says where it is reached");
  const { items: audits } = await first.client.request("audit_list", { epoch: settled, limit: 100 });
  const entries = audits.find(({ assetId }) => assetId === paid.assetId)?.auditors ?? [];
  assert.is(entries.length, 3, "three auditors are drawn on the devnet");
  assert.ok(entries.some(({ entry }) => (entry?.passed ?? 0) > 0));
});

test("what proves a pass is fetched from its auditor while the report is not settled, and checked", async () => {
  const transcript = await eventually("a transcript", async () => {
    const { epoch } = await first.client.request("node_status");
    const { items } = await first.client.request("audit_list", { epoch: epoch - 1, limit: 100 });
    for (const { assetId, auditors } of items) {
      for (const { auditor, entry } of auditors) {
        if ((entry?.passed ?? 0) === 0 || auditor === first.plan.address) continue;
        const asked = { epoch: epoch - 1, asset: assetId, auditor };
        const { transcript: found } = await first.client.request("audit_getTranscript", asked);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  });
  assert.ok(transcriptCodec.decode(fromHex(transcript)).ok);
});

test("a reward's certificate is fetched and judged by the client, and refused when damaged", async () => {
  const { certificate } = await first.client.request("reward_getCertificate", {
    epoch: settled,
    asset: paid.assetId,
    from: "genesis",
  });
  const genesis = parseGenesis(await readFile(first.plan.folder.genesis, "utf8"));
  const trust = { verifier: createPortableVerifier(), genesis, nowMs: Date.now() };
  const file = fromHex(certificate);
  const verdict = await verifyRewardCertificate(file, trust);
  assert.is.not(verdict.outcome, "refused");
  assert.is(verdict.outcome === "refused" ? "" : verdict.reward.reward.toString(), paid.reward);
  file[file.length >> 1] = (file[file.length >> 1] as number) ^ 1;
  assert.is((await verifyRewardCertificate(file, trust)).outcome, "refused");
});

test("a file is stored on another's asset, read back in part, claimed with its receipts, and counts as delivered", async () => {
  const at = ["-d", first.plan.folder.root];
  const { items } = await first.client.request("asset_list", { limit: 50 });
  const { account } = await first.client.request("node_identity");
  const asset = items.find(({ terms, owner }) => terms.kind === 0 && owner !== account) as Asset;
  const [file, copy] = [join(folder, "content"), join(folder, "copy")];
  const content = Buffer.alloc(1_500_000, (await readFile("package-lock.json")).subarray(0, 4093));
  await writeFile(file, content);
  const blob = (await right("blob", "put", file, asset.id, ...at)).trim();
  const stored = (await first.client.request("node_status")).epoch;
  assert.match(await right("blob", "list", ...at), new RegExp(blob));
  await right("blob", "get", blob, asset.id, "--out", copy, "--at", "300000", "--length", "1000000", ...at);
  assert.ok(content.subarray(300_000, 1_300_000).equals(await readFile(copy)));
  // The devnet's units are mebibytes: a blob of 1.5 MB is two.
  const explained = await eventually("an epoch with delivery", async () => {
    const { epoch } = await first.client.request("node_status");
    for (let each = stored; each < epoch; each++) {
      const row = await first.client.request("reward_explain", { epoch: each, asset: asset.id }).catch(() => undefined);
      if (row !== undefined && row.delivered !== "0") return row;
    }
    return undefined;
  });
  assert.is(explained.delivered, "2");
  const proofs = (await second.client.request("proof_list", {})).items;
  assert.ok(
    proofs.some(
      ({ assetId, unitsServed, receipts }) => assetId === asset.id && unitsServed === "2" && receipts.length === 1,
    ),
  );
  await right("blob", "delete", blob, asset.id, ...at);
  const gone = await fairmesh("blob", "get", blob, asset.id, "--out", join(folder, "gone"), ...at);
  assert.is(gone.status, 2);
  assert.match(gone.notes, /BLOB_UNKNOWN/);
});

test("the node's metrics tell of every stage, and promtool finds nothing to say where there is one", async () => {
  const text = await (await fetch(first.plan.metricsUrl)).text();
  for (const name of [
    ...["gossip_received", "consensus_queue_inputs", "block_finality_seconds", "audits", "mempool_transactions"],
    ...[
      "disk_free_bytes",
      "network_bytes",
      "network_peers",
      "rpc_call_seconds",
      "operator_score_ratio",
      "alerts_raised",
    ],
  ]) {
    assert.match(text, new RegExp(`^fairmesh_${name}`, "m"));
  }
  const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  if (checked.error === undefined) assert.equal([checked.status, checked.stderr], [0, ""]);
});

test("commands show the node to people and to programs", async () => {
  const at = ["-d", first.plan.folder.root];
  assert.match(await right("status", ...at), /sits as seat/);
  assert.match(await right("health", ...at), /^ready/);
  assert.is(JSON.parse(await right("peers", ...at, "--json")).length > 0, true);
  assert.match(await right("assets", "list", "--all", ...at), paid.assetId);
  assert.match(await right("assets", "show", paid.assetId, ...at), /Advertised/);
  assert.match(await right("capacity", "list", ...at), /0\.001 FAIR/);
  assert.match(await right("rewards", "show", ...at), /Gini/);
  assert.match(await right("rewards", "list", "-e", String(settled), ...at), paid.assetId);
  assert.match(await right("rewards", "explain", paid.assetId, "-e", String(settled), ...at), /R-4/);
  const file = join(folder, "reward.cert");
  await right("rewards", "certificate", paid.assetId, "-e", String(settled), "--out", file, "--from", "genesis", ...at);
  const { status, out } = await fairmesh("verify", file, "--genesis", first.plan.folder.genesis);
  assert.ok(status === 0 || status === 1, out);
  assert.match(out, /^(valid|consistent)/);
});

test("wrong use of a node is said, with what to do", async () => {
  const at = ["-d", first.plan.folder.root];
  for (const [code, said, words] of [
    [1, /NODE_UNREACHABLE/, ["status", "--rpc", "http://127.0.0.1:9", ...at]],
    [2, /asset-not-found|no such asset/, ["assets", "show", "ab".repeat(32), ...at]],
    [2, /is not an id/, ["assets", "show", "xyz", ...at]],
    [2, /balance-too-low/, ["transfer", "99999999", first.plan.address, "--password-file", "PASSWORD", ...at]],
    [1, /STORE_LOCKED/, ["backup", join(folder, "x.bak"), ...at]],
    [2, /is not an address/, ["transfer", "1", "fair1nobody", ...at]],
  ] as const) {
    const devnet = join(folder, "devnet-password");
    await writeFile(devnet, devnetPassword);
    const ran = await fairmesh(...words.map((word) => (word === "PASSWORD" ? devnet : word)));
    assert.equal([ran.status, ran.out], [code, ""], `${words.join(" ")}: ${ran.notes}`);
    assert.match(ran.notes, said, `${words.join(" ")}: ${ran.notes}`);
  }
});

test("a node joins from another data folder, by the documented steps", async () => {
  const at = ["-d", joinerRoot];
  const secret = ["--password-file", passwordFile];
  const made = JSON.parse(
    await right(
      ...["init", ...at, ...secret, "--json", "--genesis", first.plan.folder.genesis],
      ...["--bootstrap", first.plan.multiaddr, "--listen", "/ip4/127.0.0.1/tcp/0", "--rpc-port", String(joinerPort)],
    ),
  ) as { readonly address: string };
  await right("assets", "register", ...at, "--storage", "2MiB", "--bandwidth", "10", "--at", "48.85,2.35");
  joiner.start();
  const height = (await first.client.request("node_status")).height;
  await eventually("the joiner at the network's height", async () =>
    (await joiner.client.request("node_status")).height >= height ? true : undefined,
  );
  await right("devnet", "fund", made.address, "--folder", folder);
  // Funded in a block that the joiner may not have yet.
  await eventually("the joiner's money", async () =>
    joiner.client.request("account_get", { account: made.address }).catch(() => undefined),
  );
  await right("bond", "100", ...at, ...secret);
  // As the joiner itself sees them: `assets retire` asks it, and it may be a block behind the others.
  const assets = await eventually("the joiner's assets", async () => {
    const { items } = await joiner.client.request("asset_list", { limit: 100 });
    const own = items.filter(({ owner }) => owner === made.address);
    return own.length === 2 ? own : undefined;
  });
  assert.equal(assets.map(({ terms }) => terms.units).sort(), ["10", "2"]);
  const retired = assets.find(({ terms }) => terms.kind === 1) as Asset;
  await right("assets", "retire", retired.id, ...at, ...secret);
  assert.not.match(await readFile(join(joinerRoot, "config.yaml"), "utf8"), /bandwidthMbit/);
  assert.match(await right("transfer", "1.5", first.plan.address, ...at, ...secret), /final in block/);
});

test("a backup is restored into an empty folder, and the node goes on from it", async () => {
  const at = ["-d", joinerRoot];
  await joiner.stop();
  assert.is(joiner.exit, 0);
  const backup = join(folder, "joiner.bak");
  await right("backup", backup, ...at);
  await rm(join(joinerRoot, "db"), { recursive: true });
  await rm(join(joinerRoot, "db.sentinel"));
  await right("restore", backup, ...at);
  joiner.start();
  const { height } = await first.client.request("node_status");
  await eventually("the restored node at the network's height", async () =>
    (await joiner.client.request("node_status")).height >= height ? true : undefined,
  );
});

test.run();
