// The package as it is published: built, packed, unpacked somewhere else, and used from there as its users would.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "fairmesh-package-"));
const installed = join(home, "node_modules/fairmesh");

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}
let manifest: Manifest;

const node = (words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    cwd: home,
    env: { PATH: process.env.PATH ?? "", HOME: home, XDG_DATA_HOME: home },
  });
  return { status, stdout, stderr };
};

test.before(() => {
  const dist = join(home, "dist");
  execFileSync(process.execPath, [join(root, ".ci/build.ts"), "--pack", "--out", dist], { stdio: "ignore" });
  const archive = readdirSync(dist).find((file) => file.endsWith(".tgz")) as string;
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(dist, archive), "-C", installed, "--strip-components=1"]);
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  // What `npm install` would bring, without a registry: its dependencies, and nothing that only a checkout has.
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(join(home, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(home, "node_modules", name));
  }
});
test.after(() => rmSync(home, { recursive: true }));

test("it carries no source, no tests, no Node, and nothing private", () => {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  assert.equal(
    files.filter((file) => /(^test|\.test\.|(?<!\.d)\.ts$)/.test(file)),
    [],
  );
  for (const word of ["optionalDependencies", "devDependencies", "scripts", "private"]) {
    assert.is(word in manifest, false, word);
  }
});

test("it carries the dashboard, built, with the licences of what is in it", () => {
  for (const file of ["index.html", "main.js", "certificate-worker.js", "style.css", "licences.txt"]) {
    assert.ok(readFileSync(join(installed, "dist/dashboard", file)).length > 500, file);
  }
  assert.is(existsSync(join(installed, "dist/src/dashboard")), false, "its sources are for the bundle alone");
});

test("an installed node's dashboard is served without a bundler", () => {
  writeFileSync(
    join(home, "files.mjs"),
    `import { dashboardFiles } from "./node_modules/fairmesh/dist/src/node/dashboard-files.js";
const files = await dashboardFiles()();
console.log([...files.keys()].sort().join(), files.get("main.js").type);
`,
  );
  const ran = node([join(home, "files.mjs")]);
  const names = "certificate-worker.js,index.html,licences.txt,main.js,style.css";
  assert.is(ran.stdout, `${names} text/javascript; charset=utf-8\n`, ran.stderr);
});

test("every export is there, with its types", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    const paths = typeof target === "string" ? [target] : [target.types, target.default];
    for (const path of paths) assert.ok(existsSync(join(installed, path)), `${name}: ${path}`);
  }
});

test("the command runs from where it is installed", () => {
  const bin = join(installed, manifest.bin.fairmesh as string);
  assert.is(node([bin, "--version"]).stdout, `${manifest.version}\n`);
  const doctor = node([bin, "doctor", "--json"]);
  assert.is(doctor.status, 0, doctor.stderr);
  const simulated = node([bin, "simulate", "--scenario", "calm", "--json"]);
  assert.is(simulated.status, 0, simulated.stderr);
});

test("a program imports it, and its types hold", () => {
  const program = `import { formatAddress, accountId } from "fairmesh/primitives";
import { verifyPortably } from "fairmesh/crypto";
import { transactionKinds } from "fairmesh/schema";
import { createNode } from "fairmesh";
const address: string = formatAddress(accountId(new Uint8Array(32)));
if (typeof verifyPortably !== "function" || typeof createNode !== "function") throw new Error("not a function");
console.log(address, transactionKinds.length);
`;
  writeFileSync(join(home, "use.mts"), program);
  const ran = node([join(home, "use.mts")]);
  assert.match(ran.stdout, /^fair1[a-z0-9]+ 2\d\n$/, ran.stderr);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const flags = "--noEmit --strict --module nodenext --target es2024 --skipLibCheck --types node".split(" ");
  const types = ["--typeRoots", join(root, "node_modules/@types")];
  const checked = node([compiler, ...flags, ...types, join(home, "use.mts")]);
  assert.is(checked.status, 0, checked.stdout);
});

test.run();
