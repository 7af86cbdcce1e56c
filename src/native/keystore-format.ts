// The keystore's JSON: fixed fields, checked one by one, and a digest over all of them, so that a file that was cut short or
// changed by accident is told from a wrong password. Only keystore.ts imports this.
import { sha256 } from "../crypto/index.ts";
import { FairmeshError, toHex, utf8ToBytes } from "../primitives/index.ts";

export interface KeystoreFile {
  readonly version: number;
  readonly address: string;
  readonly kdf: {
    readonly name: "scrypt";
    readonly n: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
  readonly cipher: { readonly name: "xchacha20-poly1305"; readonly nonce: string };
  /** H of the password's second half: right password or not, before anything is opened. */
  readonly check: string;
  readonly ciphertext: string;
}

type Head = Omit<KeystoreFile, "ciphertext">;
const kind = "fairmesh-keystore";

/** What the cipher authenticates beside the secret: every field, in this order. */
export const sealedHeader = ({ version, address, kdf, cipher, check }: Head): string =>
  JSON.stringify([kind, version, address, kdf.name, kdf.n, kdf.r, kdf.p, kdf.salt, cipher.name, cipher.nonce, check]);

const digestOf = (file: KeystoreFile): string => toHex(sha256(utf8ToBytes(sealedHeader(file) + file.ciphertext)));

export const renderKeystore = (file: KeystoreFile): string =>
  `${JSON.stringify({ kind, ...file, digest: digestOf(file) }, null, 2)}\n`;

const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === "string" && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);

const isScrypt = (kdf: Partial<KeystoreFile["kdf"]> | undefined): boolean =>
  kdf?.name === "scrypt" &&
  kdf.r === 8 &&
  kdf.p === 1 &&
  isHex(kdf.salt, 32) &&
  [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].some((log) => kdf.n === 1 << log);

const isSound = (file: Partial<KeystoreFile>): file is KeystoreFile =>
  typeof file.address === "string" &&
  isScrypt(file.kdf) &&
  file.cipher?.name === "xchacha20-poly1305" &&
  isHex(file.cipher.nonce, 24) &&
  isHex(file.check, 32) &&
  isHex(file.ciphertext, 48);

/** Throws `KEYSTORE_TRUNCATED`, `KEYSTORE_TAMPERED` or `KEYSTORE_VERSION`. */
export function parseKeystore(path: string, text: string): KeystoreFile {
  const tampered = () => new FairmeshError("KEYSTORE_TAMPERED", `${path} was changed after it was made`);
  if (!text.endsWith("}\n")) {
    throw new FairmeshError("KEYSTORE_TRUNCATED", `${path} is cut short; restore it from a copy or from its words`);
  }
  let json: Partial<KeystoreFile> & { readonly kind?: unknown; readonly digest?: unknown };
  try {
    json = JSON.parse(text) as typeof json;
  } catch {
    throw tampered();
  }
  if (json.kind !== kind) throw new FairmeshError("KEYSTORE_TAMPERED", `${path} is not a Fairmesh key file`);
  if (typeof json.version === "number" && json.version > 1) {
    throw new FairmeshError("KEYSTORE_VERSION", `${path} was made by a newer fairmesh (version ${json.version})`);
  }
  const { kind: _kind, digest, ...file } = json;
  if (json.version !== 1 || !isSound(file) || digest !== digestOf(file)) throw tampered();
  return file;
}
