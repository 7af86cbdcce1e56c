// npm run bench -- LINE...: runs benchmark lines one after another and prints a JSON object each, with the machine and the
// command that repeats it. A line is a file of this folder that exports `title` and `run()`. Without arguments: the list.
// A benchmark is never a test: nothing fails for being slow.
import { readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { BenchResult } from "./measure.ts";

const support = ["main.ts", "measure.ts"];

interface Line {
  readonly title: string;
  run(): Promise<BenchResult>;
}

const lineNames = (): readonly string[] =>
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".ts") && !support.includes(file))
    .map((file) => file.slice(0, -3))
    .sort();

const load = (name: string): Promise<Line> => import(`./${name}.ts`) as Promise<Line>;

const machine = (): string => {
  const [first] = cpus();
  return `${cpus().length} x ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`;
};

async function list(): Promise<void> {
  for (const name of lineNames()) process.stdout.write(`${name.padEnd(12)} ${(await load(name)).title}\n`);
}

async function runLine(name: string): Promise<void> {
  const { run } = await load(name);
  const startedMs = performance.now();
  const result = await run();
  const out = {
    line: name,
    ...result,
    machine: machine(),
    node: process.versions.node,
    command: `npm run bench -- ${name}`,
    seconds: Math.round(performance.now() - startedMs) / 1000,
  };
  process.stdout.write(`${JSON.stringify(out)}\n`);
}

async function main(names: readonly string[]): Promise<void> {
  const known = lineNames();
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) {
    process.stderr.write(`there is no benchmark line "${strange}"; there are: ${known.join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  if (names.length === 0) return list();
  for (const name of names) await runLine(name);
}

await main(process.argv.slice(2));
