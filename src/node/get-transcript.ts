// What proves a pass that an auditor reported, for RPC: asked of the auditor, and checked against the ledger's entry (P-3, P-6).
import { type Bytes, equalBytes, FairmeshError } from "../primitives/index.ts";
import type { Duties } from "../runtime/duties/index.ts";
import { fetchTranscript } from "../runtime/fetch/index.ts";
import { type TranscriptRequest, transcriptCodec } from "../schema/index.ts";
import { type Asking, fetchParts } from "./fetch-parts.ts";

const askMs = 10_000;

/** Undefined when the ledger has no such pass in a report that is not settled, or nobody gives what proves it. */
export async function getTranscript(
  asking: Asking & { readonly duties: Duties },
  request: TranscriptRequest,
): Promise<Bytes | undefined> {
  try {
    const found = equalBytes(request.auditor, asking.account)
      ? await asking.duties.transcript(request)
      : await fetchTranscript(fetchParts(asking), request, AbortSignal.timeout(askMs));
    return found === undefined ? undefined : transcriptCodec.encode(found);
  } catch (error) {
    if (error instanceof FairmeshError || (error as { readonly name?: string }).name === "TimeoutError")
      return undefined;
    throw error;
  }
}
