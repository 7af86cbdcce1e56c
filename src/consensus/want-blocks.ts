// Which blocks the driver should get and execute: those certified above the floor, an ancestor of a final one whose outcome
// was lost, and the current view's proposal once its parent is certified and executed (S-3, S-5, S-7): what no quorum vouches
// for never makes us fetch a line of ancestors. Asked once a digest, and once more when a certificate vouches for it (L-2).
import { bitmapIndices, type Digest, keyOf } from "../primitives/index.ts";
import type { Certificate } from "../schema/index.ts";
import { lineTo } from "./commit.ts";
import { leaderOf } from "./committee.ts";
import { certifiedIn, executed } from "./parent.ts";
import { type Draft, recordsOf, viewRecord } from "./state.ts";

export function wantBlocks(draft: Draft): void {
  for (const record of recordsOf(draft)) {
    const certificate = record.finalize ?? record.notarize;
    if (certificate === undefined) continue;
    const how = { notarized: true, sources: signersOf(draft, certificate) };
    want(draft, certificate.statement.digest, how);
    const facts = record.finalize === undefined ? undefined : executed(draft, record.finalize.statement.digest);
    const line = facts === undefined ? undefined : lineTo(draft, facts);
    if (line?.kind === "missing") want(draft, line.digest, how);
  }
  const { proposal } = viewRecord(draft, draft.view);
  const parent = proposal === undefined ? undefined : certifiedIn(draft, proposal.statement.parentView);
  if (proposal === undefined || parent === undefined || executed(draft, parent) === undefined) return;
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
