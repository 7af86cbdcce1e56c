// Where this node's trust can begin (S-11): a block that its operator pins, the end of the last term that it followed itself, or
// genesis. All but the pinned one only as long as they are younger than the trusting period; of that one its proof says it.
import type { Digest } from "../../primitives/index.ts";
import type { Genesis } from "../../schema/index.ts";
import type { LedgerApplication } from "../application/index.ts";
import { isTrusted } from "../fetch/index.ts";

export interface TrustStart {
  readonly name: "checkpoint" | "own" | "genesis";
  /** Absent for genesis. */
  readonly checkpoint: Digest | undefined;
}

export function trustStarts(
  { queries, parameters }: LedgerApplication,
  given: { readonly genesis: Genesis; readonly checkpoint: Digest | undefined; readonly nowMs: number },
): readonly TrustStart[] {
  const starts: TrustStart[] = [];
  const { genesis, checkpoint, nowMs } = given;
  if (checkpoint !== undefined) starts.push({ name: "checkpoint", checkpoint });
  const own = queries.termEnd();
  if (own !== undefined && isTrusted(own.timestampMs, nowMs, parameters))
    starts.push({ name: "own", checkpoint: own.digest });
  if (isTrusted(genesis.timestampMs, nowMs, parameters)) starts.push({ name: "genesis", checkpoint: undefined });
  return starts;
}
