// Keeps this operator's own assets in the state its configuration asks for: prepared, registered, announced in the DHT and
// advertised in gossip every epoch. Like all duties it looks at the chain and does what is missing. Never registers more
// than is configured, and never changes what is registered.

import { sha256 } from "../../crypto/index.ts";
import { assetIdOf } from "../../ledger/index.ts";
import type { Discovery, Log, Signer, Transport } from "../../ports/index.ts";
import {
  type AssetId,
  type AssetKind,
  assetKinds,
  type Bytes,
  type Cell,
  type Digest,
  FairmeshError,
  formatAddress,
  type Grains,
  keyOf,
  maxBigint,
  utf8ToBytes,
} from "../../primitives/index.ts";
import {
  type AssetTerms,
  assetTermsCodec,
  capacityCodec,
  signedCapacityCodec,
  signingRoot,
} from "../../schema/index.ts";
import type { Service } from "../../services/index.ts";
import type { DutyView } from "./duty-view.ts";

/** An asset that the operator wants to offer. */
export interface Offer {
  readonly kind: AssetKind;
  readonly units: bigint;
  readonly cell: Cell;
  readonly bond: Grains;
  readonly pricePerUnitEpoch: Grains;
}

export interface AssetKeeperParts {
  readonly view: DutyView;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly log: Log;
  readonly service: (kind: string) => Service | undefined;
  readonly offers: readonly Offer[];
  /** Units of an asset that tenants use. */
  readonly usedUnits: (id: AssetId) => bigint;
  /** Hears of each advertisement that this node sends: gossip brings it to others only. */
  readonly onAdvertised: (bytes: Bytes) => void;
}

/** Blocks after which a registration that the chain did not take is sent again. */
const resendBlocks = 6;
const advertisedEpochs = 2;

interface Kept {
  readonly offer: Offer;
  readonly id: AssetId;
  readonly label: Digest;
  state: "new" | "preparing" | "prepared" | "registered";
  preparedPpm: number;
  terms: AssetTerms | undefined;
  sentHeight: number;
  seq: number;
  advertisedEpoch: number;
  /** What looking after it found in the last round and in the one under way. */
  faults: readonly string[];
}

export interface KeptAsset extends Pick<Kept, "id" | "state" | "preparedPpm" | "faults"> {
  readonly kind: AssetKind;
  readonly units: bigint;
}

/** One asset of a kind: the same in every run, so that what is sealed is found again. */
const labelOf = (kind: AssetKind): Digest => sha256(utf8ToBytes(`asset ${kind}`));

export class AssetKeeper {
  readonly #parts: AssetKeeperParts;
  readonly #kept: readonly Kept[];
  readonly #stopped = new AbortController();
  #saidReason = "";

