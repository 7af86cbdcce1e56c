// What an operator hears while its assets wait for registration: each reason once, with what to do.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { createNativeSigner } from "../../../src/native/index.ts";
import { cellAt, FairmeshError, fair, grains, utf8ToBytes, zeroDigest } from "../../../src/primitives/index.ts";
import { AssetKeeper } from "../../../src/runtime/duties/index.ts";
import { createMemoryLog } from "../../support/memory-telemetry.ts";

test("a reason is said when it is new, and not at each try", async () => {
  const log = createMemoryLog();
  let height = 0;
  let reason = "balance-too-low";
  const keeper = new AssetKeeper({
    ...{
      log,
      offers: [{ kind: "bandwidth", units: 1n, cell: cellAt(0, 0), bond: fair(1), pricePerUnitEpoch: grains(0n) }],
    },
    signer: createNativeSigner(sha256(utf8ToBytes("operator"))),
    view: {
      head: () => ({ height, epoch: 0, offset: 0 }),
      asset: () => undefined,
      submit: () => Promise.reject(new FairmeshError("TRANSACTION_REJECTED", "refused", { fields: { reason } })),
    },
    service: () => ({ prepare: async () => ({ dataCommitment: zeroDigest }) }),
  } as unknown as ConstructorParameters<typeof AssetKeeper>[0]);
  const blocks = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      height++;
      await keeper.onBlock();
      await new Promise((wake) => setImmediate(wake));
    }
  };
  await blocks(30);
  reason = "operator-unknown";
  await blocks(30);
  keeper.stop();
  const warned = log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  assert.is(warned.length, 2, warned.join("; "));
  assert.match(warned[0] ?? "", /more than fair1.* has; send it some FAIR/);
  assert.match(warned[1] ?? "", /`fairmesh bond AMOUNT`/);
});

test.run();
