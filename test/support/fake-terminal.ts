// A Terminal for tests: what was written is kept, and questions are answered from a list.
import type { Terminal } from "../../src/cli/index.ts";

export interface FakeTerminal extends Terminal {
  readonly written: { out: string; note: string };
}

export function fakeTerminal(
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly answers?: readonly string[];
    readonly input?: string;
  } = {},
): FakeTerminal {
  const answers = [...(options.answers ?? [])];
  const written = { out: "", note: "" };
  return {
    written,
    environment: options.environment ?? {},
    interactive: options.answers !== undefined,
    color: false,
    out(text) {
      written.out += text;
    },
    note(text) {
      written.note += text;
    },
    ask(question) {
      written.note += question;
      const answer = answers.shift();
      return answer === undefined ? Promise.reject(new Error(`no answer to: ${question}`)) : Promise.resolve(answer);
    },
    readInput: () => Promise.resolve(options.input ?? ""),
  };
}
