// The style that a formatter cannot see (docs/ARCHITECTURE.md): lengths, names, headers, and what pure folders never do.
import type { SourceFile } from "./read-sources.ts";

export const fileLinesMax = 400;
export const functionLinesMax = 80;
export const positionalParametersMax = 3;
const headerLinesMin = 1;

const pureFolders = /^src\/(primitives|crypto|schema|consensus|ledger|rewards|market)\//;
const forbiddenNames = /(^|[-/])(utils?|helpers?|common|managers?|misc|v2)([-./]|$)/;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const each of value) isNode(each) && walk(each, visit);
    else if (isNode(value)) walk(value, visit);
  }
}

const memberName = (node: Node): string => {
  const object = node.object as Node;
  const property = node.property as Node;
  return `${(object.name as string | undefined) ?? ""}.${(property.name as string | undefined) ?? ""}`;
};

/** What a node of a pure folder's syntax tree breaks, if anything. */
function impure(node: Node): string | undefined {
  if (node.type === "AwaitExpression") return "await in a pure folder";
  if (node.type === "Identifier" && node.name === "Date") return "Date in a pure folder";
  if (node.type === "MemberExpression") {
    const name = memberName(node);
    if (name === "Math.random") return "Math.random in a pure folder";
    const property = name.slice(name.indexOf(".") + 1);
    if (["keys", "values", "entries"].includes(property) && !name.startsWith("Object.")) {
      return `.${property}() in a pure folder: walk it through sortedEntries`;
    }
    if (property === "forEach") return ".forEach() in a pure folder: walk it through sortedEntries";
  }
  if (node.type === "ForInStatement") return "for-in in a pure folder";
  return undefined;
}

const functionTypes = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/** Every broken rule as "file:line: what is wrong". */
export function checkStyle(files: readonly SourceFile[]): readonly string[] {
  const broken: string[] = [];
  for (const file of files) {
    const lineOf = (offset: number): number => file.text.slice(0, offset).split("\n").length;
    const say = (line: number, what: string): void => void broken.push(`${file.path}:${line}: ${what}`);
    const lines = file.text.trimEnd().split("\n");
    const isTest = file.path.startsWith("test/");
    if (lines.length > fileLinesMax) say(lines.length, `${lines.length} lines; a file has at most ${fileLinesMax}`);
    if (forbiddenNames.test(file.path)) say(1, "a name that says nothing");
    if (!/^[a-z0-9.-]+$/.test(file.path.split("/").at(-1) as string)) say(1, "file names are in kebab-case");
    const header = lines.findIndex((line) => !line.startsWith("//") && !line.startsWith("#!"));
    if (header < headerLinesMin) say(1, "a file begins with what it is for");
    if (/\.(test|slow)\.ts$/.test(file.path) && !/^\s*\w+\.run\(\);$/m.test(file.text))
      say(1, "no .run(): nothing runs");
    if (/\.(only)\(/.test(file.text) && isTest) say(1, ".only leaves tests out");
    walk(file.program as Node, (node) => {
      if (functionTypes.includes(node.type)) {
        const length = lineOf(node.end) - lineOf(node.start) + 1;
        if (!isTest && length > functionLinesMax) say(lineOf(node.start), `a function of ${length} lines`);
        const parameters = (node.params as readonly unknown[] | undefined)?.length ?? 0;
        if (!isTest && parameters > positionalParametersMax + 1) say(lineOf(node.start), `${parameters} parameters`);
      }
      const rule = pureFolders.test(file.path) ? impure(node) : undefined;
      if (rule !== undefined) say(lineOf(node.start), rule);
    });
  }
  return broken;
}
