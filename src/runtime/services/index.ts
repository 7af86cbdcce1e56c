// The door of runtime/services: blobs on storage assets, for tenants and for providers, and the receipts between them.
export * from "./blob-view.ts";
export * from "./claim-keeper.ts";
export * from "./compose-blobs.ts";
export * from "./proof-book.ts";
export * from "./receipt-book.ts";
export * from "./serve-blobs.ts";
export * from "./tenant.ts";
