// The 32-byte names of things. Each is made by its constructor only, which refuses another length.
import type { Brand } from "./brand.ts";
import type { Bytes } from "./bytes.ts";
import { invariant } from "./invariant.ts";

export type Digest = Brand<Bytes, "Digest">;
export type AccountId = Brand<Bytes, "AccountId">;
export type AssetId = Brand<Bytes, "AssetId">;
export type NetworkId = Brand<Bytes, "NetworkId">;

export const idBytes = 32;

const id =
  <T extends Bytes>(name: string) =>
  (bytes: Bytes): T => {
    invariant(bytes.length === idBytes, `${name} has ${idBytes} bytes`, { length: bytes.length });
    return bytes as T;
  };

export const digest = id<Digest>("a digest");
export const accountId = id<AccountId>("an account id");
export const assetId = id<AssetId>("an asset id");
export const networkId = id<NetworkId>("a network id");

/** 32 zero bytes: "none" where a digest is required. */
export const zeroDigest: Digest = digest(new Uint8Array(idBytes));
