// The door of services: one small interface, one folder a kind.
export * from "./bandwidth/bandwidth-service.ts";
export * from "./blobs/blob-pieces.ts";
export { BlobStore, type BlobStoreParts, blobsMax, type Owner } from "./blobs/blob-store.ts";
export * from "./service.ts";
export type { StorageParts } from "./storage/prepare.ts";
export { createStorageService, storageDeadlineMs } from "./storage/storage-service.ts";
