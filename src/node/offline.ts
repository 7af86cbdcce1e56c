// Node's second door: what commands need without a running node. Keys and their guard, backups, what doctor measures, and
// the verdict on a certificate.
// Nothing here opens the network.
export * from "./offline-backup.ts";
export * from "./offline-detect.ts";
export * from "./offline-doctor.ts";
export * from "./offline-init.ts";
export * from "./offline-keys.ts";
export * from "./offline-rpc.ts";
export * from "./offline-token.ts";
export * from "./offline-verify.ts";
