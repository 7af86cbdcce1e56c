// fairmesh assets detect: what this machine has to offer, measured. Changes nothing.
import type { Command } from "commander";
import { type Detected, detectMachine } from "../../node/offline.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { sizeText, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

const rate = (bytes: number): string => `${sizeText(bytes)}/s`;

export function rowsOf({ disk, processor, memory, links }: Detected): readonly (readonly [string, string, string])[] {
  return [
    ["disk, free", sizeText(disk.freeBytes), disk.folder],
    ["disk, usable", sizeText(disk.usableBytes), "less assets.reserveBytes"],
    ["disk, write", rate(disk.writeBytesPerSecond), "32 MiB, until they were on the disk"],
    ["disk, read", rate(disk.readBytesPerSecond), "of the same; perhaps from the cache"],
    ["processor", `${processor.threads} threads`, processor.model],
    ["sealing", rate(processor.sealBytesPerSecond), "one thread; a larger sector is slower"],
    ["memory", sizeText(memory.totalBytes), `${sizeText(memory.freeBytes)} free`],
    ...(links.length === 0
      ? [["link", "unknown", "no interface says how fast it is; measure your line with another machine"] as const]
      : links.map(
          ({ name, mbit }) => [`link ${name}`, `${mbit} Mbit/s`, "the interface's rate, not your line's"] as const,
        )),
  ];
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command).action(async (options: CommonOptions) => {
    const { config, folder } = setup(options, terminal);
    const detected = await detectMachine(folder.assets, config.assets.reserveBytes);
    print(terminal, options, { data: detected, text: () => table(["what", "found", "how"], rowsOf(detected)) });
  });
}
