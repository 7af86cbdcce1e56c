// The SDK's types are the node's schemas: neither side can change alone. The types are compared by the compiler.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { z } from "zod";
import type * as client from "../../src/client/index.ts";
import { rpcMethods } from "../../src/rpc/index.ts";
import type * as shapes from "../../src/rpc/shapes.ts";

type Frozen<T> = T extends readonly (infer U)[]
  ? readonly Frozen<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Shape<K extends keyof typeof shapes> = (typeof shapes)[K] extends z.ZodType
  ? Frozen<z.infer<(typeof shapes)[K]>>
  : never;

/** Does not compile unless every entry is `true`. */
const same: {
  readonly [K in
    | "status"
    | "peer"
    | "alert"
    | "block"
    | "certificate"
    | "account"
    | "transaction"
    | "asset"
    | "capacity"
    | "audit"
    | "proof"
    | "blob"
    | "concentrations"
    | "epochRecord"
    | "reward"
    | "explanation"]: true;
} = {
  status: true satisfies Same<Shape<"status">, Frozen<client.NodeStatus>>,
  peer: true satisfies Same<Shape<"peer">, Frozen<client.Peer>>,
  alert: true satisfies Same<Shape<"alert">, Frozen<client.Alert>>,
  block: true satisfies Same<Shape<"block">, Frozen<client.Block>>,
  certificate: true satisfies Same<Shape<"certificate">, Frozen<client.BlockCertificate>>,
  account: true satisfies Same<Shape<"account">, Frozen<client.Account>>,
  transaction: true satisfies Same<Shape<"transaction">, Frozen<client.TransactionStatus>>,
  asset: true satisfies Same<Shape<"asset">, Frozen<client.Asset>>,
  capacity: true satisfies Same<Shape<"capacity">, Frozen<client.Capacity>>,
  audit: true satisfies Same<Shape<"audit">, Frozen<client.Audit>>,
  proof: true satisfies Same<Shape<"proof">, Frozen<client.ServiceProof>>,
  blob: true satisfies Same<Shape<"blob">, Frozen<client.StoredBlob>>,
  concentrations: true satisfies Same<Shape<"concentrations">, Frozen<client.EpochConcentration>>,
  epochRecord: true satisfies Same<Shape<"epochRecord">, Frozen<client.EpochRecord>>,
  reward: true satisfies Same<Shape<"reward">, Frozen<client.Reward>>,
  explanation: true satisfies Same<Shape<"explanation">, Frozen<client.RewardExplanation>>,
};

const names: Readonly<Record<client.MethodName, true>> = {
  node_status: true,
  node_peers: true,
  node_identity: true,
  node_alerts: true,
  chain_getHead: true,
  chain_getBlock: true,
  chain_getCertificate: true,
  chain_getCommittee: true,
  params_get: true,
  account_get: true,
  tx_submit: true,
  tx_get: true,
  asset_get: true,
  asset_list: true,
  asset_find: true,
  capacity_list: true,
  capacity_find: true,
  audit_list: true,
  audit_getTranscript: true,
  proof_list: true,
  blob_list: true,
  blob_put: true,
  blob_get: true,
  blob_remove: true,
  reward_getEpoch: true,
  reward_list: true,
  reward_explain: true,
  reward_getCertificate: true,
  concentration_get: true,
  concentration_history: true,
  subscription_open: true,
  subscription_close: true,
};

test("the SDK has every method of the node, and no other", () => {
  assert.equal(Object.keys(names).sort(), rpcMethods.map(({ name }) => name).sort());
  assert.ok(Object.values(same).every(Boolean));
});

test.run();
