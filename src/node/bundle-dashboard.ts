// Makes the dashboard's files from their sources: for `npm run build`, and in memory for a node that runs from a checkout. The
// bundler is a development dependency: it is imported only here, and only when it is asked for. A bundle that would need
// anything of Node's does not build.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { type Bytes, utf8ToBytes } from "../primitives/index.ts";

const sourceOf = (name: string): string => fileURLToPath(new URL(`../dashboard/${name}`, import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the package that a bundled file came from. */
const packageOf = (input: string): string | undefined => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];

/** The licences of every package that is in the bundle, in full. */
async function licences({ inputs }: Metafile): Promise<string> {
  const folders = [...new Set(Object.keys(inputs).flatMap((input) => packageOf(input) ?? []))].sort();
  const texts = folders.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(`${root}/${folder}/package.json`, "utf8"));
    const file = (await readdir(`${root}/${folder}`)).find((each) => /^licen[sc]e/i.test(each));
    const text = file === undefined ? "" : await readFile(`${root}/${folder}/${file}`, "utf8");
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`);
}

/** The files by name. Rejects when the bundler is not installed, or with what does not build. */
export async function bundleDashboard(): Promise<ReadonlyMap<string, Bytes>> {
  const { build, stop } = await import("esbuild");
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: [sourceOf("main.ts"), sourceOf("certificate-worker.ts"), sourceOf("style.css")],
      outdir: "dashboard",
      bundle: true,
      format: "esm",
      platform: "browser",
      target: ["es2023", "chrome119", "firefox121", "safari17"],
      minify: true,
      metafile: true,
      // They are in a file of their own, those of packages without such comments too.
      legalComments: "none",
      write: false,
      logLevel: "silent",
    });
    const files = new Map<string, Bytes>(
      outputFiles.map(({ path, contents }) => [path.slice(path.lastIndexOf("/") + 1), contents as Bytes]),
    );
    files.set("licences.txt", utf8ToBytes(await licences(metafile)));
    return files.set("index.html", Uint8Array.from(await readFile(sourceOf("index.html"))));
  } finally {
    await stop();
  }
}
