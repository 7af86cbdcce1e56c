// A block that this node has executed, with the state after it: what later blocks stand on until they are final.
import type { EpochSettlement, ExecutedBlock, LedgerState, StateChange } from "../../ledger/index.ts";
import type { Bytes, Digest } from "../../primitives/index.ts";
import type { Block, BlockFacts, EpochRecord, Header, Posting } from "../../schema/index.ts";

export interface ChainBlock {
  readonly facts: BlockFacts;
  readonly header: Header;
  /** Absent for genesis, and for a tip that was read from the disk. */
  readonly block: Block | undefined;
  readonly bytes: Bytes;
  readonly state: LedgerState;
  readonly changes: readonly StateChange[];
  readonly record: EpochRecord | undefined;
  /** The settlement that runs when this block is executed, and the one that it finished. */
  readonly settling: EpochSettlement | undefined;
  readonly settled: ExecutedBlock["settlement"];
  readonly postings: readonly Posting[];
  /** Keys shown or named in this block's transactions. */
  readonly keys: readonly (readonly [Digest, Bytes])[];
  readonly parent: ChainBlock | undefined;
}
