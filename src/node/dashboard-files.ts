// The dashboard's files for RPC to serve: built ones from beside an installed program, or bundled from the sources on the first
// request when the program runs from a checkout. Read once and kept.
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../crypto/index.ts";
import { type Bytes, FairmeshError, toHex } from "../primitives/index.ts";
import type { DashboardFile, DashboardFiles } from "../rpc/index.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

const isCheckout = import.meta.url.endsWith(".ts");

async function builtFiles(folder: string): Promise<ReadonlyMap<string, Bytes>> {
  const names = (await readdir(folder)).filter((name) => extname(name) in types);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(`${folder}/${name}`)] as const));
  return new Map(files.map(([name, bytes]) => [name, bytes as Bytes]));
}

async function load(): Promise<ReadonlyMap<string, DashboardFile>> {
  const files = isCheckout
    ? await (await import("./bundle-dashboard.ts")).bundleDashboard()
    : await builtFiles(fileURLToPath(new URL("../../dashboard", import.meta.url)));
  return new Map(
    [...files].map(([name, bytes]) => [
      name,
      {
        type: types[extname(name)] ?? "application/octet-stream",
        bytes,
        etag: `"${toHex(sha256(bytes)).slice(0, 32)}"`,
      },
    ]),
  );
}

/** Rejects with `DASHBOARD_MISSING`; what failed is tried again at the next call. */
export function dashboardFiles(): DashboardFiles {
  let loading: Promise<ReadonlyMap<string, DashboardFile>> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (cause) {
      loading = undefined;
      const mend = isCheckout ? "run npm ci, which installs the bundler" : "install the package anew";
      throw new FairmeshError("DASHBOARD_MISSING", `The dashboard could not be loaded: ${mend}. RPC is at POST /.`, {
        cause,
      });
    }
  };
}
