// What the network hears and answers beside consensus and audits: gossip of transactions, advertisements and proofs of
// service, and what peers fetch. A fault that only a liar makes is held against its sender.
import type { Verifier } from "../../crypto/index.ts";
import type { Clock, Log, Signer, Transport, Verdict } from "../../ports/index.ts";
import type { AccountId, AssetId } from "../../primitives/index.ts";
import {
  blockCodec,
  certificateCodec,
  postingsInChunkMax,
  signedTransactionCodec,
  type Transcript,
  type TranscriptRequest,
  transcriptCodec,
} from "../../schema/index.ts";
import { capacityRule, createSequencedValidator, proofOfServiceRule } from "../../validation/index.ts";
import type { LedgerApplication } from "../application/index.ts";
import { CapacityBook } from "../capacity/index.ts";
import { type FetchSource, OwnRecords, type StateSnapshots, serveFetches } from "../fetch/index.ts";
import { ProofBook } from "../services/index.ts";
import { networkView } from "./chain-views.ts";

export interface ServedParts {
  readonly transport: Transport;
  /** Where this node is reached, for the records of its assets. */
  readonly addresses: () => readonly string[];
  readonly application: LedgerApplication;
  readonly verifier: Verifier;
  readonly signer: Signer;
  /** Ids of the assets that this node serves. */
  readonly assets: () => readonly AssetId[];
  /** States of terms' ends that peers may join by. */
  readonly snapshots: StateSnapshots;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
  /** What this node keeps of an audit of its own. */
  readonly transcript: (request: TranscriptRequest) => Promise<Transcript | undefined>;
}

const subjectsMax = 200_000;

/** What anyone may fetch of the chain that this node follows. */
export function chainSource({ queries, parameters }: LedgerApplication, snapshots: StateSnapshots): FetchSource {
  const termBlocks = parameters.termEpochs * parameters.epochBlocks;
  return {
    block(height) {
      const block = queries.block(height);
      return block === undefined ? undefined : blockCodec.encode(block);
    },
    certificate(height) {
      const finalization = queries.finalization(height);
      return finalization === undefined ? undefined : certificateCodec.encode(finalization);
    },
    bodiesFrom: () => queries.bodiesFrom(),
    termProof(checkpoint) {
      const newest = snapshots.heights().at(-1);
      return newest === undefined ? undefined : queries.termProof(newest / termBlocks - 1, checkpoint ?? "genesis");
    },
    publicKey: (id) => queries.publicKey(id),
    postings: ({ epoch, fromIndex }) => queries.postings(epoch, fromIndex, postingsInChunkMax),
    stateChunks: (request) => snapshots.chunks(request),
  };
}

/** Registers everything; answers the books that advertisements and proofs go to. */
export function serveNetwork(served: ServedParts): {
  readonly capacity: CapacityBook;
  readonly proofs: ProofBook;
} {
  const { transport, addresses, application, verifier, signer, assets, transcript, snapshots, log } = served;
  const view = networkView(application, served.clock);
  const parts = { view, verifier, subjectsMax };
  const capacity = new CapacityBook(createSequencedValidator(capacityRule, parts));
  const proofs = new ProofBook(createSequencedValidator(proofOfServiceRule, parts));
  transport.onGossip("capacity", (bytes) => capacity.receive(bytes));
  transport.onGossip("proofs", (bytes) => proofs.receive(bytes));
  transport.onGossip("transactions", async (bytes): Promise<Verdict> => {
    const taken = await application.submit(bytes);
    if (taken.ok) return "accept";
    if (taken.error !== "signature-wrong") return taken.error === "malformed" ? "reject" : "ignore";
    const decoded = signedTransactionCodec.decode(bytes);
    return decoded.ok && view.mayHaveOtherKey(decoded.value.transaction.sender as AccountId) ? "ignore" : "reject";
  });
  const own = new OwnRecords({ signer, view, assets, addresses });
  application.onCommit(({ facts, state }) => {
    if (!facts.lastOfTerm) return;
    snapshots.keep(facts.height, state).catch((cause: unknown) => {
      log.error("the state at a term's end was not kept for peers to join by", { cause: String(cause) });
    });
  });
  serveFetches(transport, {
    ...chainSource(application, snapshots),
    async transcript(request) {
      const kept = await transcript(request);
      return kept === undefined ? undefined : transcriptCodec.encode(kept);
    },
    assetRecords: (asset) => own.records(asset),
  });
  return { capacity, proofs };
}
