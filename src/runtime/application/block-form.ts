// The form of a block, before anything is executed: canonical bytes whose every part the digest commits to (L-1).

import { blockTime } from "../../ledger/index.ts";
import { type Bytes, equalBytes, err, type NetworkId, ok, type Result } from "../../primitives/index.ts";
import {
  type Block,
  type BlockFacts,
  blockCodec,
  blockDigest,
  blockWitnessCodec,
  type Header,
  type Parameters,
  transactionsCodec,
} from "../../schema/index.ts";

export const factsOf = (header: Header, p: Parameters): BlockFacts => ({
  digest: blockDigest(header),
  parent: header.parent,
  height: header.height,
  term: header.term,
  timestampMs: header.timestampMs,
  lastOfTerm: header.height > 0 && blockTime(header.height, p).lastOfTerm,
});

export interface ReadBlock {
  readonly block: Block;
  readonly facts: BlockFacts;
}

/** A block of this network in its canonical form, or why `bytes` are none. */
export function readBlock(bytes: Bytes, networkId: NetworkId, p: Parameters): Result<ReadBlock, string> {
  const decoded = blockCodec.decode(bytes);
  if (!decoded.ok) return err(decoded.error.code);
  const { header, transactions, witness } = decoded.value;
  if (header.version !== 1) return err("version-unknown");
  if (!equalBytes(header.networkId, networkId)) return err("network-wrong");
  if (header.height < 1) return err("height-wrong");
  const time = blockTime(header.height, p);
  if (header.epoch !== time.epoch || header.term !== time.term) return err("epoch-wrong");
  if (witness.transactions.length !== transactions.length) return err("witness-count");
  if (!equalBytes(header.transactionsRoot, transactionsCodec.root(transactions))) return err("transactions-root");
  if (!equalBytes(header.witnessRoot, blockWitnessCodec.root(witness))) return err("witness-root");
  if (bytes.length > p.blockBytesMax) return err("too-large");
  return ok({ block: decoded.value, facts: factsOf(header, p) });
}
