// The door of client: what other programs and browsers use. Imports nothing that needs Node.
import "./buffer-global.ts";

export * from "./verify-reward-certificate.ts";
