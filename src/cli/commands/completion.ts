// fairmesh completion: a script that teaches a shell the commands, made from the same table as the help.
import { type Command, Option } from "commander";
import { commandTable } from "../command-table.ts";
import type { Terminal } from "../terminal.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** First words, and the second words of those that have several. */
function wordTree(): ReadonlyMap<string, readonly string[]> {
  const tree = new Map<string, string[]>();
  for (const { words } of commandTable) {
    const [first = "", second] = words.split(" ");
    const known = tree.get(first) ?? [];
    tree.set(first, second === undefined ? known : [...known, second]);
  }
  return tree;
}

const script: Readonly<Record<Shell, (tree: ReadonlyMap<string, readonly string[]>) => string>> = {
  bash: (tree) => `_fairmesh() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local words=""
  if [ "$COMP_CWORD" -eq 1 ]; then words="${[...tree.keys()].join(" ")}"
  else case "$before" in
${[...tree]
  .filter(([, seconds]) => seconds.length > 0)
  .map(([first, seconds]) => `    ${first}) words="${seconds.join(" ")}" ;;`)
  .join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ -n "$words" ] || compopt -o default
}
complete -F _fairmesh fairmesh
`,
  zsh: (tree) => `autoload -U +X bashcompinit && bashcompinit\n${script.bash(tree)}`,
  fish: (tree) =>
    [...tree]
      .flatMap(([first, seconds]) => [
        `complete -c fairmesh -f -n __fish_use_subcommand -a ${first}`,
        ...seconds.map((second) => `complete -c fairmesh -f -n "__fish_seen_subcommand_from ${first}" -a ${second}`),
      ])
      .join("\n")
      .concat("\n"),
};

export function define(command: Command, terminal: Terminal): void {
  command
    .addOption(new Option("--shell <name>", "for which shell").choices(shells).default("bash"))
    .addHelpText(
      "after",
      "\nIn bash: source <(fairmesh completion). In fish: fairmesh completion --shell fish | source.",
    )
    .action(({ shell }: { readonly shell: Shell }) => terminal.out(script[shell](wordTree())));
}
