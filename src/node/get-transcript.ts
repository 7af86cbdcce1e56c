// What proves a pass that an auditor reported, for RPC: asked of the auditor, and checked against the ledger's entry (P-3, P-6).
import type { Verifier } from "../crypto/index.ts";
import type { Network } from "../network/index.ts";
import { type AccountId, type Bytes, equalBytes, FairmeshError } from "../primitives/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import type { Duties } from "../runtime/duties/index.ts";
import { fetchTranscript } from "../runtime/fetch/index.ts";
import { networkView } from "../runtime/whole/index.ts";
import { type TranscriptRequest, transcriptCodec } from "../schema/index.ts";

const askMs = 10_000;

export interface TranscriptSources {
  readonly application: LedgerApplication;
  readonly network: Network;
  readonly duties: Duties;
  readonly verifier: Verifier;
  readonly account: AccountId;
}

/** Undefined when the ledger has no such pass in a report that is not settled, or nobody gives what proves it. */
export async function getTranscript(
  { application, network, duties, verifier, account }: TranscriptSources,
  request: TranscriptRequest,
): Promise<Bytes | undefined> {
  const parts = {
    transport: network.transport,
    facts: application.queries,
    view: networkView(application),
    verifier,
    onLie: (from: AccountId, detail: string) => network.report(from, "false-answer", detail),
  };
  try {
    const found = equalBytes(request.auditor, account)
      ? await duties.transcript(request)
      : await fetchTranscript(parts, request, AbortSignal.timeout(askMs));
    return found === undefined ? undefined : transcriptCodec.encode(found);
  } catch (error) {
    if (error instanceof FairmeshError || (error as { readonly name?: string }).name === "TimeoutError")
      return undefined;
    throw error;
  }
}
