// What RPC may have done with blobs. Files are named within the folder `transfer`, never by a path.
import type { Volume } from "../ports/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import type { BlobActions } from "../rpc/index.ts";
import type { Tenant } from "../runtime/services/index.ts";
import { blobIdOf } from "../services/index.ts";

export function blobActions(tenant: Tenant, transfer: Volume): BlobActions {
  return {
    async put(assetId, file) {
      const length = await transfer.size(file);
      if (length === undefined) throw new FairmeshError("FILE_MISSING", `there is no ${file} in the folder transfer`);
      return tenant.put(assetId, { length, read: (at, bytes) => transfer.read(file, at, bytes) });
    },
    async get(assetId, blobId, { file, ...range }) {
      let length = 0;
      for await (const piece of tenant.get(assetId, blobId, range)) {
        await transfer.write(file, length, piece);
        length += piece.length;
      }
      if (length > 0) await transfer.sync(file);
      return length;
    },
    remove: (assetId, blobId) => tenant.remove(assetId, blobId),
    list: async () =>
      (await tenant.list()).map(({ assetId, other, blob, epoch }) => ({
        ...{ assetId, epoch },
        provider: other,
        blobId: blobIdOf(blob),
        length: blob.length,
      })),
  };
}
