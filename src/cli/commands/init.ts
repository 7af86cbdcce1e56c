// fairmesh init: makes a data folder for a network: genesis, configuration, key and guard.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type DataFolder, dataFolder, parseGenesis, setInText } from "../../config/index.ts";
import { initDataFolder } from "../../node/offline.ts";
import { FairmeshError, toHex } from "../../primitives/index.ts";
import { type Genesis, networkIdOf, type Preset, parameterTable, presets } from "../../schema/index.ts";
import { type CommonOptions, print, rootOf, setup, withConfig, withExamples } from "../command.ts";
import { changeConfigFile } from "../config-file.ts";
import { newPassword, type PasswordOptions } from "../password.ts";
import { facts } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions, PasswordOptions {
  readonly genesis: string;
  readonly bootstrap?: string;
  readonly checkpoint?: string;
  readonly listen?: string;
  readonly rpcPort?: string;
  readonly name?: string;
  readonly showWords?: boolean;
}

async function readGenesis(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new FairmeshError("GENESIS_MISSING", `${path} cannot be read: get it from your network`, { cause });
  });
}

/** The preset that most of the genesis' parameters are of: its settings suit that network best. */
function presetOf({ parameters }: Genesis): Preset {
  const alike = (at: number): number =>
    parameters.filter(({ id, value }) => {
      const known = parameterTable.find((entry) => entry.id === id)?.values[at];
      return known !== undefined && BigInt(known) === value;
    }).length;
  const best = presets.map((_, at) => alike(at));
  return presets[best.indexOf(Math.max(...best))] as Preset;
}

const settingsOf = ({
  bootstrap,
  checkpoint,
  listen,
  rpcPort,
  name,
}: Options): readonly (readonly [string, string | undefined])[] => [
  ["network.bootstrap", bootstrap],
  ["node.checkpoint", checkpoint],
  ["network.listen", listen],
  ["rpc.port", rpcPort],
  ["metrics.port", rpcPort === undefined ? undefined : String(Number(rpcPort) + 1)],
  ["node.name", name],
];

/** Throws `FOLDER_TAKEN` where a key, a guard or another network's genesis is: init changes nothing of a node's. */
async function checkFree(folder: DataFolder, genesis: Genesis): Promise<void> {
  const taken = (what: string): FairmeshError =>
    new FairmeshError("FOLDER_TAKEN", `${folder.root} ${what}: name another folder with -d`);
  if (existsSync(folder.operatorKey)) throw taken("has a key already");
  if (existsSync(folder.guard)) throw taken("holds the guard of a key");
  if (!existsSync(folder.genesis)) return;
  const before = parseGenesis(await readGenesis(folder.genesis));
  if (toHex(networkIdOf(before)) !== toHex(networkIdOf(genesis))) throw taken("is of another network");
}

export function define(command: Command, terminal: Terminal): void {
  withExamples(
    withConfig(command),
    "init --genesis genesis.json --bootstrap /ip4/203.0.113.7/tcp/4700/p2p/12D3…",
    "init -d ./second --genesis genesis.json --rpc-port 4800 --password-file password.txt",
  )
    .requiredOption("--genesis <file>", "the network's genesis file")
    .option("--bootstrap <multiaddrs>", "peers to begin with, with /p2p/, separated by commas")
    .option("--checkpoint <digest>", "a term's last block that someone you trust vouches for (node.checkpoint)")
    .option("--listen <multiaddrs>", "where to listen, such as /ip4/0.0.0.0/tcp/4700")
    .option("--rpc-port <port>", "port of RPC; metrics take the next one")
    .option("--name <name>", "a name for logs")
    .option("--password-file <file>", "holds the password for the key file")
    .option("--show-words", "print the 24 words even where no person sits at a terminal")
    .action(async (options: Options) => {
      const genesis = parseGenesis(await readGenesis(options.genesis));
      const folder = dataFolder(rootOf(options, terminal));
      await checkFree(folder, genesis);
      const password = await newPassword(options, setup(options, terminal).config, terminal);
      await mkdir(folder.root, { recursive: true, mode: 0o700 });
      await copyFile(options.genesis, folder.genesis);
      const preset = presetOf(genesis);
      const settings = [["network.preset", preset] as const, ...settingsOf(options)];
      await changeConfigFile(folder.config, (text) =>
        settings.reduce(
          (changed, [path, value]) => (value === undefined ? changed : setInText(changed, path, value)),
          text,
        ),
      );
      const { config } = setup(options, terminal);
      const { facts: key, words } = await initDataFolder(folder, config, password);
      const shown = options.showWords === true || (terminal.interactive && options.json !== true);
      print(terminal, options, {
        data: { folder: folder.root, networkId: toHex(networkIdOf(genesis)), ...key, ...(shown ? { words } : {}) },
        text: () =>
          [
            facts([
              ["Folder", folder.root],
              [
                "Network",
                `${new TextDecoder().decode(genesis.name)} ${toHex(networkIdOf(genesis)).slice(0, 12)}… (${preset})`,
              ],
              ["Address", key.address],
            ]),
            ...(shown
              ? ["", "Write these 24 words down and keep them from others; they restore the key:", "", words]
              : []),
            "",
            "Next: fairmesh assets register, fairmesh start; and with money on the address, fairmesh bond.",
          ].join("\n"),
      });
    });
}
