// Storage: sealed sectors that are shown leaf by leaf (section 5). Answering needs the bytes on the disk; re-making a
// sector takes far longer than the deadline (docs/SEALING.md has the figures).
import { merkleLeaf, merkleLevels, merklePath, sectorLeafBytes, sha256, verifyMerklePath } from "../../crypto/index.ts";
import type { Clock } from "../../ports/index.ts";
import { type AssetId, type Bytes, type Digest, digest, FairmeshError } from "../../primitives/index.ts";
import type { Finding, Question, Service } from "../service.ts";
import { askedLeaves, sectorFile, shapeOf } from "./layout.ts";
import { leavesOf, prepareStorage, readLeaves, type StorageParts } from "./prepare.ts";
import { storageAnswerCodec } from "./storage-answer.ts";

/** An answer that takes longer fails (section 5). */
export const storageDeadlineMs = 5_000;

interface Trees {
  readonly sectors: readonly (readonly (readonly Digest[])[])[];
  readonly top: readonly (readonly Digest[])[];
}

async function readTrees(parts: StorageParts, asset: AssetId, sectors: number): Promise<Trees> {
  const trees: (readonly (readonly Digest[])[])[] = [];
  for (let sector = 0; sector < sectors; sector++) {
    const leaves = await readLeaves(parts, asset, sector);
    if (leaves === undefined) throw new FairmeshError("SECTOR_LOST", `sector ${sector} is missing or damaged`);
    trees.push(merkleLevels(leavesOf(leaves)));
  }
  return { sectors: trees, top: merkleLevels(trees.map((levels) => levels.at(-1)?.[0] as Digest)) };
}

async function answerStorage(parts: StorageParts, { challenge, asset }: Question): Promise<Bytes> {
  const shape = shapeOf(asset.terms.units, parts.sectorBytes);
  const trees = await readTrees(parts, asset.id, shape.sectors);
  const leaves = [];
  for (const { sector, leaf } of askedLeaves(challenge.nonce, shape)) {
    const data = await parts.volume.read(sectorFile(asset.id, sector), leaf * sectorLeafBytes, sectorLeafBytes);
    const path = [...merklePath(trees.sectors[sector] ?? [], leaf), ...merklePath(trees.top, sector)];
    leaves.push({ data, path });
  }
  return storageAnswerCodec.encode({ leaves });
}

/** What is wrong with an answer, or undefined. */
function faultOf(bytes: Bytes, { challenge, asset }: Question, sectorBytes: number): string | undefined {
  const decoded = storageAnswerCodec.decode(bytes);
  if (!decoded.ok) return decoded.error.detail;
  const shape = shapeOf(asset.terms.units, sectorBytes);
  const asked = askedLeaves(challenge.nonce, shape);
  if (decoded.value.leaves.length !== asked.length) return "not the number of leaves that were asked for";
  const depth = shape.sectorDepth + shape.topDepth;
  for (const [i, { sector, leaf }] of asked.entries()) {
    const proved = decoded.value.leaves[i] as { readonly data: Bytes; readonly path: Digest[] };
    const index = sector * 2 ** shape.sectorDepth + leaf;
    const at = { index, depth, root: digest(asset.terms.dataCommitment) };
    if (proved.data.length !== sectorLeafBytes) return `leaf ${leaf} of sector ${sector} is not whole`;
    if (!verifyMerklePath(merkleLeaf(proved.data), proved.path, at)) return `leaf ${leaf} of sector ${sector} is wrong`;
  }
  return undefined;
}

async function checkStorage(
  parts: StorageParts & { readonly clock: Clock },
  question: Question,
  answer: AsyncIterable<Bytes>,
): Promise<Finding> {
  const startedMs = parts.clock.monotonicMs();
  let bytes: Bytes = new Uint8Array();
  for await (const chunk of answer) {
    bytes = chunk;
    break;
  }
  const latencyMs = Math.ceil(parts.clock.monotonicMs() - startedMs);
  const fault = latencyMs > storageDeadlineMs ? "too late" : faultOf(bytes, question, parts.sectorBytes);
  return {
    passed: fault === undefined,
    measured: fault === undefined ? question.asset.terms.units : 0n,
    latencyMs,
    answerRoot: sha256(bytes),
    answer: bytes,
    ...(fault === undefined ? {} : { fault }),
  };
}

export function createStorageService(parts: StorageParts & { readonly clock: Clock }): Service {
  return {
    kind: "storage",
    prepare: (asset, signal, onProgress) => prepareStorage(parts, asset, { signal, onProgress }),
    async *answer(question) {
      yield await answerStorage(parts, question);
    },
    answerRoot: (_, answer) => sha256(answer),
    check: (question, answer) => checkStorage(parts, question, answer),
  };
}
