// Which key exchange protects a connection, read off the wire; and what strict mode refuses. Strict mode is for the whole
// process, so it is tested last.
import { connect } from "node:net";
import tls from "node:tls";
import { noise } from "@chainsafe/libp2p-noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { eventually, makeNode } from "../support/test-network.ts";
import { groups, negotiatedGroup, tapWire } from "../support/wire-tap.ts";

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const portOf = (address: string): number => Number(/tcp\/(\d+)/.exec(address)?.[1]);

/** The first bytes of a libp2p connection, then a TLS handshake that offers one group only. */
function shakeHands(port: number, ecdhCurve: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const line = (text: string): Buffer => Buffer.concat([Buffer.of(text.length + 1), Buffer.from(`${text}\n`)]);
    socket.write(Buffer.concat([line("/multistream/1.0.0"), line("/tls/1.0.0")]));
    let answered = Buffer.alloc(0);
    socket.on("error", () => resolve("closed"));
    const onData = (chunk: Buffer): void => {
      answered = Buffer.concat([answered, chunk]);
      if (!answered.includes("/tls/1.0.0\n")) return;
      socket.off("data", onData);
      const secure = tls.connect({ socket, ecdhCurve, rejectUnauthorized: false, ALPNProtocols: ["libp2p"] });
      secure.on("secureConnect", () => {
        resolve(secure.getCipher().version);
        secure.destroy();
      });
      secure.on("error", (error) => resolve(`refused: ${(error as { code?: string }).code}`));
    };
    socket.on("data", onData);
  });
}

test("two nodes agree on X25519MLKEM768, seen on the wire", async () => {
  const [a, b] = [await makeNode(20), await makeNode(21)];
  await a.network.start();
  await b.network.start();
  const tap = await tapWire(portOf(a.network.addresses()[0] as string));
  await b.network.dial(`/ip4/127.0.0.1/tcp/${tap.port}/p2p/${a.network.peerId}`, soon());
  await eventually("both are bound", () => b.network.transport.peers().length === 1);
  assert.is(negotiatedGroup(tap.answered()), groups.x25519MlKem768);
  await Promise.all([a.network.stop(), b.network.stop()]);
  tap.close();
});

test("the reader of the wire tells another group when there is one", async () => {
  const a = await makeNode(20);
  await a.network.start();
  const tap = await tapWire(portOf(a.network.addresses()[0] as string));
  assert.is(await shakeHands(tap.port, "X25519"), "TLSv1.3");
  assert.is(negotiatedGroup(tap.answered()), groups.x25519);
  await a.network.stop();
  tap.close();
});

test("strict mode: a classical key exchange is refused, noise is not offered, the hybrid one is", async () => {
  const strict = await makeNode(22, { options: { strictPostQuantum: true } });
  await strict.network.start();
  const [address] = strict.network.addresses() as [string];
  assert.match(await shakeHands(portOf(address), "X25519"), /^(refused|closed)/);
  assert.is(await shakeHands(portOf(address), "X25519MLKEM768"), "TLSv1.3");
  const classical = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  let refused = false;
  await classical.dial(multiaddr(address), { signal: soon() }).catch(() => {
    refused = true;
  });
  assert.ok(refused, "a peer with noise alone does not get in");
  await classical.stop();
  const other = await makeNode(23, { options: { strictPostQuantum: true } });
  await other.network.start();
  await other.network.dial(address, soon());
  await eventually("two strict nodes are bound", () => other.network.transport.peers().length === 1);
  await Promise.all([strict.network.stop(), other.network.stop()]);
});

test.run();
