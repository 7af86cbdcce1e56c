// One file that proves one reward (section 6): audit results and receipts -> leaf -> epoch record -> header -> finalization ->
// committees back to genesis' own or to a checkpoint. A file is a line that names format and version, the SSZ bytes, and H of
// all before it. Only form is judged here: the proof is read in ledger/certificate, its signatures are verified by client.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { sha256 } from "../crypto/index.ts";
import { type Bytes, concatBytes, equalBytes, err, ok, type Result, utf8ToBytes } from "../primitives/index.ts";
import { receiptType, reportEntryType } from "./audit.ts";
import { accountIdType, digestType, listOf, optionalOf, uint32Type } from "./basic.ts";
import { headerType } from "./block.ts";
import { codec } from "./codec.ts";
import { certificateType } from "./consensus.ts";
import { auditorsMax, committeeType, epochRecordType, explanationType, rewardLeafType } from "./epoch.ts";
import { genesisProofType } from "./genesis.ts";
import { committeeStateType } from "./state.ts";
import { stateProofType } from "./state-proof.ts";

/** Blocks from the one that closes an epoch to the next that has a finalization of its own. */
export const sealHeadersMax = 256;
export const receiptsOfAssetMax = 1024;
const handOversMax = 4096;

const auditedEntryType = new ContainerType({ auditor: accountIdType, entry: reportEntryType });
const auditedEntriesType = listOf(auditedEntryType, auditorsMax);
/** An epoch record, the block in which it stands with its descendants, and the finalization of the last of them. */
const sealType = new ContainerType({
  record: epochRecordType,
  headers: listOf(headerType, sealHeadersMax),
  finalization: certificateType,
});
/** A term's end: its seal names the committee of the term after next. */
const handOverType = new ContainerType({ seal: sealType, committee: committeeType });
/** The last block of a term, and a later term's committee in its state. The digest of such a block is a checkpoint. */
const anchorType = new ContainerType({
  header: headerType,
  committee: committeeStateType,
  proof: stateProofType,
});
const rewardCertificateType = new ContainerType({
  genesis: genesisProofType,
  /** None when the first committee is one of genesis' own (terms 0 and 1). */
  anchor: optionalOf(anchorType),
  committee: committeeType,
  handOvers: listOf(handOverType, handOversMax),
  seal: sealType,
  leaf: rewardLeafType,
  index: uint32Type,
  siblings: listOf(digestType, 23),
  explanation: explanationType,
  entries: auditedEntriesType,
  receipts: listOf(receiptType, receiptsOfAssetMax),
});

export { anchorType, handOverType, sealType };

export type AuditedEntry = ValueOf<typeof auditedEntryType>;
export type Seal = ValueOf<typeof sealType>;
export type HandOver = ValueOf<typeof handOverType>;
export type Anchor = ValueOf<typeof anchorType>;
export type RewardCertificate = ValueOf<typeof rewardCertificateType>;

export const auditedEntriesCodec = codec("audited entries", auditedEntriesType);
export const sealCodec = codec("seal", sealType);
export const anchorCodec = codec("anchor", anchorType);
const bodyCodec = codec("reward certificate", rewardCertificateType, 512 << 20);

const firstLine = utf8ToBytes("fairmesh reward certificate 1\n");
const checksumBytes = 32;
/** What a file can have at most: about 1,900 hand-overs of 64 seats. */
export const rewardCertificateBytesMax = firstLine.length + bodyCodec.sizeMax + checksumBytes;

export function encodeRewardCertificate(certificate: RewardCertificate): Bytes {
  const content = concatBytes(firstLine, bodyCodec.encode(certificate));
  return concatBytes(content, sha256(content));
}

/** `format-unknown`: not such a file, or of a later version; `checksum`: damaged or cut; `malformed`: not canonical SSZ. */
export function decodeRewardCertificate(
  file: Bytes,
): Result<RewardCertificate, "format-unknown" | "checksum" | "malformed"> {
  const content = file.subarray(0, Math.max(0, file.length - checksumBytes));
  if (!equalBytes(file.subarray(0, firstLine.length), firstLine)) return err("format-unknown");
  if (!equalBytes(sha256(content), file.subarray(content.length))) return err("checksum");
  const decoded = bodyCodec.decode(content.subarray(firstLine.length));
  return decoded.ok ? ok(decoded.value) : err("malformed");
}
