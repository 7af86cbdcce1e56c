// The keystore: the 32 bytes behind an operator's 24 words, locked by a password (scrypt, XChaCha20-Poly1305) in one JSON
// file of mode 0600. Written once and never over another file. Each way of being unreadable has its own error:
// KEYSTORE_MISSING, _EXISTS, _MODE, _TRUNCATED, _TAMPERED, _VERSION, _PASSWORD. Used by keys and by a starting node.
import { randomBytes, scrypt } from "node:crypto";
import { open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { entropyBytes, sha256 } from "../crypto/index.ts";
import {
  type Bytes,
  concatBytes,
  equalBytes,
  FairmeshError,
  fromHex,
  toHex,
  utf8ToBytes,
} from "../primitives/index.ts";
import { type KeystoreFile, parseKeystore, renderKeystore, sealedHeader } from "./keystore-format.ts";

export const keystoreVersion = 1;
const scryptCost = { n: 1 << 17, r: 8, p: 1 } as const;

/** 64 bytes from a password: the cipher's key, and what tells a wrong password from a changed file. */
function stretch(password: string, kdf: KeystoreFile["kdf"]): Promise<{ readonly key: Bytes; readonly check: string }> {
  const options = { N: kdf.n, r: kdf.r, p: kdf.p, maxmem: 256 * kdf.n * kdf.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), fromHex(kdf.salt), 64, options, (error, bytes) => {
      if (error !== null) return reject(error);
      const out = Uint8Array.from(bytes);
      resolve({ key: out.slice(0, 32), check: toHex(sha256(out.slice(32))) });
    });
  });
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  if (handle === undefined) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** Writes `text` to a new file of mode 0600 that is on the disk when this settles; never over another. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (codeOf(error) === "EEXIST") {
      throw new FairmeshError("KEYSTORE_EXISTS", `${path} exists, and keys are never overwritten: choose another name`);
    }
    throw new FairmeshError("KEYSTORE_FAILED", `${path} cannot be written`, { cause: error });
  });
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
    throw new FairmeshError("KEYSTORE_FAILED", `${path} cannot be written`, { cause: error });
  }
  await syncFolder(dirname(path));
}

/** Refuses a secret that others on the machine may read. Windows has no such modes. */
export async function refuseWideMode(path: string): Promise<void> {
  const facts = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") throw new FairmeshError("KEYSTORE_MISSING", `there is no key file ${path}`);
    throw new FairmeshError("KEYSTORE_FAILED", `${path} cannot be read`, { cause: error });
  });
  const wide = facts.mode & 0o077;
  if (process.platform !== "win32" && wide !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
    throw new FairmeshError("KEYSTORE_MODE", `${path} has mode ${mode}: others can reach it; run chmod 600 on it`);
  }
}

export interface NewKeystore {
  readonly path: string;
  readonly password: string;
  /** The 32 bytes behind the words. */
  readonly entropy: Bytes;
  /** Shown without the password, and checked by nothing: the key itself decides. */
  readonly address: string;
  /** scrypt's N, a power of two; lower only in tests. */
  readonly scryptN?: number;
}

/** Makes a keystore file; rejects with `KEYSTORE_EXISTS` or `KEYSTORE_FAILED`. About 0.4 s. */
export async function createKeystore({ path, password, entropy, address, scryptN }: NewKeystore): Promise<void> {
  if (password === "") throw new FairmeshError("KEYSTORE_PASSWORD", "a key needs a password");
  const kdf = {
    name: "scrypt",
    ...scryptCost,
    n: scryptN ?? scryptCost.n,
    salt: toHex(Uint8Array.from(randomBytes(32))),
  } as const;
  const { key, check } = await stretch(password, kdf);
  const nonce = Uint8Array.from(randomBytes(24));
  const cipher = { name: "xchacha20-poly1305", nonce: toHex(nonce) } as const;
  const head = { version: keystoreVersion, address, kdf, cipher, check };
  const sealed = xchacha20poly1305(key, nonce, utf8ToBytes(sealedHeader(head))).encrypt(entropy);
  await writeSecretFile(path, renderKeystore({ ...head, ciphertext: toHex(sealed) }));
}

/** What a keystore says without its password: rejects as `openKeystore` does, but for the password. */
export async function readKeystore(path: string): Promise<KeystoreFile> {
  await refuseWideMode(path);
  return parseKeystore(path, await readFile(path, "utf8"));
}

/**
 * The 32 bytes in a keystore. Rejects with `KEYSTORE_MISSING`, `KEYSTORE_MODE` (others may read it), `KEYSTORE_TRUNCATED`,
 * `KEYSTORE_TAMPERED`, `KEYSTORE_VERSION` (made by a newer fairmesh) or `KEYSTORE_PASSWORD` (wrong password).
 */
export async function openKeystore(path: string, password: string): Promise<Bytes> {
  const file = await readKeystore(path);
  const { key, check } = await stretch(password, file.kdf);
  if (!equalBytes(utf8ToBytes(check), utf8ToBytes(file.check))) {
    throw new FairmeshError("KEYSTORE_PASSWORD", `the password does not open ${path}`);
  }
  const { ciphertext, ...head } = file;
  try {
    const opened = xchacha20poly1305(key, fromHex(file.cipher.nonce), utf8ToBytes(sealedHeader(head))).decrypt(
      fromHex(ciphertext),
    );
    if (opened.length === entropyBytes) return concatBytes(opened);
  } catch (error) {
    throw new FairmeshError("KEYSTORE_TAMPERED", `${path} was changed after it was made`, { cause: error });
  }
  throw new FairmeshError("KEYSTORE_TAMPERED", `${path} does not hold a key`);
}
