// Both ends of a bandwidth audit, and of a plain libp2p stream of as many zeros, over loopback TCP: in one process or, through
// bandwidth-sender.ts, in two. For benchmarks and tests of what an audit costs.
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { sha256 } from "../../src/crypto/index.ts";
import { createVerifier, systemClock } from "../../src/native/index.ts";
import { assetKinds, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { serveAudits } from "../../src/runtime/duties/audit-exchange.ts";
import { askProver, type DutyAsset } from "../../src/runtime/duties/index.ts";
import { challengeCodec } from "../../src/schema/index.ts";
import { createBandwidthService, type Finding } from "../../src/services/index.ts";
import { makePlainHost } from "./plain-host.ts";
import { shownAsset, shownEpoch, shownView } from "./shown-storage.ts";
import { eventually, makeNode } from "./test-network.ts";

export interface End {
  readonly at: string;
  stop(): Promise<void>;
}

const assetOf = (units: bigint): DutyAsset => {
  const asset = shownAsset(units);
  return { ...asset, kind: "bandwidth", terms: { ...asset.terms, kind: assetKinds.indexOf("bandwidth") } };
};

/** A node that answers audits of an asset of `units` Mbit/s, at `auditsPerSecond` bytes at most (0: no limit). */
export async function startProver(units: bigint, auditsPerSecond: number): Promise<End> {
  const { network, signer } = await makeNode(0, { options: { auditsPerSecond } });
  const service = createBandwidthService({ clock: systemClock });
  const view = shownView(assetOf(units));
  serveAudits({ view, transport: network.transport, signer, verifier: createVerifier(), service: () => service });
  await network.start();
  return { at: network.addresses()[0] as string, stop: () => network.stop() };
}

export interface Auditor {
  /** One audit; its finding. */
  audit(nonce: string): Promise<Finding>;
  stop(): Promise<void>;
}

/** Node number `index`, bound to the prover. */
export async function startAuditor(index: number, units: bigint, prover: string): Promise<Auditor> {
  const { network, signer } = await makeNode(index);
  await network.start();
  await network.dial(prover, AbortSignal.timeout(10_000));
  await eventually("both are bound", () => network.transport.peers().length > 0);
  const asset = assetOf(units);
  const service = createBandwidthService({ clock: systemClock });
  const parts = { view: shownView(asset), transport: network.transport, signer, verifier: createVerifier() };
  let window = 0;
  return {
    async audit(nonce) {
      const asked = { assetId: asset.id, auditor: signer.accountId, nonce: digest(sha256(utf8ToBytes(nonce))) };
      const challenge = {
        ...challengeCodec.empty(),
        ...asked,
        kind: asset.terms.kind,
        epoch: shownEpoch,
        window: window++,
      };
      const signal = AbortSignal.timeout(60_000);
      return (await askProver({ ...parts, service: () => service }, challenge, asset, signal)).finding;
    },
    stop: () => network.stop(),
  };
}

const chunk = new Uint8Array(256 << 10);

/** A bare libp2p host that sends the same chunk over and over to whoever opens a stream. */
export async function startPlainSender(bytes: number): Promise<End> {
  const host = await makePlainHost(0);
  await host.start();
  await host.handle("/bench/1", async (stream) => {
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      // libp2p's own onDrain waits only once, and would queue everything.
      if (!stream.send(chunk))
        await new Promise((resolve) => stream.addEventListener("drain", resolve, { once: true }));
    }
    await stream.close();
  });
  return { at: String(host.getMultiaddrs()[0]), stop: async () => void (await host.stop()) };
}

async function readAll(stream: Stream, bytes: number): Promise<void> {
  let left = bytes;
  await new Promise<void>((done, fail) => {
    stream.addEventListener("message", ({ data }) => {
      left -= data.byteLength;
      if (left <= 0) done();
    });
    stream.addEventListener("close", ({ error }) => fail(error ?? new Error(`${left} bytes did not come`)));
  });
}

export interface PlainReader {
  read(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPlainReader(bytes: number, sender: string): Promise<PlainReader> {
  const host = await makePlainHost(1);
  await host.start();
  const connection = await host.dial(multiaddr(sender));
  return {
    async read() {
      const stream = await connection.newStream("/bench/1");
      await readAll(stream, bytes);
      await stream.close();
    },
    stop: async () => void (await host.stop()),
  };
}
