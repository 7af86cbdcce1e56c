// Looks at this node itself every few seconds, final blocks or not, and keeps the board of alerts (runtime/alerts).

import type { Clock, Log, Metrics } from "../ports/index.ts";
import { type AccountId, type AssetId, type AssetKind, assetKinds, equalBytes } from "../primitives/index.ts";
import { inBatches } from "../rpc/index.ts";
import { type AlertBoard, lateAfterMs, type Sight } from "../runtime/alerts/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import type { DriverStatus } from "../runtime/driver/index.ts";
import type { DutyView } from "../runtime/duties/index.ts";
import type { JoinStatus } from "../runtime/sync/index.ts";
import { BlockPace } from "./block-pace.ts";
import { nodeMetrics } from "./node-metrics.ts";

export interface WatchParts {
  readonly application: LedgerApplication;
  readonly view: DutyView;
  readonly board: AlertBoard;
  readonly clock: Clock;
  readonly account: AccountId;
  readonly status: () => DriverStatus;
  readonly joining: () => JoinStatus | undefined;
  readonly peers: () => number;
  /** What was lately found damaged of an own asset. */
  readonly faultsOf: (id: AssetId) => readonly string[];
  readonly freeBytes: () => Promise<number>;
  readonly reserveBytes: number;
  readonly metrics: Metrics;
  readonly log: Log;
}

const lookMs = 5_000;

export class NodeWatch {
  readonly #parts: WatchParts;
  readonly #sample: ReturnType<typeof nodeMetrics>;
  readonly #pace: BlockPace;
  #committedMs: number;
  #own: readonly AssetId[] = [];
  #foundEpoch = -1;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#committedMs = parts.clock.nowMs();
    this.#pace = new BlockPace(lateAfterMs(parts.application.parameters.blockIntervalMs));
    this.#sample = nodeMetrics(parts);
    parts.application.onCommit(({ facts }) => {
      this.#committedMs = parts.clock.nowMs();
      this.#pace.note({ committedMs: this.#committedMs, timestampMs: facts.timestampMs });
    });
  }

  start(): void {
    const { clock } = this.#parts;
    const again = (): void => {
      this.#cancel = clock.at(clock.nowMs() + lookMs, () => {
        void this.#look().finally(() => {
          if (!this.#stopped) again();
        });
      });
    };
    this.#committedMs = clock.nowMs();
    again();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Whether blocks of long ago are still coming, by state or block by block. */
  catchingUp(): boolean {
    const { clock, joining, status } = this.#parts;
    return status().syncing || joining() !== undefined || this.#pace.catchingUp(clock.nowMs());
  }

  async #look(): Promise<void> {
    const { board, freeBytes, application, clock, log } = this.#parts;
    await this.#findAssets();
    const joining = this.#parts.joining();
    if (joining !== undefined) log.info("joining by state", { ...joining });
    else if (this.catchingUp()) {
      const { height, timestampMs } = application.queries.head().header;
      log.info("catching up", { height, behindSeconds: Math.round((clock.nowMs() - timestampMs) / 1000) });
    }
    const free = await freeBytes().catch(() => undefined);
    this.#sample(free);
    board.look(this.#sight(free));
  }

  #sight(freeBytes: number | undefined): Sight {
    const { application, view, clock, account, status, peers, reserveBytes } = this.#parts;
    const { parameters, queries } = application;
    const { epoch, height, offset } = view.head();
    const { observing, peersKeepFrom } = status();
    const operator = queries.operator(account);
    const owed = epoch > 0 && operator !== undefined && view.isDrawn(epoch - 1, account);
    return {
      nowMs: clock.nowMs(),
      height,
      epoch,
      committedMs: this.#committedMs,
      blockAgeMs: this.#pace.ageMs(),
      blockIntervalMs: parameters.blockIntervalMs,
      driftMs: parameters.driftMs,
      syncing: this.catchingUp(),
      peers: peers(),
      peersKeepFrom,
      observing,
      operator:
        operator === undefined
          ? undefined
          : {
              scorePpm: operator.scorePpm,
              chainLength: operator.chainLength,
              chainUsed: operator.beaconRevealed,
            },
      assets: this.#assets(),
      reportOwed: owed && view.reportStage(epoch - 1, account) === "none",
      reportTimePpm: Math.floor((offset * 3_000_000) / parameters.epochBlocks),
      freeBytes,
      reserveBytes,
    };
  }

  /** This account's assets, configured or not; once an epoch, for everyone's are looked through. */
  async #findAssets(): Promise<void> {
    const { application, view, account } = this.#parts;
    const { epoch } = view.head();
    if (this.#foundEpoch === epoch) return;
    this.#foundEpoch = epoch;
    const own: AssetId[] = [];
    for await (const batch of inBatches(application.queries.assets()))
      for (const [id, asset] of batch) if (equalBytes(asset.owner, account)) own.push(id);
    this.#own = own;
  }

  #assets(): Sight["assets"] {
    const { application, faultsOf } = this.#parts;
    return this.#own.flatMap((id) => {
      const asset = application.queries.asset(id);
      if (asset === undefined) return [];
      const { terms, outcome } = asset;
      const passPpm = outcome.measuredEpochs === 0 ? undefined : outcome.passPpm;
      return [{ id, kind: assetKinds[terms.kind] as AssetKind, passPpm, faults: faultsOf(id) }];
    });
  }
}
