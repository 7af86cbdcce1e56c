// fairmesh keys recover: the key file of a key that may have signed elsewhere, from its 24 words. It makes no guard (S-14): a node
// without one observes until a later term, so that it can never sign twice what it has forgotten.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { guardFacts, recoverOperatorKey } from "../../node/offline.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { newPassword, type PasswordOptions } from "../password.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions, PasswordOptions {
  readonly wordsFile?: string;
}

async function readWords({ wordsFile }: Options, terminal: Terminal): Promise<string> {
  if (wordsFile === "-") return terminal.readInput(4096);
  if (wordsFile !== undefined) {
    return readFile(wordsFile, "utf8").catch((error: unknown) => {
      throw new FairmeshError("WORDS_MISSING", `${wordsFile} cannot be read`, { cause: error });
    });
  }
  if (terminal.interactive) return terminal.ask("The 24 words: ", { hidden: true });
  throw new FairmeshError("WORDS_MISSING", "give the words with --words-file FILE, or --words-file - for stdin");
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option("--words-file <file>", "holds the 24 words; - reads them from stdin")
    .option("--password-file <file>", "holds the password for the key file")
    .action(async (options: Options) => {
      const { config, folder } = setup(options, terminal);
      const words = await readWords(options, terminal);
      const password = await newPassword(options, config, terminal);
      const facts = await recoverOperatorKey(words, { folder, password });
      const guard = await guardFacts(folder.guard, facts.address);
      const consequence =
        guard.state === "damaged"
          ? "No guard was made: the node observes, without voting, until a later term (S-14)."
          : `The guard in ${folder.guard} is this key's own and stays in use (${guard.state}).`;
      print(terminal, options, {
        data: { ...facts, guard: guard.state === "damaged" ? "none" : guard.state, note: consequence },
        text: () =>
          [`Address   ${facts.address}`, `Peer      ${facts.peerId}`, `Key file  ${facts.file}`, consequence].join(
            "\n",
          ),
      });
    });
}
