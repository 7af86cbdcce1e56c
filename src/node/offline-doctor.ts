// What `fairmesh doctor` finds out about the machine: the runtime, who verifies and how fast, the disk, limits, memory, and the
// state of key and guard. Measures for about a second; changes nothing but a scratch file that it removes.
import { randomBytes } from "node:crypto";
import { open, readFile, stat, statfs, unlink } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { DataFolder } from "../config/index.ts";
import { sha256 } from "../crypto/index.ts";
import { createNativeSigner, createVerifier, hasherName, hasNativeMlDsa, readKeystore } from "../native/index.ts";
import { bigEndian, FairmeshError } from "../primitives/index.ts";
import { guardFacts } from "./offline-keys.ts";

export interface Finding {
  readonly name: string;
  /** `bad`: a node should not run so. */
  readonly status: "good" | "warn" | "bad";
  readonly detail: string;
  readonly figures?: Readonly<Record<string, number | string>>;
}

const gibibyte = 2 ** 30;
const inGib = (bytes: number): string => `${(bytes / gibibyte).toFixed(1)} GiB`;

const runtime = (): Finding => ({
  name: "runtime",
  status: "good",
  detail: `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${process.platform} ${process.arch}`,
});

/** Signatures a second that the verifier in use checks, with 64 in work, over about half a second. */
async function verifierFinding(): Promise<Finding> {
  const verifier = createVerifier();
  if (!hasNativeMlDsa()) {
    return { name: "verifier", status: "bad", detail: "portable: this Node has no ML-DSA; install Node 24.8 or newer" };
  }
  const signer = createNativeSigner(Uint8Array.from(randomBytes(32)));
  const root = sha256(bigEndian(1));
  const check = {
    publicKey: signer.publicKey,
    root,
    purpose: "status",
    signature: await signer.sign(root, "status"),
  } as const;
  const startedMs = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - startedMs < 500) {
      if (!(await verifier.verify(check))) throw new FairmeshError("VERIFIER_WRONG", "a right signature was refused");
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
  const perSecond = Math.round((done * 1000) / (performance.now() - startedMs));
  return {
    name: "verifier",
    status: perSecond < 500 ? "warn" : "good",
    detail: `${verifier.name}, ${perSecond} ML-DSA-65 signatures a second; trees are hashed by ${hasherName}`,
    figures: { verifier: verifier.name, signaturesPerSecond: perSecond, hasher: hasherName },
  };
}

/** The nearest folder that exists: a data folder may not be made yet. */
async function existing(path: string): Promise<string> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isDirectory() === true || dirname(path) === path ? path : existing(dirname(path));
}

/** Milliseconds that a 4 KiB append with fdatasync takes, the median of 20. */
async function syncMs(folder: string): Promise<number> {
  const path = join(folder, `.fairmesh-doctor-${randomBytes(6).toString("hex")}`);
  const handle = await open(path, "wx", 0o600);
  try {
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const startedMs = performance.now();
      await handle.write(new Uint8Array(4096));
      await handle.datasync();
      times.push(performance.now() - startedMs);
    }
    return times.sort((a, b) => a - b)[10] as number;
  } finally {
    await handle.close();
    await unlink(path);
  }
}

async function disk(root: string): Promise<Finding> {
  const folder = await existing(root);
  try {
    const { bavail, bsize } = await statfs(folder);
    const [free, sync] = [bavail * bsize, await syncMs(folder)];
    const tight = free < 2 * gibibyte;
    return {
      name: "disk",
      status: tight || sync > 50 ? "warn" : "good",
      detail: `${inGib(free)} free, a synced write takes ${sync.toFixed(2)} ms (${folder})${tight ? ": too little room" : ""}`,
      figures: { freeBytes: free, syncMs: Number(sync.toFixed(3)) },
    };
  } catch (error) {
    return { name: "disk", status: "bad", detail: `${folder} cannot be written: ${(error as Error).message}` };
  }
}

async function openFiles(): Promise<Finding> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return { name: "limits", status: "good", detail: "this system does not tell its limits" };
  const number = soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
  return {
    name: "limits",
    status: number < 4096 ? "warn" : "good",
    detail: `${soft} open files${number < 4096 ? ": raise it to 4096 or more (ulimit -n)" : ""}`,
    figures: { openFiles: number },
  };
}

const memory = (): Finding => ({
  name: "memory",
  status: totalmem() < gibibyte ? "warn" : "good",
  detail: `${inGib(freemem())} free of ${inGib(totalmem())}`,
  figures: { freeBytes: freemem(), totalBytes: totalmem() },
});

async function key(folder: DataFolder): Promise<readonly Finding[]> {
  try {
    const { address } = await readKeystore(folder.operatorKey);
    const guard = await guardFacts(folder.guard, address);
    const reason = guard.reason === undefined ? "" : `: ${guard.reason}`;
    const observes = guard.state === "damaged" ? "; the node observes and does not vote (S-14)" : "";
    return [
      { name: "key", status: "good", detail: `${address} (${folder.operatorKey})` },
      {
        name: "guard",
        status: guard.state === "sound" ? "good" : "warn",
        detail: `${guard.state}${reason}${observes}`,
        figures: { state: guard.state },
      },
    ];
  } catch (error) {
    if (!(error instanceof FairmeshError)) throw error;
    const missing = error.code === "KEYSTORE_MISSING";
    return [{ name: "key", status: missing ? "warn" : "bad", detail: `${error.message} (${error.code})` }];
  }
}

/** Everything that doctor checks, in the order it is shown. */
export async function examine(folder: DataFolder): Promise<readonly Finding[]> {
  const disks = await disk(folder.root);
  return [runtime(), await verifierFinding(), disks, await openFiles(), memory(), ...(await key(folder))];
}
