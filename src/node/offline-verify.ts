// Judges a reward certificate's file on this machine, without a node and without a network (section 6).
import { open, readFile } from "node:fs/promises";
import { type CertificateVerdict, verifyRewardCertificate } from "../client/index.ts";
import { genesisFileBytesMax, parseGenesis } from "../config/index.ts";
import { createVerifier } from "../native/index.ts";
import { type Bytes, type Digest, FairmeshError } from "../primitives/index.ts";
import { rewardCertificateBytesMax } from "../schema/index.ts";

/** A whole file of at most `bytesMax`. Rejects with `FILE_UNREADABLE`. */
async function readBounded(path: string, bytesMax: number): Promise<Bytes> {
  try {
    const handle = await open(path, "r");
    const { size } = await handle.stat().finally(() => handle.close());
    if (size > bytesMax) throw new FairmeshError("FILE_UNREADABLE", `${path} has ${size} bytes, more than ${bytesMax}`);
    return Uint8Array.from(await readFile(path));
  } catch (cause) {
    if (cause instanceof FairmeshError) throw cause;
    throw new FairmeshError("FILE_UNREADABLE", `${path} cannot be read`, { cause });
  }
}

export interface FileTrust {
  readonly genesisFile: string | undefined;
  readonly checkpoint: Digest | undefined;
  readonly nowMs: number;
}

/** The verdict on the certificate in `path`. Rejects with `FILE_UNREADABLE` or `GENESIS_INVALID`. */
export async function verifyCertificateFile(path: string, trust: FileTrust): Promise<CertificateVerdict> {
  const file = await readBounded(path, rewardCertificateBytesMax);
  const { genesisFile, checkpoint, nowMs } = trust;
  const text = genesisFile === undefined ? undefined : await readBounded(genesisFile, genesisFileBytesMax);
  const genesis = text === undefined ? undefined : parseGenesis(new TextDecoder().decode(text));
  return verifyRewardCertificate(file, { verifier: createVerifier(), genesis, checkpoint, nowMs });
}
