// What an honest auditor of a TestChain finds (P-2): each window's audit of each asset that was drawn for it, passed with all
// registered units and proved by the owner's signed response.
import { challengeNonce } from "../../src/ledger/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { type AssetId, type Digest, equalBytes, zeroDigest } from "../../src/primitives/index.ts";
import type { StoredFinding } from "../../src/runtime/duties/findings.ts";
import { challengeCodec, responseCodec, signingRoot } from "../../src/schema/index.ts";
import type { TestChain, TestOperator } from "./test-chain.ts";

interface Audit {
  readonly epoch: number;
  readonly window: number;
  readonly reveal: Digest;
  readonly kind: number;
  readonly assetId: AssetId;
}

async function transcriptOf(chain: TestChain, audit: Audit, by: { auditor: TestOperator; owner: TestOperator }) {
  const { epoch, window, reveal, kind, assetId } = audit;
  const { auditor, owner } = by;
  const secret = chain.secret(auditor, epoch);
  const nonce = challengeNonce({ reveal, secret, assetId, auditor: auditor.account, index: 0 });
  const challenge = { epoch, kind, window, index: 0, assetId, auditor: auditor.account, nonce };
  const response = { challengeRoot: challengeCodec.root(challenge), prover: owner.account, answerRoot: nonce };
  const sign = (signer: Signer, root: Digest, purpose: "challenge" | "response") =>
    signer.sign(signingRoot(root, chain.app.networkId, purpose), purpose);
  return {
    challenge,
    challengeSignature: await sign(auditor.signer, response.challengeRoot, "challenge"),
    response,
    responseSignature: await sign(owner.signer, responseCodec.root(response), "response"),
    position: 0,
    siblings: [],
    answer: new Uint8Array(0),
  };
}

export async function honestFindings(
  chain: TestChain,
  auditor: TestOperator,
  epoch: number,
): Promise<readonly StoredFinding[]> {
  const { queries } = chain.app;
  const found: StoredFinding[] = [];
  for (const assetId of queries.assignedTo(epoch, auditor.account)) {
    const asset = queries.asset(assetId);
    const owner = chain.operators.find(({ account }) => equalBytes(account, asset?.owner ?? zeroDigest));
    if (asset === undefined || owner === undefined) continue;
    const { kind, units } = asset.terms;
    for (const { window, reveal } of queries.windows(epoch).filter((one) => one.kind === kind)) {
      const transcript = await transcriptOf(chain, { epoch, window, reveal, kind, assetId }, { auditor, owner });
      const head = { epoch, assetId, window, passed: true, measured: units, latencyMs: 5 };
      found.push({ ...head, transcript: [transcript] });
    }
  }
  return found;
}
