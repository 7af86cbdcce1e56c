// What this node found as an auditor, on disk before it is reported: a restart neither repeats an audit nor forgets one.
// Kept until its transcripts can no longer be drawn. Space `duties`: epoch, asset, window -> the record. Space `condemned`: asset ->
// the commitment that was found to be a lie, and why; one an asset, for good.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import type { Store } from "../../ports/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  equalBytes,
  invariant,
  utf8ToBytes,
} from "../../primitives/index.ts";
import {
  assetIdType,
  booleanType,
  codec,
  optionalOf,
  transcriptType,
  uint8Type,
  uint32Type,
  uint64Type,
  uintType,
} from "../../schema/index.ts";

const space = "duties";
const condemnedSpace = "condemned";
const findingsMax = 100_000;

const storedFindingType = new ContainerType({
  epoch: uintType,
  assetId: assetIdType,
  window: uint8Type,
  passed: booleanType,
  measured: uint64Type,
  latencyMs: uint32Type,
  /** Of a pass only: what proves it. */
  transcript: optionalOf(transcriptType),
});
const storedFindingCodec = codec("stored finding", storedFindingType);
export type StoredFinding = ValueOf<typeof storedFindingType>;

const keyFor = (epoch: number, asset: AssetId, window: number): Bytes =>
  concatBytes(bigEndian(epoch), asset, bigEndian(window, 1));

export class Findings {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  has(epoch: number, asset: AssetId, window: number): boolean {
    return this.#store.get(space, keyFor(epoch, asset, window)) !== undefined;
  }

  async add(finding: StoredFinding): Promise<void> {
    const key = keyFor(finding.epoch, finding.assetId, finding.window);
    await this.#store.batch([{ space, key, value: storedFindingCodec.encode(finding) }], { sync: true });
  }

  /** All of an epoch, by asset and window. */
  async ofEpoch(epoch: number): Promise<readonly StoredFinding[]> {
    const found: StoredFinding[] = [];
    for await (const [, bytes] of this.#store.range(space, bigEndian(epoch), bigEndian(epoch + 1), findingsMax)) {
      const decoded = storedFindingCodec.decode(bytes);
      invariant(decoded.ok, "a stored finding is what was stored");
      found.push(decoded.value);
    }
    return found;
  }

  /** Nothing of an asset passed in an epoch: what its commitment stands for is not what it has to be. */
  async failAll(epoch: number, asset: AssetId): Promise<void> {
    for (const finding of await this.ofEpoch(epoch)) {
      if (!finding.passed || !equalBytes(finding.assetId, asset)) continue;
      await this.add({ ...finding, passed: false, measured: 0n, transcript: [] });
    }
  }

  async condemn(asset: AssetId, commitment: Bytes, fault: string): Promise<void> {
    const value = concatBytes(commitment, utf8ToBytes(fault));
    await this.#store.batch([{ space: condemnedSpace, key: asset, value }], { sync: true });
  }

  /** Why an asset with this commitment passes no audit of this node any more; undefined when it may. */
  condemned(asset: AssetId, commitment: Bytes): string | undefined {
    const value = this.#store.get(condemnedSpace, asset);
    if (value === undefined || !equalBytes(value.subarray(0, commitment.length), commitment)) return undefined;
    return new TextDecoder().decode(value.subarray(commitment.length));
  }

  async prune(beforeEpoch: number): Promise<void> {
    const keys: Bytes[] = [];
    for await (const [key] of this.#store.range(space, bigEndian(0), bigEndian(beforeEpoch), findingsMax))
      keys.push(key);
    if (keys.length > 0)
      await this.#store.batch(
        keys.map((key) => ({ space, key })),
        { sync: false },
      );
  }
}
