// The network's clock (section 0; P-3, P-4, R-12): heights into epochs and terms, and the phases at their thirds and sixths.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { blockTime, drawOffset, freezeOffset, phaseAt, postedOffset } from "../../src/ledger/network-time.ts";
import { parametersOf } from "../../src/schema/index.ts";

const names = ["devnet", "testnet", "mainnet"] as const;

test("an epoch's blocks: reports are committed for a third, revealed for a third, then transcripts for a sixth", () => {
  for (const p of names.map(parametersOf)) {
    const phases = Array.from({ length: p.epochBlocks }, (_, offset) => phaseAt(offset, p));
    const lengths = (["commit", "reveal", "transcript", "settle"] as const).map(
      (phase) => phases.filter((one) => one === phase).length,
    );
    assert.equal(
      lengths,
      [3, 3, 6, 6].map((part) => p.epochBlocks / part),
    );
    assert.equal([...new Set(phases)], ["commit", "reveal", "transcript", "settle"]);
    assert.is(phases[drawOffset(p)], "reveal", "P-3: transcripts are drawn when nothing can be revealed any more");
    assert.is(phases[drawOffset(p) + 1], "transcript");
    assert.is(phases[freezeOffset(p) - 1], "transcript");
    assert.is(phases[freezeOffset(p)], "settle");
    assert.is(postedOffset(p) * 4, p.epochBlocks * 3);
  }
});

test("heights begin at 1; an epoch ends with its last block, a term with its last epoch", () => {
  const p = parametersOf("devnet");
  const { epochBlocks, termEpochs } = p;
  const first = { height: 1, epoch: 0, term: 0, offset: 0, lastOfEpoch: false, lastOfTerm: false };
  assert.equal(blockTime(1, p), first);
  const epochEnd = blockTime(epochBlocks, p);
  assert.equal([epochEnd.epoch, epochEnd.offset, epochEnd.lastOfEpoch], [0, epochBlocks - 1, true]);
  assert.equal([blockTime(epochBlocks + 1, p).epoch, blockTime(epochBlocks + 1, p).offset], [1, 0]);
  const termEnd = blockTime(epochBlocks * termEpochs, p);
  assert.equal([termEnd.term, termEnd.lastOfTerm], [0, true]);
  assert.is(blockTime(epochBlocks * termEpochs + 1, p).term, 1);
  assert.not(epochEnd.lastOfTerm);
});

test.run();
