// The project's TypeScript as parsed files: what each imports, and its syntax tree for the style rules.
import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { parseSync } from "oxc-parser";

interface Import {
  readonly specifier: string;
  /** The imported file relative to the root, for a relative specifier. */
  readonly target?: string;
  readonly line: number;
  readonly dynamic: boolean;
}

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly program: unknown;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

function readImports(path: string, text: string, module: ReturnType<typeof parseSync>["module"]): readonly Import[] {
  const found: { specifier: string; start: number; dynamic: boolean }[] = [];
  for (const each of module.staticImports) {
    found.push({ specifier: each.moduleRequest.value, start: each.start, dynamic: false });
  }
  for (const each of module.staticExports) {
    const request = each.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (request) found.push({ specifier: request.value, start: each.start, dynamic: false });
  }
  for (const each of module.dynamicImports) {
    const written = text.slice(each.moduleRequest.start, each.moduleRequest.end);
    const literal = /^["'`](.*)["'`]$/.exec(written)?.[1];
    if (literal !== undefined) found.push({ specifier: literal, start: each.start, dynamic: true });
  }
  // import("...") in a type position is no module request of the parser's: found by text.
  for (const match of text.matchAll(/(?<!await )\bimport\("([^"]+)"\)/g)) {
    if (!found.some((each) => each.specifier === match[1])) {
      found.push({ specifier: match[1] as string, start: match.index, dynamic: false });
    }
  }
  return found.map(({ specifier, start, dynamic }) => ({
    specifier,
    line: lineAt(text, start),
    dynamic,
    ...(specifier.startsWith(".") ? { target: normalize(join(dirname(path), specifier)) } : {}),
  }));
}

/** Parses every .ts file that `patterns` name under `root`. Throws on a file that does not parse. */
export async function readSources(root: string, patterns: readonly string[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const found of glob(patterns.map((pattern) => join(root, pattern)))) {
    const path = relative(root, found);
    if (path.includes("node_modules")) continue;
    const text = await readFile(found, "utf8");
    const parsed = parseSync(found, text);
    if (parsed.errors.length > 0) throw new Error(`${path} does not parse: ${parsed.errors[0]?.message}`);
    files.push({ path, text, imports: readImports(path, text, parsed.module), program: parsed.program });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
