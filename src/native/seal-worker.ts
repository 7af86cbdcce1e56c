// The worker thread that seals: one sector a message, progress as it goes, the bytes moved, not copied.
import { parentPort, workerData } from "node:worker_threads";
import { concatBytes } from "../primitives/index.ts";
import { sealSector, sectorLeaves } from "./seal-sector.ts";

const { seed, sectorBytes } = workerData as { readonly seed: Uint8Array; readonly sectorBytes: number };
const sector = sealSector(seed, sectorBytes, (ppm) => parentPort?.postMessage({ ppm }));
const output = concatBytes(sector, sectorLeaves(sector));
parentPort?.postMessage({ output }, [output.buffer as ArrayBuffer]);
