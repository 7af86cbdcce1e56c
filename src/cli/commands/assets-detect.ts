// fairmesh assets detect: what this machine has to offer, measured. Changes nothing.
import type { Command } from "commander";
import { type Detected, detectMachine, sectorBytesOf } from "../../node/offline.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import { bytesOf } from "../read-arguments.ts";
import { durationText, sizeText, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions {
  readonly storage?: string;
}

const rate = (bytes: number): string => `${sizeText(bytes)}/s`;

function sealingRows({ sealing }: Detected, askedBytes: number): readonly (readonly [string, string, string])[] {
  const { sectorBytes, testedBytes, sectorSeconds } = sealing;
  const sectors = Math.floor(askedBytes / sectorBytes);
  const how =
    testedBytes === sectorBytes
      ? "one thread, measured in as much memory"
      : `at least: measured in ${sizeText(testedBytes)}, for more memory is not free`;
  return [
    [`sealing ${sizeText(sectorBytes)}`, durationText(sectorSeconds), how],
    [`sealing ${sizeText(sectors * sectorBytes)}`, durationText(sectors * sectorSeconds), "one sector after another"],
  ];
}

function rowsOf(detected: Detected, askedBytes: number): readonly (readonly [string, string, string])[] {
  const { disk, processor, memory, links } = detected;
  return [
    ["disk, free", sizeText(disk.freeBytes), disk.folder],
    ["disk, usable", sizeText(disk.usableBytes), "less assets.reserveBytes"],
    ["disk, write", rate(disk.writeBytesPerSecond), "32 MiB, until they were on the disk"],
    ["disk, read", rate(disk.readBytesPerSecond), "of the same; perhaps from the cache"],
    ["processor", `${processor.threads} threads`, processor.model],
    ...sealingRows(detected, askedBytes),
    ["memory", sizeText(memory.totalBytes), `${sizeText(memory.freeBytes)} free`],
    ...(links.length === 0
      ? [
          [
            "link",
            "unknown",
            "no interface says how fast it is: set network.linkMbit to what your line carries",
          ] as const,
        ]
      : links.map(
          ({ name, mbit }) =>
            [
              `link ${name}`,
              `${mbit} Mbit/s`,
              "the interface's rate; network.linkMbit says what your line carries",
            ] as const,
        )),
  ];
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command)
    .option(
      "--storage <size>",
      "say how long sealing this much takes (default: what is configured, or all that is usable)",
    )
    .action(async (options: Options) => {
      const { config, folder } = setup(options, terminal);
      const sectorBytes = await sectorBytesOf(folder.genesis);
      const asked = options.storage === undefined ? config.assets.storageBytes : bytesOf(options.storage);
      if (options.storage !== undefined && asked < sectorBytes) {
        throw new FairmeshError(
          "USAGE",
          `--storage ${options.storage}: a sector of this network is ${sizeText(sectorBytes)}`,
        );
      }
      const detected = await detectMachine(folder.assets, config.assets.reserveBytes, sectorBytes);
      const bytes = asked > 0 ? asked : detected.disk.usableBytes;
      const { sectorSeconds } = detected.sealing;
      const asking = { askedBytes: bytes, sealSeconds: Math.round(Math.floor(bytes / sectorBytes) * sectorSeconds) };
      print(terminal, options, {
        data: { ...detected, sealing: { ...detected.sealing, ...asking } },
        text: () => table(["what", "found", "how"], rowsOf(detected, bytes)),
      });
    });
}
