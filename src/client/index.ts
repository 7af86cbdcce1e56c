// The door of client: what other programs and browsers use. Imports nothing that needs Node.
import "./buffer-global.ts";

export * from "./client-error.ts";
export * from "./create-client.ts";
export * from "./explanation-facts.ts";
export * from "./fallback.ts";
export * from "./http.ts";
export * from "./list-all.ts";
export type * from "./methods.ts";
export * from "./send-transaction.ts";
export type * from "./transport.ts";
export * from "./verdict-facts.ts";
export * from "./verify-reward-certificate.ts";
export * from "./watch.ts";
export * from "./web-socket.ts";
