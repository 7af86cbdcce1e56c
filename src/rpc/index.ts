// The door of rpc: JSON-RPC over HTTP and WebSocket, REST and health from one table of methods, over a NodeView that the
// composition root implements.
export { issueToken, scopes } from "./access.ts";
export { inBatches } from "./in-batches.ts";
export type { Method, Scope } from "./method.ts";
export type * from "./node-view.ts";
export { openRpcDocument } from "./open-rpc.ts";
export { rpcReference } from "./reference.ts";
export type { DashboardFile, DashboardFiles } from "./serve-dashboard.ts";
export * from "./server.ts";
