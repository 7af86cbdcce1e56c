// What the documents name is there: paths, npm scripts and benchmark lines, commands with their options, settings, error codes,
// metrics, decisions. Says nothing about whether the sentences around them are true.
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandTable, groups } from "../src/cli/command-table.ts";
import { runCommand } from "../src/cli/index.ts";
import { namedSettings } from "../src/config/index.ts";
import { fakeTerminal } from "./support/fake-terminal.ts";

interface Piece {
  /** "docs/LIMITS.md:12". */
  readonly at: string;
  readonly text: string;
}

const documents = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/**/*.md")];

const linesOf = (file: string): readonly Piece[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .map((text, index) => ({ at: `${file}:${index + 1}`, text }));

/** What is written as code: between backticks, in fences, or indented by four. */
function codeOf(file: string): readonly Piece[] {
  let fenced = false;
  return linesOf(file).flatMap(({ at, text }) => {
    const fence = text.trimStart().startsWith("```");
    if (fence) fenced = !fenced;
    if (fence) return [];
    if (fenced || text.startsWith("    ")) return [{ at, text: text.trim() }];
    return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => ({ at, text: code }));
  });
}

const lines = documents.flatMap(linesOf);
const code = documents.flatMap(codeOf);
const isHistory = ({ at }: Piece): boolean => at.startsWith("CHANGELOG");
const sources = globSync("{src,simulation,bin,test,.ci}/**/*.{ts,js}");
const sourceText = globSync("src/**/*.ts")
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

/** All that `find` finds and `known` does not know, as "docs/X.md:3: name". */
const unknownNames = (
  pieces: readonly Piece[],
  find: (text: string) => Iterable<string>,
  known: (name: string) => boolean,
): readonly string[] =>
  pieces.flatMap(({ at, text }) =>
    Array.from(find(text))
      .filter((name) => !known(name))
      .map((name) => `${at}: ${name}`),
  );

const matches = (pattern: RegExp) => (text: string) => Array.from(text.matchAll(pattern), ([, name = ""]) => name);

