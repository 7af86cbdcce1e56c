// Ports for nodes that are stopped and started again on them: below the ranges from which systems lend ports to outgoing
// connections (Linux from 32768, others from 49152), or one could be lent away while its node is down.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const [lowest, beyond] = [16_384, 32_768];
const triesMax = 1000;

/** So many ports of this machine on which nothing listens now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === triesMax) throw new Error(`no ${count} free ports between ${lowest} and ${beyond} were found`);
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const server = createServer();
    server.once("error", () => settle(false));
    server.listen(port, "127.0.0.1", () => server.close(() => settle(true)));
  });
