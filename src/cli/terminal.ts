// What a command sees of the world: arguments' environment, where to write, whether a person is there to answer. Commands take
// it as an argument, so that tests can run them in-process. Data goes to stdout, everything else to stderr.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { FairmeshError } from "../primitives/index.ts";

export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A person sits at both ends: questions may be asked. */
  readonly interactive: boolean;
  readonly color: boolean;
  out(text: string): void;
  note(text: string): void;
  /** Asks on stderr; the answer of a hidden question is not shown. Only when `interactive`. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
  /** All of stdin, at most `bytesMax`. */
  readInput(bytesMax: number): Promise<string>;
}

async function ask(question: string, hidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    if (hidden) process.stderr.write("\n");
  }
}

async function readInput(bytesMax: number): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    text += chunk as string;
    if (text.length > bytesMax) throw new FairmeshError("INPUT_TOO_LONG", `more than ${bytesMax} bytes came on stdin`);
  }
  return text;
}

/** A reader that has enough (`| head`) ends the process quietly; an output that takes nothing more ends it with a word. */
function endWithOutput(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") process.stderr.write(`fairmesh: the output cannot be written (${error.code})\n`);
  process.exit(error.code === "EPIPE" ? 0 : 1);
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  process.stdout.on("error", endWithOutput);
  process.stderr.on("error", () => process.exit(1));
  const plain = (process.env.NO_COLOR ?? "") !== "";
  return {
    environment: process.env,
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    color: process.stdout.isTTY === true && !plain,
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    ask: (question, { hidden = false } = {}) => ask(question, hidden),
    readInput,
  };
}