test("every path that a document names exists", () => {
  const folder = /(?:^|[\s(`])((?:src|test|docs|simulation|config|bin|\.ci)\/[\w.-]+(?:\/[\w.-]+)*)/g;
  const there = (path: string): boolean => {
    const bare = path.replace(/[./]$/, "");
    return [bare, `${bare}.ts`, `${bare}.test.ts`, `test/${bare}`].some(existsSync);
  };
  assert.equal(
    unknownNames(
      lines.filter((line) => !isHistory(line)),
      matches(folder),
      there,
    ),
    [],
  );
  const names = new Set(sources.map((file) => basename(file)));
  const file = /^([\w-]+(?:\.test|\.slow)?\.ts)$/g;
  assert.equal(
    unknownNames(code, matches(file), (name) => names.has(name)),
    [],
  );
  const tests = /`((?:acceptance|runtime|services|ledger|simulation|network|integration)\/[\w/-]+)`/g;
  const isTest = (path: string): boolean =>
    globSync(`test/${path}{,.test.ts,.slow.ts}`).length > 0 || there(`src/${path}`) || there(path);
  assert.equal(unknownNames(lines, matches(tests), isTest), []);
});

test("links lead somewhere, and decisions are on file", () => {
  const local = /\]\((?!https?:|#)([^)#]+)/g;
  for (const { at, text } of lines) {
    const from = at.slice(0, at.lastIndexOf("/") + 1);
    for (const link of matches(local)(text)) assert.ok(existsSync(`${from}${link}`), `${at}: ${link}`);
  }
  const numbers = new Set(readdirSync("docs/adr").map((name) => Number(name.slice(0, 4))));
  assert.equal(
    unknownNames(lines, matches(/ADR (\d+)/g), (number) => numbers.has(Number(number))),
    [],
  );
});

test("npm scripts and benchmark lines are there", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  assert.equal(
    unknownNames(code, matches(/npm run ([\w-]+)/g), (name) => name in scripts),
    [],
  );
  const bench = (name: string): boolean => name === "LINE" || existsSync(`test/bench/${name}.ts`);
  assert.equal(unknownNames(code, matches(/(?:npm run bench --|^bench) ([\w-]+)/g), bench), []);
});

interface Call extends Piece {
  readonly words: string;
  readonly options: readonly string[];
}

const scriptsOfCommands: readonly (readonly [RegExp, string])[] = [
  [/^npm run fairmesh -- /, "fairmesh "],
  [/^npm start -- /, "fairmesh devnet "],
  [/^npm run simulate -- /, "fairmesh simulate "],
];

/** "fairmesh reward certificate 1": what is hashed before a message, so that it is no other's. */
const isDomain = (text: string): boolean => /^fairmesh [a-z ]+ \d$/.test(text);

/** The call of a command that stands in a piece of code; undefined where there is none. */
function callIn({ at, text: written }: Piece): Call | undefined {
  const text = scriptsOfCommands.reduce((changed, [from, to]) => changed.replace(from, to), written);
  const [first, ...tokens] = text.replace(/ #.*/, "").split(/\s+/);
  if (first !== "fairmesh" || isDomain(written) || !/^[a-z]/.test(tokens[0] ?? "")) return undefined;
  const both = tokens.slice(0, 2).join(" ");
  const words = commandTable.some((row) => row.words === both) ? both : (tokens[0] as string);
  const options = tokens.filter((token) => /^--?[a-z]/.test(token));
  return { at, text: written, words, options };
}

test("commands that documents call exist, with the options that they are given", async () => {
  const calls = code.map(callIn).filter((call) => call !== undefined);
  assert.ok(calls.length > 40);
  const helps = new Map<string, string>();
  for (const { at, text, words, options } of calls) {
    const known = words in groups || commandTable.some((row) => row.words === words);
    assert.ok(known, `${at}: ${text}`);
    if (!helps.has(words)) {
      const terminal = fakeTerminal();
      await runCommand([...words.split(" "), "--help"], terminal);
      helps.set(words, terminal.written.out);
    }
    for (const option of options) {
      const pattern = new RegExp(`^ +(-\\w, )?${option}\\b`, "m");
      assert.match(helps.get(words) as string, pattern, `${at}: ${option} in ${text}`);
    }
  }
});

const variableOf = ({ section, key }: { readonly section: string; readonly key: string }): string =>
  `FAIRMESH_${section}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();

test("settings, error codes and metrics that documents name are the program's", () => {
  const present = code.filter((piece) => !isHistory(piece));
  const sections = [...new Set(namedSettings.map(({ section }) => section))].join("|");
  const variables = new Set(namedSettings.map(variableOf));
  const paths = new Set(namedSettings.map(({ path }) => path));
  const setting = new RegExp(`^(?:fairmesh config set )?((?:${sections})\\.[a-zA-Z]+)\\b(?!\\.|\\()`, "g");
  const known = (name: string): boolean =>
    paths.has(name) || name === "rpc.discover" || /\.(ts|js|yaml|json)$/.test(name);
  assert.equal(unknownNames(present, matches(setting), known), []);
  const foreign = ["PUT_VALUE"];
  const environment = (name: string): boolean => variables.has(name) || variables.has(name.replace(/_FILE$/, ""));
  const inSource = (name: string): boolean => sourceText.includes(name) || foreign.includes(name) || environment(name);
  assert.equal(unknownNames(present, matches(/^([A-Z]{2,}(?:_[A-Z]+)+)$/g), inSource), []);
  assert.equal(unknownNames(present, matches(/\bfairmesh_([a-z_]+)/g), inSource), []);
});

test("no sentence stands twice in the changelog", () => {
  const said = readFileSync("CHANGELOG.md", "utf8")
    .split(/\n(?=- |#)/)
    .filter((entry) => entry.startsWith("- "));
  assert.equal(
    said.filter((entry, index) => said.indexOf(entry) !== index),
    [],
  );
});

test.run();
