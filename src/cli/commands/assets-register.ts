// fairmesh assets register: says what this node shall offer. It goes into the configuration; the node seals, bonds and
// registers it when it next starts.
import type { Command } from "commander";
import { dataFolder, setInText } from "../../config/index.ts";
import { detectDisk, sectorBytesOf } from "../../node/offline.ts";
import { assetCellResolution, cellAt, cellResolution, cellText, FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, rootOf, setup, withConfig, withExamples } from "../command.ts";
import { changeConfigFile } from "../config-file.ts";
import { amountOf, bytesOf, cellOf, degreesOf } from "../read-arguments.ts";
import { sizeText } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions {
  readonly detect?: boolean;
  readonly storage?: string;
  readonly bandwidth?: string;
  readonly cell?: string;
  readonly at?: string;
  readonly price?: string;
}

function placeOf({ cell, at }: Options): string | undefined {
  if (cell !== undefined) {
    const read = cellOf(cell);
    if (cellResolution(read) === assetCellResolution) return cell;
    throw new FairmeshError("USAGE", `a cell of resolution ${assetCellResolution} is expected; --at finds it for you`);
  }
  if (at === undefined) return undefined;
  return cellText(cellAt(...degreesOf(at)));
}

/** Less than a sector would be offered as nothing. Throws `USAGE`. */
async function checkStorage(options: Options, terminal: Terminal): Promise<void> {
  const { storage } = options;
  if (storage === undefined || bytesOf(storage) === 0) return;
  const sectorBytes = await sectorBytesOf(setup(options, terminal).folder.genesis);
  if (bytesOf(storage) >= sectorBytes) return;
  throw new FairmeshError("USAGE", `--storage ${storage}: a sector of this network is ${sizeText(sectorBytes)}`);
}

function changesOf(options: Options): readonly (readonly [path: string, value: string])[] {
  const { storage, bandwidth, price } = options;
  const place = placeOf(options);
  const changes: (readonly [string, string] | undefined)[] = [
    storage === undefined ? undefined : ["assets.storageBytes", String(bytesOf(storage))],
    bandwidth === undefined ? undefined : ["assets.bandwidthMbit", bandwidth],
    place === undefined ? undefined : ["assets.cell", place],
    price === undefined ? undefined : ["assets.pricePerUnitEpoch", price],
  ];
  if (price !== undefined) amountOf(price);
  const given = changes.filter((change) => change !== undefined);
  if (given.length > 0) return given;
  throw new FairmeshError("USAGE", "say what to offer: --storage 4GiB, --bandwidth 50, and where: --at 52.52,13.40");
}

/** A tenth of the usable disk stays free for trees, blobs and what else grows. */
async function withDetected(options: Options, terminal: Terminal): Promise<Options> {
  const { config, folder } = setup(options, terminal);
  const disk = await detectDisk(folder.assets, config.assets.reserveBytes);
  const found = Math.floor((disk.usableBytes / 10) * 9);
  if (found < 1) throw new FairmeshError("VOLUME_FULL", `${disk.folder} has nothing free beyond assets.reserveBytes`);
  return { storage: String(found), ...options };
}

export function define(command: Command, terminal: Terminal): void {
  withExamples(
    withConfig(command),
    "assets register --storage 4TiB --bandwidth 200 --at 52.52,13.40 --price 0.001",
    "assets register --detect --at 52.52,13.40",
  )
    .option("--storage <size>", "storage to offer, such as 4GiB")
    .option("--detect", "offer the usable disk that `assets detect` finds, unless --storage says how much")
    .option("--bandwidth <mbit>", "bandwidth to offer, in Mbit/s")
    .option("--at <degrees>", "where the machine stands: latitude,longitude")
    .option("--cell <cell>", "the same as an H3 cell of resolution 7")
    .option("--price <fair>", "asking price of a unit and epoch")
    .action(async (options: Options) => {
      const changes = changesOf(options.detect === true ? await withDetected(options, terminal) : options);
      await checkStorage(options, terminal);
      const file = options.config ?? dataFolder(rootOf(options, terminal)).config;
      await changeConfigFile(file, (text) =>
        changes.reduce((changed, [path, value]) => setInText(changed, path, value), text),
      );
      print(terminal, options, {
        data: { file, changes: Object.fromEntries(changes) },
        text: () =>
          [
            ...changes.map(([path, value]) => `${path}: ${value}`),
            `Written to ${file}. The node seals, bonds and registers it when it next starts.`,
          ].join("\n"),
      });
    });
}
