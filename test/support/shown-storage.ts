// A ledger with one storage asset, of test node 0 and audited by the others: the same in both processes of a test.
import { sha256 } from "../../src/crypto/index.ts";
import { assetId, assetKinds, equalBytes, utf8ToBytes } from "../../src/primitives/index.ts";
import type { DutyAsset, DutyView } from "../../src/runtime/duties/index.ts";
import { assetTermsCodec, parametersOf } from "../../src/schema/index.ts";
import { signerOf, testNetworkId } from "./test-network.ts";

export const shownEpoch = 4;

export const shownAsset = (units: bigint): DutyAsset => ({
  id: assetId(sha256(utf8ToBytes("shown asset"))),
  owner: signerOf(0).accountId,
  kind: "storage",
  terms: { ...assetTermsCodec.empty(), kind: assetKinds.indexOf("storage"), units },
  cell: 0n as never,
  activeFromEpoch: 0,
});

/** The prover, and as many auditors as mainnet draws. */
const signers = Array.from({ length: 8 }, (_, index) => signerOf(index));

export const shownView = (asset: DutyAsset): DutyView => {
  return {
    networkId: testNetworkId,
    // More windows than any network has: whoever shows something asks often, and gets few answers in each.
    parameters: { ...parametersOf("devnet"), windowsPerEpoch: 250 },
    head: () => ({ height: 100, epoch: shownEpoch, offset: 0 }),
    isDrawn: () => true,
    assignments: () => [asset.id],
    isAssigned: (_, id) => equalBytes(id, asset.id),
    asset: (id) => (equalBytes(id, asset.id) ? asset : undefined),
    windows: () => [],
    secret: () => undefined,
    reportStage: () => "none",
    owedTranscripts: () => [],
    claimParts: () => 0,
    publicKey: (account) => signers.find(({ accountId }) => equalBytes(accountId, account))?.publicKey,
    submit: async () => {},
  };
};
