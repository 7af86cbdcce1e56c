// Options of an RPC server for tests of something else than its limits: on loopback, on a port that is free.
import type { RpcOptions } from "../../src/rpc/index.ts";

export const testRpcOptions: RpcOptions = {
  host: "127.0.0.1",
  port: 0,
  allowedHosts: ["localhost", "127.0.0.1"],
  corsOrigins: [],
  bodyBytesMax: 64 << 10,
  batchMax: 20,
  requestsPerSecond: 1_000_000,
  connectionsMax: 4,
  subscriptionsMax: 4,
  tokenSecret: new Uint8Array(32).fill(7),
};
