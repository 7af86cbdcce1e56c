// A libp2p peer written by hand, which does to our nodes what honest ones never do: it has a key and an account, can bind
// them truly or falsely, and writes what bytes it likes on what protocol it likes.
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { Connection, Libp2p, PrivateKey, Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { lpStream } from "@libp2p/utils";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner } from "../../src/native/index.ts";
import { protocolName } from "../../src/network/protocols.ts";
import type { Signer } from "../../src/ports/index.ts";
import { type Bytes, type NetworkId, utf8ToBytes } from "../../src/primitives/index.ts";
import { type Binding, bindingCodec, signedBindingCodec, signingRoot } from "../../src/schema/index.ts";
import { testNetworkId } from "./test-network.ts";

const gossipProtocol = "/meshsub/1.2.0";

export interface BarePeerOptions {
  /** Which account it has; by default its own. */
  readonly account?: number;
  /** Which network it says that it is of; by default that of the tests. */
  readonly networkId?: NetworkId;
  /** It speaks gossip, and does with the stream that a node opens to it what this says; by default it reads it. */
  readonly onGossip?: (stream: Stream) => void;
  readonly protocols?: Readonly<Record<string, (stream: Stream) => void>>;
}

export interface BarePeer {
  readonly host: Libp2p;
  readonly key: PrivateKey;
  readonly signer: Signer;
  /** Connects, and shows a binding; the true one unless told otherwise. Answers once the node's own has come. */
  join(address: string, binding?: Bytes): Promise<Connection>;
  connect(address: string): Promise<Connection>;
  bind(connection: Connection, binding?: Bytes): Promise<void>;
  binding(changes?: BindingChanges): Promise<Bytes>;
  /** A stream for gossip RPCs, each to be length-prefixed. */
  gossip(connection: Connection): Promise<Stream>;
  open(connection: Connection, protocol: string): Promise<Stream>;
  stop(): Promise<void>;
}

export interface BindingChanges extends Partial<Binding> {
  readonly networkId?: NetworkId;
  readonly accountSignature?: Bytes;
  readonly peerSignature?: Bytes;
}

const seedOf = (role: string, index: number): Uint8Array => sha256(utf8ToBytes(`${role} ${index}`));
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

const drain = (stream: Stream): void => stream.addEventListener("message", () => {});

export async function makeBarePeer(index: number, options: BarePeerOptions = {}): Promise<BarePeer> {
  const key = await generateKeyPairFromSeed("Ed25519", seedOf("bare peer", index));
  const signer = createNativeSigner(seedOf("account", options.account ?? 1_000 + index));
  const host = await createLibp2p({
    privateKey: key,
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: { identify: identify() },
  });
  await host.handle(gossipProtocol, options.onGossip ?? drain, { maxInboundStreams: 64 });
  for (const [protocol, run] of Object.entries(options.protocols ?? {})) await host.handle(protocol, run);

  const ownNetwork = options.networkId ?? testNetworkId;
  const binding = async (changes: BindingChanges = {}): Promise<Bytes> => {
    const { networkId = ownNetwork, accountSignature, peerSignature, ...fields } = changes;
    const plain: Binding = {
      accountId: signer.accountId,
      publicKey: signer.publicKey,
      peerId: host.peerId.toMultihash().bytes,
      seq: 1,
      expiresEpoch: 100,
      ...fields,
    };
    const root = signingRoot(bindingCodec.root(plain), networkId, "binding");
    return signedBindingCodec.encode({
      binding: plain,
      accountSignature: accountSignature ?? (await signer.sign(root, "binding")),
      peerSignature: peerSignature ?? (await key.sign(root)),
    });
  };
  const bind = async (connection: Connection, bytes?: Bytes): Promise<void> => {
    const stream = await connection.newStream(protocolName(ownNetwork, "binding"), { signal: soon() });
    const frames = lpStream(stream);
    await frames.write(bytes ?? (await binding()), { signal: soon() });
    await frames.read({ signal: soon() });
    await stream.close({ signal: soon() });
  };
  const connect = (address: string): Promise<Connection> => host.dial(multiaddr(address), { signal: soon() });
  return {
    host,
    key,
    signer,
    binding,
    bind,
    connect,
    async join(address, bytes) {
      const connection = await connect(address);
      await bind(connection, bytes);
      return connection;
    },
    gossip: (connection) => connection.newStream(gossipProtocol, { signal: soon() }),
    open: (connection, protocol) => connection.newStream(protocolName(ownNetwork, protocol), { signal: soon() }),
    stop: async () => host.stop(),
  };
}
