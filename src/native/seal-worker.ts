// The worker thread that seals: one sector a message, progress as it goes, the bytes moved, not copied.
import { parentPort, workerData } from "node:worker_threads";
import { sealSector } from "./seal-sector.ts";

const { seed, sectorBytes } = workerData as { readonly seed: Uint8Array; readonly sectorBytes: number };
const output = sealSector(seed, sectorBytes, (ppm) => parentPort?.postMessage({ ppm }));
parentPort?.postMessage({ output }, [output.buffer as ArrayBuffer]);
