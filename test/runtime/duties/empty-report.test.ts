// Who is drawn and has nothing to audit reports that, over a real chain of blocks: only whoever reports can be seated (P-3).
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isComplete } from "../../../src/ledger/index.ts";
import { systemClock } from "../../../src/native/index.ts";
import { Duties, type DutyView } from "../../../src/runtime/duties/index.ts";
import { dutyView } from "../../../src/runtime/whole/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { quietLog, quietMetrics } from "../../support/quiet-ports.ts";
import { TestChain, type TestOperator } from "../../support/test-chain.ts";

function dutiesOf(chain: TestChain, operator: TestOperator, change: Partial<DutyView> = {}): Duties {
  const own = {
    account: operator.account,
    auditorChain: () => (operator.auditors[0] as TestOperator["auditors"][number]).chain,
    submit: async (body: Parameters<TestChain["send"]>[1]) => {
      const refused = await chain.send(operator.signer, body);
      if (refused !== undefined) throw new Error(refused);
    },
  };
  const view = { ...dutyView(chain.app, own), ...change };
  return new Duties({
    ...{
      store: createMemoryStore(),
      signer: operator.signer,
      clock: systemClock,
      log: quietLog,
      metrics: quietMetrics,
    },
    view,
  } as unknown as ConstructorParameters<typeof Duties>[0]);
}

test("the owner of the only asset, who may not audit it, files a whole report of nothing each epoch, once", async () => {
  const chain = await TestChain.create();
  const [owner] = chain.operators as [TestOperator];
  await chain.registerAsset(owner);
  chain.silentReports = [0];
  const duties = dutiesOf(chain, owner);
  while (chain.height < 5 * chain.parameters.epochBlocks) {
    await chain.duties((entry) => entry);
    await chain.block();
    await duties.onBlock();
  }
  assert.equal(chain.refused, []);
  const { queries } = chain.app;
  const epoch = queries.head().header.epoch - 1;
  assert.equal(queries.assignedTo(epoch, owner.account), []);
  assert.ok((queries.operator(owner.account)?.reportedEpochs ?? 0) >= epoch, "it counts as one who reports");
  const report = queries.report(epoch, owner.account);
  assert.ok(report !== undefined && isComplete(report));
  assert.equal(report.counts, [0]);
});

test("whoever is not in an epoch's draw reports nothing", async () => {
  const chain = await TestChain.create();
  const [owner] = chain.operators as [TestOperator];
  const { isDrawn } = dutyView(chain.app, { account: owner.account } as never);
  const stranger = owner.account.map((byte) => byte ^ 255) as typeof owner.account;
  assert.equal([isDrawn(0, owner.account), isDrawn(0, stranger)], [true, false]);
  // As the ledger would refuse it, it is not even sent.
  chain.silentReports = [0];
  const sent: string[] = [];
  const submit = async ({ kind }: { readonly kind: string }): Promise<void> => void sent.push(kind);
  const [drawn, other] = [dutiesOf(chain, owner, { submit }), dutiesOf(chain, owner, { submit, isDrawn: () => false })];
  while (chain.height < 2 * chain.parameters.epochBlocks) {
    await chain.block();
    await other.onBlock();
  }
  assert.equal(sent, []);
  await chain.block();
  await drawn.onBlock();
  assert.equal(sent, ["reportCommit"]);
});

test.run();
