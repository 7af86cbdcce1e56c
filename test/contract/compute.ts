// What every Compute must do. Called with a way to make one; `sealed` is the task's right answer for the input used.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Compute } from "../../src/ports/index.ts";
import { type Bytes, bigEndian, concatBytes } from "../../src/primitives/index.ts";

const sectorBytes = 1 << 20;
const inputOf = (seed: number): Bytes => concatBytes(new Uint8Array(32).fill(seed), bigEndian(sectorBytes));
const never = new AbortController().signal;

export function computeContract(
  test: typeof uvuTest,
  name: string,
  { make, sealed }: { readonly make: () => Compute; readonly sealed: (seed: Bytes, bytes: number) => Bytes },
): void {
  test(`${name}: answers what the input determines, and hears of progress`, async () => {
    const heard: number[] = [];
    const output = await make().run("seal", inputOf(7), never, (ppm) => heard.push(ppm));
    assert.equal(output, sealed(new Uint8Array(32).fill(7), sectorBytes));
    assert.equal(
      heard,
      heard.toSorted((a, b) => a - b),
    );
    assert.ok(heard.length > 1);
    assert.is(heard.at(-1), 1_000_000);
  });

  test(`${name}: several at once each get their own answer`, async () => {
    const compute = make();
    const run = (seed: number) => compute.run("seal", inputOf(seed), never, () => {});
    const [one, two, again] = await Promise.all([run(1), run(2), run(1)]);
    assert.equal(one, again);
    assert.not.equal(one, two);
  });

  test(`${name}: an abort ends it with the signal's reason, and the next run is served`, async () => {
    const compute = make();
    const reason = new Error("not wanted any more");
    const before = AbortSignal.abort(reason);
    assert.is(await compute.run("seal", inputOf(3), before, () => {}).catch((caught: unknown) => caught), reason);
    const control = new AbortController();
    const during = compute.run("seal", inputOf(3), control.signal, () => control.abort(reason));
    assert.is(await during.catch((caught: unknown) => caught), reason);
    assert.ok((await compute.run("seal", inputOf(4), never, () => {})).length > sectorBytes);
  });
}
