// Chains are renewed before they are used up, over a real chain of blocks: seats go on proposing and auditors reporting for
// longer than one chain lasts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createHashChain, sha256 } from "../../../src/crypto/index.ts";
import { blockTime } from "../../../src/ledger/index.ts";
import { utf8ToBytes } from "../../../src/primitives/index.ts";
import { ChainKeeper } from "../../../src/runtime/duties/index.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { TestChain, type TestOperator } from "../../support/test-chain.ts";

const length = 96;

/** A keeper for one operator of a chain, which knows its chains of every generation. */
function keeperOf(chain: TestChain, operator: TestOperator, index: number): ChainKeeper {
  const made = (role: string, generation: number) =>
    createHashChain(sha256(utf8ToBytes(`${role} ${index} ${generation}`)), length);
  return new ChainKeeper({
    log: quietLog,
    operator: () => chain.app.queries.operator(operator.account),
    chains: (generation) => {
      const [beacon, auditor] = [made("beacon", generation), made("auditor", generation)];
      operator.beacons[generation] = beacon;
      const firstEpoch = blockTime(chain.height + 1, chain.parameters).epoch + 2;
      operator.auditors[generation] = { chain: auditor, firstEpoch };
      return { beaconCommitment: beacon.end, auditorCommitment: auditor.end, chainLength: length };
    },
    view: {
      parameters: chain.parameters,
      head: () => {
        const { height } = chain;
        const { epoch, offset } = blockTime(Math.max(1, height), chain.parameters);
        return { height, epoch, offset };
      },
      secret: (epoch) => chain.secret(operator, epoch),
      submit: async (body) => {
        const refused = await chain.send(operator.signer, body);
        if (refused !== undefined) throw new Error(refused);
      },
    },
  });
}

test("four seats go on for longer than their chains last, each renewing in time and once", async () => {
  const chain = await TestChain.create({ chainLength: length, parameters: { beaconChainMin: length } });
  await chain.registerAsset(chain.operators[0] as TestOperator);
  const keepers = chain.operators.map((operator, index) => keeperOf(chain, operator, index));
  // Four seats reveal in turn: 96 reveals each last for 384 blocks.
  while (chain.height < 4 * length + 8) {
    await chain.duties((entry) => entry);
    await chain.block();
    for (const keeper of keepers) await keeper.onBlock();
  }
  assert.equal(chain.refused, []);
  for (const { account } of chain.operators) {
    const operator = chain.app.queries.operator(account);
    assert.is(operator?.chainGeneration, 1);
    assert.ok((operator?.beaconRevealed as number) < length);
  }
  const settled = chain.app.queries.head().header.epoch - 2;
  assert.is(chain.app.queries.epochRecord(settled)?.auditPay, chain.app.queries.epochRecord(3)?.auditPay);
});

test("what could not be sent is tried again in the next epoch, and not before", async () => {
  const asked: number[] = [];
  let height = 0;
  const keeper = new ChainKeeper({
    log: quietLog,
    operator: () => ({ chainLength: 100, beaconRevealed: 99, chainGeneration: 4, renewal: [] }),
    chains: (generation) =>
      ({
        beaconCommitment: new Uint8Array(32),
        auditorCommitment: new Uint8Array(32),
        chainLength: generation,
      }) as never,
    view: {
      parameters: { epochBlocks: 10 } as never,
      head: () => ({ height, epoch: Math.floor(height / 10), offset: height % 10 }),
      secret: () => undefined,
      submit: (body) => {
        asked.push((body.value as { chainLength: number }).chainLength);
        return Promise.reject(new Error("the pool is full"));
      },
    },
  });
  for (; height < 25; height++) await keeper.onBlock();
  assert.equal(asked, [5, 5, 5]);
});

test.run();
