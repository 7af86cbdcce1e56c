// The door of rpc: the server, its methods and what it asks of the node.
export * from "./method.ts";
export * from "./node-view.ts";
export * from "./server.ts";
