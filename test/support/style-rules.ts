// The style that a formatter cannot see (docs/ARCHITECTURE.md): lengths, names, headers, and what pure folders never do.
import type { SourceFile } from "./read-sources.ts";

const fileLinesMax = 400;
/** A function's own lines: those of functions written within it are theirs. */
const functionLinesMax = 65;
const positionalParametersMax = 3;
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

const nameOf = (node: Node | undefined): string | undefined => {
  if (node === undefined) return undefined;
  if (node.type === "MemberExpression") return nameOf(node.property as Node);
  return node.type === "Identifier" || node.type === "PrivateIdentifier" ? (node.name as string) : undefined;
};

const unordered = /^(Readonly|Weak)?(Map|Set)$/;

/** Whether a type, as written, is a Map or a Set. */
function isUnordered(annotation: Node | null | undefined): boolean {
  const type = (annotation?.typeAnnotation as Node | undefined) ?? annotation;
  return type?.type === "TSTypeReference" && unordered.test(nameOf(type.typeName as Node) ?? "");
}

/** The names that a file gives to Maps and Sets: variables, parameters, fields and properties. */
function unorderedNames(program: Node): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (named: Node | undefined): void => {
    const name = nameOf(named);
    if (name !== undefined) names.add(name);
  };
  walk(program, (node) => {
    if (isUnordered(node.typeAnnotation as Node | null)) add(node.type === "Identifier" ? node : (node.key as Node));
    const value = (node.init ?? node.value) as Node | null | undefined;
    if (value?.type === "NewExpression" && unordered.test(nameOf(value.callee as Node) ?? "")) {
      add((node.id ?? node.key) as Node);
    }
  });
  return names;
}

/** What a node of a pure folder's syntax tree breaks, if anything. */
function impure(node: Node, maps: ReadonlySet<string>): string | undefined {
  const isMap = (value: unknown): boolean => isNode(value) && maps.has(nameOf(value) ?? "");
  if (node.type === "AwaitExpression") return "await in a pure folder";
  if (node.type === "Identifier" && node.name === "Date") return "Date in a pure folder";
  if (node.type === "ForInStatement") return "for-in in a pure folder";
  if (node.type === "ForOfStatement" && isMap(node.right))
    return "a Map or Set in for-of: walk it through sortedEntries";
  if (node.type === "SpreadElement" && isMap(node.argument))
    return "a Map or Set spread: walk it through sortedEntries";
  if (node.type !== "MemberExpression") return undefined;
  const property = nameOf(node.property as Node) ?? "";
  if (nameOf(node.object as Node) === "Math" && property === "random") return "Math.random in a pure folder";
  if (["keys", "values", "entries", "forEach"].includes(property) && isMap(node.object)) {
    return `.${property}() of a Map or Set in a pure folder: walk it through sortedEntries`;
  }
  return undefined;
}

/** Lines of `node` that are not within a function inside it which has several lines of its own. */
function ownLines(node: Node, lineOf: (offset: number) => number): number {
  const lines = (each: Node): number => lineOf(each.end) - lineOf(each.start) + 1;
  let own = lines(node);
  const visit = (each: Node): void => {
    for (const value of Object.values(each)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (!isNode(child)) continue;
        if (functionTypes.includes(child.type)) own -= lines(child) - 1;
        else visit(child);
      }
    }
  };
  visit(node);
  return own;
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
    const maps = pureFolders.test(file.path) ? unorderedNames(file.program as Node) : new Set<string>();
    walk(file.program as Node, (node) => {
      if (functionTypes.includes(node.type)) {
        const length = ownLines(node, lineOf);
        if (!isTest && length > functionLinesMax) say(lineOf(node.start), `a function of ${length} lines`);
        const parameters = (node.params as readonly unknown[] | undefined)?.length ?? 0;
        if (!isTest && parameters > positionalParametersMax + 1) say(lineOf(node.start), `${parameters} parameters`);
      }
      const rule = pureFolders.test(file.path) ? impure(node, maps) : undefined;
      if (rule !== undefined) say(lineOf(node.start), rule);
    });
  }
  return broken;
}
