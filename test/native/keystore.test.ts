// Keystore files: opened with the right password only, never overwritten, and each damage told apart.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createKeystore, openKeystore, readKeystore } from "../../src/native/index.ts";
import { FairmeshError, toHex } from "../../src/primitives/index.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-keystore-"));
test.after(() => rmSync(folder, { recursive: true }));

const entropy = Uint8Array.from({ length: 32 }, (_, index) => index);
const password = "correct horse";
let count = 0;

async function keystore(scryptN = 1 << 12): Promise<string> {
  count += 1;
  const path = join(folder, `${count}.json`);
  await createKeystore({ path, password, entropy, address: "fair1example", scryptN });
  return path;
}

async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

/** Writes `change` of the file's text over it, keeping its mode. */
const rewrite = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

test("what was locked comes out, with the cost that the design asks for", async () => {
  const path = join(folder, "default.json");
  await createKeystore({ path, password, entropy, address: "fair1example" });
  assert.is(toHex(await openKeystore(path, password)), toHex(entropy));
  assert.is((await readKeystore(path)).kdf.n, 131_072);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.not(readFileSync(path, "utf8").includes(toHex(entropy)), "the secret is not in the file");
});

test("a password is the same in either Unicode form", async () => {
  const path = join(folder, "unicode.json");
  await createKeystore({ path, password: "caf\u00e9", entropy, address: "a", scryptN: 1 << 12 });
  assert.is(await code(openKeystore(path, "cafe\u0301")), "none");
});

test("a key file is never overwritten", async () => {
  const path = await keystore();
  const before = readFileSync(path, "utf8");
  assert.is(await code(createKeystore({ path, password, entropy, address: "a", scryptN: 1 << 12 })), "KEYSTORE_EXISTS");
  assert.is(readFileSync(path, "utf8"), before);
});

test("an empty password is refused", async () => {
  const path = join(folder, "empty.json");
  assert.is(await code(createKeystore({ path, password: "", entropy, address: "a" })), "KEYSTORE_PASSWORD");
  assert.is(await code(readKeystore(path)), "KEYSTORE_MISSING");
});

test("a wrong password and a missing file have their own errors", async () => {
  assert.is(await code(openKeystore(await keystore(), "wrong")), "KEYSTORE_PASSWORD");
  assert.is(await code(openKeystore(join(folder, "none.json"), password)), "KEYSTORE_MISSING");
});

test("a file that others may read is refused", async () => {
  const path = await keystore();
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(path, mode);
    assert.is(await code(openKeystore(path, password)), "KEYSTORE_MODE", mode.toString(8));
  }
  chmodSync(path, 0o600);
  assert.is(await code(openKeystore(path, password)), "none");
});

test("a file cut anywhere is truncated", async () => {
  const length = readFileSync(await keystore(), "utf8").length;
  for (const keep of [0, 1, Math.floor(length / 2), length - 3, length - 2, length - 1]) {
    const path = await keystore();
    rewrite(path, (text) => text.slice(0, keep));
    assert.is(await code(openKeystore(path, password)), "KEYSTORE_TRUNCATED", `${keep} of ${length}`);
  }
});

test("a changed character in any field is tampering, not a wrong password", async () => {
  const fields = ["address", "salt", "nonce", "check", "ciphertext", "digest", "n", "name", "kind"];
  for (const field of fields) {
    const path = await keystore();
    const text = readFileSync(path, "utf8");
    const at = text.indexOf(`"${field}": `) + field.length + 5;
    const changed = text[at] === "1" ? "2" : "1";
    writeFileSync(path, text.slice(0, at) + changed + text.slice(at + 1));
    assert.is(await code(openKeystore(path, password)), "KEYSTORE_TAMPERED", field);
  }
});

test("a change whose digest was made again is still noticed by the cipher", async () => {
  const path = await keystore();
  const { renderKeystore } = await import("../../src/native/keystore-format.ts");
  const file = await readKeystore(path);
  writeFileSync(path, renderKeystore({ ...file, address: "fair1someoneelse" }));
  assert.is(await code(openKeystore(path, password)), "KEYSTORE_TAMPERED");
});

test("a newer version is refused by name", async () => {
  const path = await keystore();
  rewrite(path, (text) => text.replace('"version": 1', '"version": 2'));
  assert.is(await code(openKeystore(path, password)), "KEYSTORE_VERSION");
});

test.run();
