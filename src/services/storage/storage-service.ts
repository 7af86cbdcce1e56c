// Storage: sealed sectors that are shown leaf by leaf (section 5). Answering needs the bytes on the disk; re-making a
// sector takes far longer than the deadline (docs/STORAGE.md has the figures). An answer reads a leaf and a path for each
// asked leaf, however large the asset is.
import { merkleDepth, merkleLeaf, merkleNode, sectorLeafBytes, sha256, verifyMerklePath } from "../../crypto/index.ts";
import type { Clock, Compute } from "../../ports/index.ts";
import { type Bytes, type Digest, digest, equalBytes, FairmeshError, fromBigEndian } from "../../primitives/index.ts";
import type { Finding, Inspection, Question, Service } from "../service.ts";
import { readPath } from "../tree-file.ts";
import { askedLeaves, leavesPerChallenge, sectorFile, sectorTreeFile, shapeOf, topTreeFile } from "./layout.ts";
import { makeSector, prepareStorage, type StorageParts } from "./prepare.ts";
import { type ScrubParts, scrubStorage } from "./scrub.ts";
import { storageAnswerCodec } from "./storage-answer.ts";

/** An answer that takes longer fails (section 5). */
export const storageDeadlineMs = 5_000;
/** Its signature may take as long again: a prover that dribbles must not hold an auditor's place for longer. */
const storageExchangeMs = 2 * storageDeadlineMs;
/** After its first epochs, one epoch's audit of an asset in so many makes a sector again. */
const inspectedOf = 32n;
/** Epochs in which every auditor of an asset makes a sector again, after its registration and after each change of commitment. */
const newEpochs = 3;

async function answerStorage({ volume, sectorBytes }: StorageParts, { challenge, asset }: Question): Promise<Bytes> {
  const shape = shapeOf(asset.terms.units, sectorBytes);
  const leaves = [];
  try {
    for (const { sector, leaf } of askedLeaves(challenge.nonce, shape)) {
      const data = await volume.read(sectorFile(asset.id, sector), leaf * sectorLeafBytes, sectorLeafBytes);
      const within = { leaves: shape.leavesPerSector, index: leaf };
      const path = await readPath(volume, sectorTreeFile(asset.id, sector), within);
      const above = await readPath(volume, topTreeFile(asset.id), { leaves: shape.sectors, index: sector });
      leaves.push({ data, path: [...path, ...above] });
    }
  } catch (cause) {
    if (!(cause instanceof FairmeshError)) throw cause;
    const code = cause.code === "VOLUME_MISSING" ? "SECTOR_LOST" : cause.code;
    throw new FairmeshError(code, `a sector cannot be read: ${cause.message}`, { cause });
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
    // What is lent is copied; a Buffer's own `slice` would not.
    bytes = new Uint8Array(chunk);
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

/** Whether a sector is to be made again: always while a commitment is new, later in one draw of 32. */
const isInspected = ({ challenge: { epoch }, activeFromEpoch, draw }: Inspection): boolean =>
  epoch < activeFromEpoch + newEpochs || fromBigEndian(draw.subarray(0, 8)) % inspectedOf === 0n;

/** Makes the drawn one of the asked sectors again and compares its root with what the answer's path says that it is. */
async function inspectStorage(
  parts: StorageParts,
  { challenge, asset, draw }: Inspection,
  { answer, signal }: { readonly answer: Bytes; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const shape = shapeOf(asset.terms.units, parts.sectorBytes);
  const at = (draw[8] as number) % leavesPerChallenge;
  const asked = askedLeaves(challenge.nonce, shape)[at] as { readonly sector: number; readonly leaf: number };
  const decoded = storageAnswerCodec.decode(answer);
  const proved = decoded.ok ? decoded.value.leaves[at] : undefined;
  if (proved === undefined) return "an answer that was not checked";
  let node = merkleLeaf(proved.data);
  for (const [depth, sibling] of proved.path.slice(0, merkleDepth(shape.leavesPerSector)).entries())
    node = (asked.leaf >> depth) % 2 === 1 ? merkleNode(sibling, node) : merkleNode(node, sibling);
  const made = await makeSector(parts, { asset: asset.id, sector: asked.sector }, { signal, onProgress: () => {} });
  return equalBytes(made.subarray(-32), node) ? undefined : `sector ${asked.sector} is not what sealing makes`;
}

/** Who makes sectors of others again: threads of its own, so that neither one's own sealing nor the looks of others hold it up. */
export interface Inspector {
  readonly compute: Compute;
  readonly atOnce: number;
}

export function createStorageService(parts: ScrubParts & { readonly inspector?: Inspector }): Service {
  const { inspector } = parts;
  const inspecting = inspector === undefined ? parts : { ...parts, compute: inspector.compute };
  return {
    kind: "storage",
    exchangeMs: storageExchangeMs,
    prepare: (asset, signal, onProgress) => prepareStorage(parts, asset, { signal, onProgress }),
    async *answer(question) {
      yield await answerStorage(parts, question);
    },
    answerRoot: (_, answer) => sha256(answer),
    check: (question, answer) => checkStorage(parts, question, answer),
    watch: (asset, signal, hear) => scrubStorage(parts, asset, signal, hear),
    inspectionsAtOnce: inspector?.atOnce ?? 1,
    inspects: isInspected,
    inspect: (inspection, answer, signal) => inspectStorage(inspecting, inspection, { answer, signal }),
  };
}
