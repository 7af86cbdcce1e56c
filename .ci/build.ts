// npm run build [-- --out FOLDER]: dist/ as JavaScript with declarations, the data files beside it, and the dashboard bundled
// for browsers with the licences of what it holds. npm run package: also the package that
// is published, dist/fairmesh-VERSION.tgz, made in a folder of its own: without what only a checkout needs (scripts, tests,
// and the packages that carry Node 24, which a checkout installs for npm's scripts).
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleDashboard } from "../src/node/bundle-dashboard.ts";

const root = join(import.meta.dirname, "..");
const { values: flags } = parseArgs({ options: { pack: { type: "boolean" }, out: { type: "string" } } });
const dist = flags.out ?? join(root, "dist");
const isDataFile = (path: string): boolean => statSync(path).isDirectory() || !path.endsWith(".ts");

async function build(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", join(root, "src/tsconfig.build.json"), "--outDir", dist], {
    stdio: "inherit",
  });
  cpSync(join(root, "simulation"), join(dist, "simulation"), { recursive: true, filter: isDataFile });
  mkdirSync(join(dist, "dashboard"));
  for (const [name, bytes] of await bundleDashboard()) writeFileSync(join(dist, "dashboard", name), bytes);
}

function pack(): void {
  const stage = join(dist, "package");
  const {
    scripts,
    devDependencies,
    optionalDependencies,
    private: _,
    ...published
  } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  mkdirSync(join(stage, "bin"), { recursive: true });
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  for (const file of [
    "bin/fairmesh.js",
    "bin/require-node.js",
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
  ]) {
    cpSync(join(root, file), join(stage, file));
  }
  for (const folder of ["bin", "src", "simulation", "dashboard"]) {
    cpSync(join(dist, folder), join(stage, "dist", folder), { recursive: true });
  }
  cpSync(join(root, "config"), join(stage, "config"), { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], { cwd: stage, stdio: "inherit" });
}

await build();
if (flags.pack) pack();
