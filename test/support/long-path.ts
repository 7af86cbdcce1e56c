// A TCP path that is as long as a test wants: a relay on loopback that hands each piece on, both ways, so many milliseconds
// after it came. It loses and limits nothing.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface LongPath {
  /** The multiaddr with which the other end is reached over this path. */
  readonly at: string;
  stop(): void;
}

/** A path to who listens at the multiaddr `to`, on IPv4. */
export async function startLongPath(to: string, oneWayMs: number): Promise<LongPath> {
  const [, host = "", port = "", rest = ""] = /^\/ip4\/([^/]+)\/tcp\/(\d+)(.*)$/.exec(to) ?? [];
  const sockets = new Set<Socket>();
  const join = (from: Socket, into: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (piece) => setTimeout(() => into.write(piece), oneWayMs));
    from.on("close", () => setTimeout(() => into.destroy(), oneWayMs));
    from.on("error", () => {});
  };
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    join(near, far);
    join(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    at: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}${rest}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
