// Who may import what (docs/ARCHITECTURE.md), as data, and the check of it. Type-only imports count like any other.
import type { SourceFile } from "./read-sources.ts";

const pure = ["primitives", "crypto", "schema", "rewards", "market", "consensus", "ledger"];

/** For each folder of src, the folders whose door it may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  primitives: [],
  crypto: ["primitives"],
  schema: ["primitives", "crypto"],
  rewards: ["primitives", "crypto", "schema"],
  market: ["primitives", "crypto", "schema"],
  consensus: ["primitives", "crypto", "schema"],
  ledger: ["primitives", "crypto", "schema", "rewards", "market", "consensus"],
  ports: ["primitives", "crypto", "schema"],
  validation: [...pure, "ports"],
  services: [...pure, "ports", "validation"],
  runtime: [...pure, "ports", "validation", "services"],
  network: ["primitives", "crypto", "schema", "ports"],
  storage: ["primitives", "crypto", "schema", "ports"],
  native: ["primitives", "crypto", "schema", "ports"],
  telemetry: ["primitives", "crypto", "schema", "ports"],
  client: ["primitives", "crypto", "schema", "ledger", "rewards"],
  /** Runs in browsers only; nothing imports it: node and the build bundle it by its path. */
  dashboard: ["primitives", "crypto", "schema", "ledger", "rewards", "client", "config"],
  rpc: ["primitives", "schema", "ports"],
  config: ["primitives", "schema"],
  node: [
    ...pure,
    "ports",
    "validation",
    "services",
    "runtime",
    "network",
    "storage",
    "native",
    "telemetry",
    "rpc",
    "client",
    "config",
  ],
  cli: ["primitives", "crypto", "schema", "config", "client", "node"],
};

/** The command line's two dynamic imports, the only way from src to simulation. */
const dynamicFromCli = ["simulation/simulate.ts", "simulation/mesh/index.ts"];
/**
 * Second doors: what a command needs of node without a running node; the hasher, which must be set before schema is imported; and
 * reading a genesis file, the part of config that a browser can run.
 */
const extraDoors = ["src/node/offline.ts", "src/native/hasher.ts", "src/config/genesis-file.ts"];

/** The parts of runtime: each is a folder with a door of its own; runtime has no door of its own. */
const runtimeDoor = /^src\/runtime\/[a-z-]+\/index\.ts$/;

const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

function brokenRule(from: SourceFile, target: string, dynamic: boolean): string | undefined {
  const own = folderOf(from.path);
  const other = folderOf(target);
  const inSource = from.path.startsWith("src/");
  if (inSource && /^(simulation|test)\//.test(target)) {
    const allowed = own === "cli" && dynamic && dynamicFromCli.includes(target);
    return allowed ? undefined : "src never imports simulation or test";
  }
  if (other === undefined) return undefined;
  if (own === other) {
    return target === `src/${own}/index.ts` ? "insiders never import their own door" : undefined;
  }
  if (target !== `src/${other}/index.ts` && !extraDoors.includes(target) && !runtimeDoor.test(target)) {
    // Tests mirror src and look inside the folder they test.
    if (from.path.startsWith("test/")) return undefined;
    return `${other} is imported through its door, index.ts`;
  }
  if (own === undefined) {
    if (!from.path.startsWith("simulation/") || other !== "node") return undefined;
    return from.path.startsWith("simulation/mesh/") ? undefined : "in simulation only mesh imports node";
  }
  const allowed = mayImport[own];
  if (allowed === undefined) return `folder ${own} is not in the table`;
  return allowed.includes(other) ? undefined : `${own} may not import ${other}`;
}

function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const each of byPath.get(path)?.imports ?? []) {
      if (each.target === undefined || each.dynamic) continue;
      const cycle = visit(each.target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file.path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Every broken rule as "file:line: what is wrong". */
export function checkImports(files: readonly SourceFile[]): readonly string[] {
  const broken: string[] = [];
  for (const file of files) {
    for (const each of file.imports) {
      if (each.target === undefined) continue;
      const rule = brokenRule(file, each.target, each.dynamic);
      if (rule !== undefined) broken.push(`${file.path}:${each.line}: ${rule}`);
    }
  }
  const cycle = findCycle(files);
  if (cycle !== undefined) broken.push(`${cycle[0]}: a cycle: ${cycle.join(" -> ")}`);
  return broken;
}
