// A small application to agree on, for tests of consensus alone: a chain of checksummed blocks over a hash as state.
// The same contract as runtime/application: total checks, overlays until commit, one synchronous batch a commit.
import { hash } from "node:crypto";
import type { Application, BlockFacts, Store, TermCommittee } from "../../src/ports/index.ts";
import {
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  fromBigEndian,
  invariant,
  keyOf,
} from "../../src/primitives/index.ts";
import { type Certificate, certificateCodec } from "../../src/schema/index.ts";

export interface ChainOptions {
  readonly store: Store;
  readonly committee: (term: number) => TermCommittee | undefined;
  readonly blocksPerTerm: number;
  readonly intervalMs: number;
  readonly driftMs: number;
  readonly genesisMs: number;
  /** Bytes of payload in each block. */
  readonly payloadBytes: number;
  /** Drawn into each block, so that two blocks built on one parent differ. */
  readonly payload: (length: number) => Bytes;
}

interface Executed {
  readonly facts: BlockFacts;
  readonly bytes: Bytes;
  readonly stateRoot: Digest;
}

const sha = (...parts: readonly Bytes[]): Digest =>
  digest(new Uint8Array(hash("sha256", Buffer.concat(parts as Uint8Array[]), "buffer")));

const blocksSpace = "chain-blocks";
const tipSpace = "chain-tip";
const tipKey = Uint8Array.of(0);
const headBytes = 32 + 8 + 8 + 8 + 2;

export function chainApplication(options: ChainOptions): Application {
  const { store, blocksPerTerm } = options;
  const lastOfTerm = (height: number): boolean => height > 0 && height % blocksPerTerm === 0;
  const termOf = (height: number): number => (height === 0 ? 0 : Math.floor((height - 1) / blocksPerTerm));

  const genesisBytes = concatBytes(
    new Uint8Array(32),
    bigEndian(0),
    bigEndian(0),
    bigEndian(options.genesisMs),
    bigEndian(0, 2),
    sha(new Uint8Array()),
  );

  const inspect = (bytes: Bytes): BlockFacts | undefined => {
    if (bytes.length < headBytes + 32) return undefined;
    const height = Number(fromBigEndian(bytes.subarray(32, 40)));
    return {
      digest: sha(bytes),
      parent: digest(bytes.slice(0, 32)),
      height,
      term: Number(fromBigEndian(bytes.subarray(40, 48))),
      timestampMs: Number(fromBigEndian(bytes.subarray(48, 56))),
      lastOfTerm: lastOfTerm(height),
    };
  };
  const genesis: Executed = {
    facts: inspect(genesisBytes) as BlockFacts,
    bytes: genesisBytes,
    stateRoot: sha(new Uint8Array()),
  };

  const overlays = new Map<string, Executed>();
  let tip = loadTip();
  let finalization = loadFinalization();

  function loadTip(): Executed {
    const stored = store.get(tipSpace, tipKey);
    if (stored === undefined) return genesis;
    const bytes = store.get(blocksSpace, stored.slice(0, 32)) as Bytes;
    return { facts: inspect(bytes) as BlockFacts, bytes, stateRoot: digest(bytes.slice(-32)) };
  }

  function loadFinalization(): Certificate | undefined {
    const stored = store.get(tipSpace, tipKey);
    if (stored === undefined) return undefined;
    const decoded = certificateCodec.decode(stored.slice(32));
    invariant(decoded.ok, "a stored certificate can be read");
    return decoded.value;
  }

  const executedParent = (parent: Digest): Executed | undefined =>
    equalBytes(parent, tip.facts.digest) ? tip : overlays.get(keyOf(parent));
  const stateAfter = (parent: Executed, bytes: Bytes): Digest => sha(parent.stateRoot, bytes.subarray(0, -32));

  return {
    tip: () => ({ facts: tip.facts, finalization }),
    committee: options.committee,
    inspect,
    block: (wanted) => (equalBytes(wanted, genesis.facts.digest) ? genesisBytes : store.get(blocksSpace, wanted)),
    bodiesFrom: () => 0,
    async build({ parent, term, seat, nowMs }) {
      const before = executedParent(parent);
      invariant(before !== undefined, "the parent was checked or built before");
      const timestampMs = Math.max(nowMs, before.facts.timestampMs + options.intervalMs);
      const head = concatBytes(
        parent,
        bigEndian(before.facts.height + 1),
        bigEndian(term),
        bigEndian(timestampMs),
        bigEndian(seat, 2),
        options.payload(options.payloadBytes),
      );
      const stateRoot = stateAfter(before, concatBytes(head, new Uint8Array(32)));
      const bytes = concatBytes(head, stateRoot);
      const facts = inspect(bytes) as BlockFacts;
      overlays.set(keyOf(facts.digest), { facts, bytes, stateRoot });
      return { facts, bytes };
    },
    async check(bytes, nowMs) {
      const facts = inspect(bytes);
      if (facts === undefined) return { kind: "invalid", reason: "malformed" };
      const before = executedParent(facts.parent);
      if (before === undefined) {
        if (facts.height <= tip.facts.height + 1) return { kind: "invalid", reason: "not-on-the-final-chain" };
        return { kind: "unavailable", missing: facts.parent };
      }
      if (facts.height !== before.facts.height + 1 || facts.term !== termOf(facts.height)) {
        return { kind: "invalid", reason: "height" };
      }
      if (facts.timestampMs < before.facts.timestampMs + options.intervalMs) {
        return { kind: "invalid", reason: "timestamp" };
      }
      const stateRoot = stateAfter(before, bytes);
      if (!equalBytes(stateRoot, bytes.slice(-32))) return { kind: "invalid", reason: "state-root" };
      if (facts.timestampMs > nowMs + options.driftMs) {
        return { kind: "early", atMs: facts.timestampMs - options.driftMs };
      }
      overlays.set(keyOf(facts.digest), { facts, bytes, stateRoot });
      return { kind: "valid", facts };
    },
    async commit(chain, certificate, alongside) {
      const blocks = chain.map((wanted) => overlays.get(keyOf(wanted)) as Executed);
      const last = blocks.at(-1) as Executed;
      await store.batch(
        [
          ...alongside,
          ...blocks.map(({ facts, bytes }) => ({ space: blocksSpace, key: facts.digest, value: bytes })),
          {
            space: tipSpace,
            key: tipKey,
            value: concatBytes(last.facts.digest, certificateCodec.encode(certificate)),
          },
        ],
        { sync: true },
      );
      tip = last;
      finalization = certificate;
      for (const [key, overlay] of Array.from(overlays)) {
        if (overlay.facts.height <= last.facts.height) overlays.delete(key);
      }
    },
  };
}
