// Judging a reward certificate whose committee has 4, 16 and 64 seats: its size, and the time on the native and the portable
// verifier, against verifying the same signatures alone. Real blocks, real ML-DSA-65 signatures.

import { verifyRewardCertificate } from "../../src/client/index.ts";
import { createPortableVerifier, type SignatureCheck, sha256, type Verifier } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { utf8ToBytes } from "../../src/primitives/index.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";
import { alternate, type BenchResult, median } from "./measure.ts";

export const title = "milliseconds to judge a reward certificate of 64 seats, against its signatures alone";

const seatsOf = [4, 16, 64];
const rounds = 7;

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
};

async function certificateOf(seats: number) {
  const chain = await TestChain.create({
    operators: seats,
    signer: (label) => createNativeSigner(sha256(utf8ToBytes(label))),
    verifier: createVerifier(),
    finalized: (height) => height === 48,
    parameters: { postingsPerBlock: 2000 },
  });
  const asset = await chain.registerAsset(chain.operators[0] as TestOperator);
  await chain.runTo(3);
  const made = await chain.app.queries.certificate(2, asset);
  if (!made.ok) throw new Error(made.error);
  return { file: made.value, genesis: chain.genesis };
}

export async function run(): Promise<BenchResult> {
  const details: Record<string, unknown> = {};
  let result: BenchResult | undefined;
  for (const seats of seatsOf) {
    const { file, genesis } = await certificateOf(seats);
    const judge = async (verifier: Verifier): Promise<void> => {
      const verdict = await verifyRewardCertificate(file, { verifier, genesis, nowMs: 0 });
      if (verdict.outcome !== "valid") throw new Error(`${verdict.outcome}: ${verdict.reason}`);
    };
    const checks: SignatureCheck[] = [];
    const listening: Verifier = { name: "native", verify: async (check) => checks.push(check) > 0 };
    await judge(listening);
    const native = createVerifier();
    const compared = await alternate(
      {
        ours: () => timed(() => judge(native)),
        baseline: () => timed(() => Promise.all(checks.map((check) => native.verify(check)))),
      },
      { rounds, unit: "ms, less is better" },
    );
    const portable: number[] = [];
    for (let round = 0; round < 3; round++) portable.push(await timed(() => judge(createPortableVerifier())));
    details[`seats${seats}`] = {
      bytes: file.length,
      signatures: checks.length,
      nativeMs: compared.ours,
      portableMs: Number(median(portable).toPrecision(4)),
    };
    result = compared;
  }
  return { ...(result as BenchResult), ...details };
}
