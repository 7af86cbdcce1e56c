// A process that starts one node, waits until it listens, and says how long that took since the process began and how much
// memory it holds at rest. `ours` is the network adapter, `plain` libp2p with the same services.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-start-"));
let stop: () => Promise<void>;
if (process.argv[2] === "ours") {
  const { makeNode } = await import("./test-network.ts");
  const { openPeerDatastore } = await import("../../src/network/index.ts");
  const { quietLog } = await import("./quiet-ports.ts");
  const datastore = await openPeerDatastore(join(folder, "peers"), quietLog);
  const { network } = await makeNode(0, { datastore });
  await network.start();
  stop = async () => {
    await network.stop();
    await datastore.close();
  };
} else {
  const { makePlainHost } = await import("./plain-host.ts");
  const host = await makePlainHost(0);
  await host.start();
  stop = async () => void (await host.stop());
}
const readyMs = performance.now();
await new Promise((wake) => setTimeout(wake, 1_000));
setFlagsFromString("--expose-gc");
(runInNewContext("gc") as () => void)();
const { rss, heapUsed } = process.memoryUsage();
process.stdout.write(`${JSON.stringify({ readyMs, rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 })}\n`);
await stop();
await rm(folder, { recursive: true });
