// The file volume and its twin against the Volume's contract.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMemoryVolume } from "../../simulation/environment/memory-volume.ts";
import { FairmeshError } from "../../src/primitives/index.ts";
import { createFileVolume } from "../../src/storage/index.ts";
import { volumeContract } from "../contract/volume.ts";

const folder = mkdtempSync(join(tmpdir(), "fairmesh-volume-"));
test.after(() => rmSync(folder, { recursive: true }));

let count = 0;
volumeContract(test, "in memory", async () => createMemoryVolume());
volumeContract(test, "files", async () => createFileVolume(join(folder, String(++count))));

test("a full volume says so", async () => {
  const error = await createMemoryVolume(10)
    .write("a", 0, new Uint8Array(11))
    .catch((caught: unknown) => caught);
  assert.is(error instanceof FairmeshError && error.code, "VOLUME_FULL");
});

test("free bytes leave the reserve alone", async () => {
  assert.is(await createFileVolume(folder, { reserveBytes: Number.MAX_SAFE_INTEGER }).freeBytes(), 0);
});

test.run();
