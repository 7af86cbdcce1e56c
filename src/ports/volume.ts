// Bulk bytes on a disk: sealed sectors and leased blobs. Names are relative, without `..`; a write past the end makes
// the file longer. Failures are FairmeshErrors: `VOLUME_FULL`, `VOLUME_MISSING`, `VOLUME_FAILED`.
import type { Bytes } from "../primitives/index.ts";

export interface Volume {
  /** Exactly `length` bytes from `at`, or it rejects. */
  read(file: string, at: number, length: number): Promise<Bytes>;
  write(file: string, at: number, bytes: Bytes): Promise<void>;
  /** What was written is on the disk when it settles. */
  sync(file: string): Promise<void>;
  /** Bytes in the file, or undefined when there is none. */
  size(file: string): Promise<number | undefined>;
  remove(file: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  freeBytes(): Promise<number>;
}
