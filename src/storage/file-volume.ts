// The Volume on the real file system: sealed sectors and leased bytes as plain files under one folder.
// Names are checked so that nothing outside the folder is ever touched. Used by services through their port.
import { constants, type FileHandle, mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Volume } from "../ports/index.ts";
import { FairmeshError } from "../primitives/index.ts";
import { systemCode } from "./durable-file.ts";

const part = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

function failure(what: string, error: unknown): FairmeshError {
  const code = systemCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new FairmeshError("VOLUME_FULL", `no space left for ${what}`, { cause: error });
  }
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new FairmeshError("VOLUME_MISSING", `there is no ${what}`, { cause: error });
  }
  return new FairmeshError("VOLUME_FAILED", `${what} cannot be used`, { cause: error });
}

async function mapped<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FairmeshError ? error : failure(what, error);
  }
}

async function readExactly(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new FairmeshError("VOLUME_MISSING", `the file ends before byte ${at + length}`);
    done += bytesRead;
  }
  return bytes;
}

/** Free bytes are counted less `reserveBytes`, which stay for the database and the machine. */
export interface FileVolumeOptions {
  readonly reserveBytes?: number;
}

/** A Volume of the files under `folder`, which is made when it is not there. */
export function createFileVolume(folder: string, { reserveBytes = 0 }: FileVolumeOptions = {}): Volume {
  const pathOf = (name: string): string => {
    const parts = name.split("/");
    if (parts.length > 8 || !parts.every((one) => part.test(one))) {
      throw new FairmeshError("VOLUME_FAILED", `"${name}" is not a name of a file in a volume`);
    }
    return join(folder, ...parts);
  };
  const withFile = <T>(name: string, flags: string | number, use: (handle: FileHandle) => Promise<T>): Promise<T> =>
    mapped(name, async () => {
      const handle = await open(pathOf(name), flags, 0o600);
      try {
        return await use(handle);
      } finally {
        await handle.close();
      }
    });
  return {
    read: (file, at, length) => withFile(file, "r", (handle) => readExactly(handle, at, length)),
    write: (file, at, bytes) =>
      mapped(file, async () => {
        await mkdir(dirname(pathOf(file)), { recursive: true, mode: 0o700 });
        // Not truncated and not appended: writes go where they are told.
        await withFile(file, constants.O_RDWR | constants.O_CREAT, async (handle) => {
          for (let done = 0; done < bytes.length; ) {
            done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
          }
        });
      }),
    sync: (file) => withFile(file, "r+", (handle) => handle.sync()),
    size: (file) =>
      mapped(file, async () => {
        const facts = await stat(pathOf(file)).catch((error: unknown) => {
          if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
          throw error;
        });
        return facts?.isFile() === true ? facts.size : undefined;
      }),
    remove: (file) => mapped(file, () => rm(pathOf(file), { force: true })),
    list: (name) =>
      mapped(name, async () => {
        const names = await readdir(name === "" ? folder : pathOf(name)).catch((error: unknown) => {
          if (systemCode(error) === "ENOENT") return [];
          throw error;
        });
        return names.sort();
      }),
    freeBytes: () =>
      mapped("the volume", async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const facts = await statfs(folder);
        return Math.max(0, facts.bavail * facts.bsize - reserveBytes);
      }),
  };
}
