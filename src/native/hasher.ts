// Chooses who hashes SSZ trees: hashtree (SIMD) where it loads, else as-sha256 (WebAssembly). Importing this module is what
// does it, and it must happen before any SSZ type is made: entry points import it first. Browsers keep noble, the default.
import { type Hasher, setHasher } from "@chainsafe/persistent-merkle-tree";

async function loadHasher(): Promise<Hasher> {
  try {
    return (await import("@chainsafe/persistent-merkle-tree/hasher/hashtree")).hasher;
  } catch {
    return (await import("@chainsafe/persistent-merkle-tree/hasher/as-sha256")).hasher;
  }
}

const hasher = await loadHasher();
setHasher(hasher);

/** "hashtree" or "as-sha256": shown by doctor. */
export const hasherName: string = hasher.name;
