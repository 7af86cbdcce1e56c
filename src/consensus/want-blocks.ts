// Which blocks the driver should get and execute: those certified above the floor, and the current view's proposal once it
// is worth judging (S-3, S-5, S-7). Asked once for each digest, and once more when a certificate vouches for it (L-2).
import { bitmapIndices, type Digest, keyOf } from "../primitives/index.ts";
import type { Certificate } from "../schema/index.ts";
import { leaderOf } from "./committee.ts";
import { executed } from "./parent.ts";
import { type Draft, recordsOf, viewRecord } from "./state.ts";

export function wantBlocks(draft: Draft): void {
  for (const record of recordsOf(draft)) {
    const certificate = record.finalize ?? record.notarize;
    if (certificate === undefined) continue;
    want(draft, certificate.statement.digest, { notarized: true, sources: signersOf(draft, certificate) });
  }
  const { proposal } = viewRecord(draft, draft.view);
  if (proposal === undefined) return;
  want(draft, proposal.statement.digest, { notarized: false, sources: [leaderOf(draft.committee, draft.view)] });
}

function want(
  draft: Draft,
  digest: Digest,
  how: { readonly notarized: boolean; readonly sources: readonly number[] },
): void {
  const key = keyOf(digest);
  if (executed(draft, digest) !== undefined || draft.blocks.get(key)?.kind === "invalid") return;
  const asked = draft.asked.get(key);
  if (asked === true || asked === how.notarized) return;
  draft.asked = new Map(draft.asked).set(key, how.notarized);
  const sources = how.sources.filter((seat) => seat !== draft.seat);
  draft.effects.push({ kind: "check", digest, notarized: how.notarized, sources });
}

function signersOf(draft: Draft, certificate: Certificate): readonly number[] {
  const seats = bitmapIndices(certificate.signers, draft.committee.seats.length);
  const leader = leaderOf(draft.committee, certificate.statement.view);
  return seats.ok ? [leader, ...seats.value.filter((seat) => seat !== leader)] : [leader];
}
