// What every Volume must do. Called with a way to make an empty one.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Volume } from "../../src/ports/index.ts";
import { FairmeshError } from "../../src/primitives/index.ts";

async function code(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return error instanceof FairmeshError ? error.code : `unexpected ${String(error)}`;
  }
}

export function volumeContract(test: typeof uvuTest, name: string, make: () => Promise<Volume>): void {
  test(`${name}: writes anywhere, makes files longer, reads exactly`, async () => {
    const volume = await make();
    await volume.write("sectors/one", 0, Uint8Array.of(1, 2, 3));
    await volume.write("sectors/one", 2, Uint8Array.of(9, 9));
    await volume.write("sectors/one", 6, Uint8Array.of(7));
    assert.equal(await volume.read("sectors/one", 0, 7), Uint8Array.of(1, 2, 9, 9, 0, 0, 7));
    assert.equal(await volume.read("sectors/one", 3, 0), new Uint8Array());
    await volume.sync("sectors/one");
    assert.is(await volume.size("sectors/one"), 7);
    assert.is(await code(() => volume.read("sectors/one", 5, 3)), "VOLUME_MISSING");
  });

  test(`${name}: says what is missing`, async () => {
    const volume = await make();
    assert.is(await code(() => volume.read("none", 0, 1)), "VOLUME_MISSING");
    assert.is(await code(() => volume.sync("none")), "VOLUME_MISSING");
    assert.is(await volume.size("none"), undefined);
    assert.equal(await volume.list("none"), []);
    await volume.remove("none");
  });

  test(`${name}: lists a folder in order, and forgets what is removed`, async () => {
    const volume = await make();
    for (const file of ["f/b", "f/a", "g"]) await volume.write(file, 0, Uint8Array.of(1));
    assert.equal(await volume.list("f"), ["a", "b"]);
    assert.equal(await volume.list(""), ["f", "g"]);
    await volume.remove("f/a");
    assert.equal(await volume.list("f"), ["b"]);
    assert.is(await volume.size("f/a"), undefined);
    assert.ok((await volume.freeBytes()) > 0);
  });

  test(`${name}: no name leaves the folder`, async () => {
    const volume = await make();
    for (const file of ["../x", "a/../../x", "/etc/passwd", "a//b", ".", "", "a/.hidden", "a\\b", "a\0b"]) {
      assert.is(await code(() => volume.write(file, 0, Uint8Array.of(1))), "VOLUME_FAILED", JSON.stringify(file));
      assert.is(await code(() => volume.read(file, 0, 1)), "VOLUME_FAILED", JSON.stringify(file));
    }
  });
}