  constructor(parts: AssetKeeperParts) {
    this.#parts = parts;
    this.#kept = parts.offers.map((offer) => ({
      offer,
      label: labelOf(offer.kind),
      id: assetIdOf(parts.signer.accountId, labelOf(offer.kind)),
      state: "new",
      preparedPpm: 0,
      terms: undefined,
      sentHeight: -resendBlocks,
      seq: 0,
      advertisedEpoch: -1,
      faults: [],
    }));
  }

  stop(): void {
    this.#stopped.abort(new Error("stopping"));
  }

  /** Progress for people: each asset with its state. */
  assets(): readonly KeptAsset[] {
    return this.#kept.map(({ id, offer: { kind, units }, state, preparedPpm, faults }) => ({
      ...{ id, kind, units, state, preparedPpm, faults },
    }));
  }

  async onBlock(): Promise<void> {
    for (const kept of this.#kept) {
      if (kept.state === "new") this.#prepare(kept);
      if (kept.state === "prepared") await this.#register(kept);
      if (kept.state === "registered") await this.#advertise(kept);
    }
  }

  /** Goes on behind the blocks: sealing takes from seconds to days. */
  #prepare(kept: Kept): void {
    const { log, service } = this.#parts;
    const { kind, units, cell } = kept.offer;
    kept.state = "preparing";
    let shown = 0;
    const onProgress = (ppm: number): void => {
      kept.preparedPpm = ppm;
      if (ppm - shown < 100_000) return;
      shown = ppm;
      log.info("preparing an asset", { kind, percent: Math.floor(ppm / 10_000) });
    };
    const prepared = service(kind)?.prepare({ id: kept.id, units }, this.#stopped.signal, onProgress);
    if (prepared === undefined) {
      log.error("this node cannot serve an asset that is configured", { kind });
      return;
    }
    prepared.then(
      ({ dataCommitment }) => {
        const empty = assetTermsCodec.empty();
        kept.terms = { ...empty, kind: assetKinds.indexOf(kind), units, cell, dataCommitment };
        kept.state = "prepared";
        this.#watch(kept);
        log.info("an asset is ready", { kind, units: units.toString(), asset: keyOf(kept.id).slice(0, 12) });
      },
      (cause: unknown) => {
        if (this.#stopped.signal.aborted) return;
        kept.state = "new";
        log.error("an asset could not be prepared", { kind, cause: String(cause) });
      },
    );
  }

  #watch(kept: Kept): void {
    const { log, service } = this.#parts;
    const { kind, units } = kept.offer;
    let found = 0;
    const onFault = (fault: string): void => {
      log.warn("an asset was damaged", { kind, fault });
      kept.faults = [...kept.faults, fault];
      found++;
    };
    const onRound = (): void => {
      kept.faults = kept.faults.slice(kept.faults.length - found);
      found = 0;
    };
    service(kind)
      ?.watch?.({ id: kept.id, units }, this.#stopped.signal, { onFault, onRound })
      .catch((cause: unknown) => {
        if (this.#stopped.signal.aborted) return;
        log.warn("an asset is looked after no more until the next start", { kind, cause: String(cause) });
        kept.faults = [`it cannot be looked after: ${String(cause)}`];
      });
  }

  async #register(kept: Kept): Promise<void> {
    const { view, discovery, log } = this.#parts;
    if (view.asset(kept.id) !== undefined) {
      kept.state = "registered";
      const { kind, cell } = kept.offer;
      log.info("an asset is registered", { kind, asset: keyOf(kept.id).slice(0, 12) });
      discovery.provide({ id: kept.id, kind, cell }).catch((cause: unknown) => {
        if (!this.#stopped.signal.aborted) log.warn("an asset could not be announced", { kind, cause: String(cause) });
      });
      return;
    }
    const { height } = view.head();
    if (kept.terms === undefined || height < kept.sentHeight + resendBlocks) return;
    kept.sentHeight = height;
    const { bond } = kept.offer;
    try {
      await view.submit(
        { kind: "registerAsset", value: { label: kept.label, terms: kept.terms, bond } },
        height + resendBlocks - 1,
      );
    } catch (cause) {
      this.#refused(kept, cause);
    }
  }

  /** A reason is said when it is new, and not at each try: what it waits for may take days. */
  #refused({ offer: { kind } }: Kept, cause: unknown): void {
    const { log, signer } = this.#parts;
    const reason = cause instanceof FairmeshError ? String(cause.fields.reason ?? cause.code) : String(cause);
    if (reason === this.#saidReason) return;
    this.#saidReason = reason;
    const address = formatAddress(signer.accountId);
    if (reason === "operator-unknown")
      log.warn("assets wait for registration: this account is no operator yet; `fairmesh bond AMOUNT` makes it one");
    else if (reason === "balance-too-low")
      log.warn(`assets wait for registration: its fee and bond are more than ${address} has; send it some FAIR`);
    else log.warn("an asset's registration was not taken", { kind, cause: String(cause) });
  }

  async #advertise(kept: Kept): Promise<void> {
    const { view, signer, transport, log } = this.#parts;
    const { epoch } = view.head();
    if (kept.advertisedEpoch === epoch) return;
    kept.advertisedEpoch = epoch;
    // The epoch leads, so that a node that lost its count after a restart is still ahead of what it sent before.
    kept.seq = Math.max(kept.seq + 1, epoch * 8);
    const capacity = {
      ...capacityCodec.empty(),
      owner: signer.accountId,
      assetId: kept.id,
      seq: kept.seq,
      epoch,
      freeUnits: maxBigint(kept.offer.units - this.#parts.usedUnits(kept.id), 0n),
      pricePerUnitEpoch: kept.offer.pricePerUnitEpoch,
      expiresEpoch: epoch + advertisedEpochs,
    };
    const signature = await signer.sign(
      signingRoot(capacityCodec.root(capacity), view.networkId, "capacity"),
      "capacity",
    );
    try {
      const bytes = signedCapacityCodec.encode({ capacity, signature });
      this.#parts.onAdvertised(bytes);
      await transport.publish("capacity", bytes);
    } catch (cause) {
      log.warn("an advertisement could not be sent", { cause: String(cause) });
    }
  }
}
