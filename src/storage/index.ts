// The door of storage: the database, the guard file, bulk files, backups. Adapters only; what is stored is decided above.
export * from "./backup.ts";
export * from "./file-volume.ts";
export * from "./level-store.ts";
export { createGuard, type FileVoteGuard, hasGuard, openGuard } from "./vote-guard-file.ts";
