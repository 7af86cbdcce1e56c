// Every setting that an operator has, by section. What the network agrees on (intervals, fees, caps) is not here: that is
// genesis and governance. Used by the loader and the generated reference; read as `Config` by the composition root.
import { z } from "zod";
import { presets } from "../schema/index.ts";
import { list, port, secret, setting, text, whole } from "./setting.ts";

const mebibyte = 1 << 20;

export const settings = {
  node: {
    dataDir: setting(text(), "", "folder of keys, database and guard; empty: $XDG_DATA_HOME/fairmesh"),
    name: setting(text(64), "", "a name for people, shown to other operators"),
    vote: setting(z.boolean(), true, "take a seat when drawn; false only observes"),
    sync: setting(
      z.enum(["state", "blocks"]),
      "state",
      "how to begin when two terms behind or more. state: fetch the proved state at the newest term's end, where genesis, the node's own last term or node.checkpoint is young enough to prove it, else by blocks; blocks: execute every block, which needs a peer that keeps them all",
    ),
    checkpoint: setting(
      z.string().regex(/^((0x)?[0-9a-f]{64})?$/, "a block's digest is expected: 64 lower-case hex digits"),
      "",
      "digest of a term's last block that you trust (`fairmesh status` of a node that you trust shows one): a node without data begins with nothing that it does not prove; empty: none",
    ),
    archive: setting(
      z.boolean(),
      false,
      "keep all blocks, finalizations and reward tables instead of letting old ones go",
    ),
  },
  keys: {
    file: setting(text(), "", "the operator's key file; empty: keys/operator.json in the data folder"),
    password: secret("opens the operator's key file"),
  },
  network: {
    preset: setting(
      z.enum(presets),
      "devnet",
      "which network: its defaults, and the genesis that init makes for a devnet",
    ),
    genesis: setting(text(), "", "the genesis file; empty: genesis.json in the data folder"),
    listen: setting(list(16), ["/ip4/0.0.0.0/tcp/4701"], "multiaddrs to listen on"),
    announce: setting(list(16), [], "multiaddrs to tell others instead of those found"),
    bootstrap: setting(list(), [], "multiaddrs, with /p2p/, of peers to dial at start and to keep"),
    oneMachine: setting(z.boolean(), false, "several nodes share this machine: private and shared addresses are fine"),
    strictPostQuantum: setting(z.boolean(), false, "refuse connections whose key exchange is not X25519MLKEM768"),
    swarmKeyFile: setting(
      text(),
      "",
      "a libp2p swarm key file: only peers with the same key connect; empty: anyone may",
    ),
    connectionsMax: setting(whole(4, 5000), 100, "open connections at most; a quarter is kept for committee members"),
    connectionsPerHostMax: setting(whole(1, 1000), 8, "connections from one address"),
    providersOfPeerMax: setting(whole(64, 262_144), 16_384, "DHT records kept of one peer; each asset has nine"),
    answersMbit: setting(whole(0, 1_000_000), 0, "answers to peers in Mbit/s, together; 0: no limit"),
    answersPerPeerMbit: setting(whole(0, 1_000_000), 0, "the same for each peer; 0: no limit"),
    linkMbit: setting(
      whole(0, 1_000_000),
      0,
      "what this machine's line carries, in Mbit/s; 0: what its interfaces say",
    ),
    auditSharePercent: setting(whole(1, 100), 80, "of that line, what answers to audits may take"),
    mdns: setting(z.boolean(), false, "find peers in the local network"),
    relay: setting(z.boolean(), true, "reach peers behind address translation through relays, and be reached"),
    relayServer: setting(z.boolean(), false, "serve as a relay for others"),
    upnp: setting(z.boolean(), false, "ask the router to open a port"),
  },
  rpc: {
    enabled: setting(z.boolean(), true, "serve JSON-RPC, REST and WebSocket"),
    host: setting(text(255), "127.0.0.1", "address to listen on; another than loopback asks for tokens to read, too"),
    port: setting(port(), 4710, "port of RPC; 0 takes a free one"),
    dashboard: setting(z.boolean(), true, "serve the dashboard, a web page that only reads, at GET /"),
    corsOrigins: setting(list(), [], "origins that browsers may call from"),
    allowedHosts: setting(list(), ["localhost", "127.0.0.1", "[::1]"], "names in the Host header that are answered"),
    tokenSecret: secret("signs access tokens (HS256); empty: tokens/secret in the data folder"),
    bodyBytesMax: setting(whole(1024, 64 * mebibyte), mebibyte, "bytes of a request"),
    batchMax: setting(whole(1, 1000), 20, "calls in a batch"),
    requestsPerSecond: setting(whole(1, 100_000), 50, "calls a second by token or address"),
    connectionsMax: setting(whole(1, 10_000), 200, "open WebSocket connections"),
    subscriptionsMax: setting(whole(1, 1000), 32, "subscriptions of a connection"),
  },
  metrics: {
    enabled: setting(z.boolean(), true, "serve /metrics for Prometheus"),
    host: setting(text(255), "127.0.0.1", "address to listen on"),
    port: setting(port(), 4711, "port; 0 takes a free one"),
  },
  log: {
    level: setting(z.enum(["debug", "info", "warn", "error", "silent"]), "info", "the least serious lines to write"),
    format: setting(z.enum(["auto", "json", "pretty"]), "auto", "auto: readable on a terminal, JSON otherwise"),
  },
  assets: {
    folder: setting(text(), "", "where sealed and leased bytes lie; empty: assets in the data folder"),
    storageBytes: setting(whole(0, Number.MAX_SAFE_INTEGER), 0, "storage to offer; 0: none"),
    reserveBytes: setting(whole(0, Number.MAX_SAFE_INTEGER), 1024 * mebibyte, "free disk never used for assets"),
    tenantBytes: setting(
      whole(0, Number.MAX_SAFE_INTEGER),
      64 * mebibyte,
      "bytes of blobs that one tenant may store on this node's storage; 0: none",
    ),
    bandwidthMbit: setting(whole(0, 1_000_000), 0, "bandwidth to offer, in Mbit/s; 0: none"),
    cell: setting(text(16), "", "H3 cell (resolution 7) where the machine stands; empty: none is claimed"),
    pricePerUnitEpoch: setting(text(32), "0.001", "asking price of a unit and epoch, in FAIR"),
  },
  limits: {
    mempoolBytes: setting(
      whole(mebibyte, 4096 * mebibyte),
      64 * mebibyte,
      "bytes of transactions that wait for a block",
    ),
    verifierKeys: setting(whole(64, 100_000), 1024, "public keys kept ready for verification, 15 KB each"),
    inspectionsAtOnce: setting(
      whole(0, 64),
      0,
      "sectors of others made again at once, each a core and a sector of memory; 0: half the cores, an eighth of memory",
    ),
    verifierInFlight: setting(whole(1, 1024), 64, "signatures checked at a time"),
  },
} as const;

type Sections = typeof settings;
type SectionName = keyof Sections;

/** The effective configuration: every setting has a value. */
export type Config = {
  readonly [S in SectionName]: {
    readonly [K in keyof Sections[S]]: Sections[S][K] extends { readonly fallback: infer V } ? Readonly<V> : never;
  };
};
