// The Volume's in-memory twin, with a size that can be full.
import type { Volume } from "../../src/ports/index.ts";
import { type Bytes, FairmeshError } from "../../src/primitives/index.ts";

const part = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** A Volume of `sizeBytes`; names are checked as on a real disk. */
export function createMemoryVolume(sizeBytes: number = 1 << 30): Volume {
  const files = new Map<string, Bytes>();
  const check = (name: string): string => {
    if (!name.split("/").every((one) => part.test(one))) throw new FairmeshError("VOLUME_FAILED", `bad name ${name}`);
    return name;
  };
  const used = (): number => [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    async read(file, at, length) {
      const bytes = files.get(check(file));
      if (bytes === undefined || at + length > bytes.length) throw new FairmeshError("VOLUME_MISSING", `no ${file}`);
      return bytes.slice(at, at + length);
    },
    async write(file, at, bytes) {
      const old = files.get(check(file)) ?? new Uint8Array();
      const out = new Uint8Array(Math.max(old.length, at + bytes.length));
      if (used() - old.length + out.length > sizeBytes) throw new FairmeshError("VOLUME_FULL", "no space left");
      out.set(old);
      out.set(bytes, at);
      files.set(file, out);
    },
    async sync(file) {
      if (!files.has(check(file))) throw new FairmeshError("VOLUME_MISSING", `no ${file}`);
    },
    size: async (file) => files.get(check(file))?.length,
    async remove(file) {
      files.delete(check(file));
    },
    async list(folder) {
      const start = folder === "" ? "" : `${check(folder)}/`;
      const names = [...files.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
      return [...new Set(names.map((name) => name.split("/")[0] as string))].sort();
    },
    freeBytes: async () => sizeBytes - used(),
  };
}
