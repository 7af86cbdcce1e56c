// The real driver and core on simulated ports: four nodes, nothing wrong, several terms.
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  chainApplication,
  cheapSigner,
  cheapVerifier,
  consensusNode,
  Scheduler,
  SimulatedDisk,
  SimulatedNetwork,
  SimulatedNode,
  seededRandom,
} from "../../simulation/environment/index.ts";
import { timingOf } from "../../src/consensus/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { networkId } from "../../src/primitives/index.ts";
import { committeeCodec } from "../../src/schema/index.ts";

test("four nodes finalize across terms", async () => {
  const random = seededRandom("four");
  const startMs = 1_700_000_000_000;
  const scheduler = new Scheduler({ startMs, random: random.stream("order") });
  const network = new SimulatedNetwork({ scheduler, random: random.stream("network"), latencyMs: () => 20 });
  const signers = [0, 1, 2, 3].map((index) => cheapSigner(String(index)));
  const timing = timingOf(500, 1000);
  const committee = (term: number) => {
    const record = { term, seats: signers.map((s) => ({ operator: s.accountId, publicKey: s.publicKey })) };
    return { record, root: committeeCodec.root(record), beacon: sha256(Uint8Array.of(term)) };
  };
  const nodes = signers.map((signer) => {
    const index = network.add(signer.accountId);
    return new SimulatedNode({
      index,
      scheduler,
      network,
      random: random.stream(`node ${index}`),
      clockOffsetMs: 0,
      disk: new SimulatedDisk({ scheduler, random: random.stream(`disk ${index}`), syncMs: 1, label: String(index) }),
      compose: consensusNode({
        signer,
        verifier: cheapVerifier,
        networkId: networkId(new Uint8Array(32)),
        timing,
        application: (store) =>
          chainApplication({
            store,
            committee,
            blocksPerTerm: 5,
            intervalMs: 500,
            driftMs: 250,
            genesisMs: startMs - 500,
            payloadBytes: 100,
            payload: (length) => random.bytes(length),
          }),
      }),
    });
  });
  for (const node of nodes) node.start();
  await scheduler.run(startMs + 30_000);
  for (const node of nodes) assert.ok((node.driver?.status().height ?? 0) >= 45, String(node.driver?.status().height));
});

test.run();
