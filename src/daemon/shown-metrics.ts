/** The daemon's metrics: counts that its parts keep anyway, and what shows them, which is loaded only if it is asked for. */
import type { TrackerSums } from "../flush/lane-reports.js";
import type { MetricsConfig } from "../home/metrics-config.js";
import type { DaemonSnapshot } from "../metrics/daemon-snapshot.js";
import type { ShownMetrics as Shown } from "../metrics/start.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { FlushPath } from "./flush-path.js";
import type { GatewayPath } from "./gateway-path.js";
import type { Stores } from "./stores.js";
import type { WritePath } from "./write-path.js";

/** How long an address is waited for that somebody else has, as the daemon before this one. */
const AGAIN_MS = 10_000;

/** Whom a snapshot asks. */
export type SnapshotSources = Pick<Stores, "tallies" | "journal" | "deadLetters"> &
  Pick<FlushPath, "dispatcher"> &
  Pick<WritePath, "reception"> &
  Pick<GatewayPath, "spool"> & { readonly clock: Clock };

export interface SnapshotBounds {
  readonly journalQuotaBytes: number;
  readonly artifactSpoolBytes: number;
}

/** What the daemon has and did, now. */
export function snapshotOf(sources: SnapshotSources, bounds: SnapshotBounds): DaemonSnapshot {
  const { tallies, journal, deadLetters, dispatcher, reception, spool, clock } = sources;
  const { intake, writes, flush, leases } = tallies;
  const waiting: Map<string, Readonly<TrackerSums>> = dispatcher.sums((tracker) => flush.nameOf(tracker));
  const trackers = new Map(flush.all());
  // A queue that is empty by now is told as such.
  for (const tracker of trackers.keys()) if (!waiting.has(tracker)) waiting.set(tracker, NOTHING);
  const { bytes, keptBytes, pendingBytes, damagedSegments } = journal;
  return {
    ...{ nowMs: clock.nowMs(), intake, writes, trackers, waiting },
    journal: { bytes, keptBytes, pendingBytes, damagedSegments, quotaBytes: bounds.journalQuotaBytes },
    deadLetters: { letters: deadLetters.letters, entries: deadLetters.entries },
    artifacts: { count: spool.count, bytes: spool.bytes, quotaBytes: bounds.artifactSpoolBytes },
    connectedProducers: reception.connected,
    lostLeases: leases.lost,
  };
}

const NOTHING: Readonly<TrackerSums> = {
  lanes: { idle: 0, flushing: 0, waiting: 0, retrying: 0, held: 0 },
  ...{ queuedPoints: 0, queuedBytes: 0, oldestMs: 0 },
};

export interface ShownMetricsOptions {
  /** Undefined: they are shown nowhere. */
  readonly config: MetricsConfig | undefined;
  readonly snapshot: () => DaemonSnapshot;
  readonly instanceId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

export class ShownMetrics {
  readonly #options: ShownMetricsOptions;
  #showing: Promise<Shown | undefined> | undefined;
  #shown: Shown | undefined;
  #fault: string | undefined;

  constructor(options: ShownMetricsOptions) {
    this.#options = options;
  }

  /** Where Prometheus reads them; empty: nowhere, or not yet. */
  get url(): string {
    return this.#shown?.url ?? "";
  }

  /** Whether they are pushed. */
  get arePushed(): boolean {
    return this.#shown !== undefined && this.#options.config?.push !== undefined;
  }

  /** What is wrong with showing them now, a sentence each. */
  get faults(): readonly string[] {
    return this.#fault === undefined ? (this.#shown?.faults ?? []) : [this.#fault];
  }

  /** Shows them from now on, where that was asked for. What is wrong with it is logged: the daemon does without. */
  start(): void {
    const { config } = this.#options;
    if (config) this.#showing = this.#show(config);
  }

  async close(): Promise<void> {
    await (await this.#showing)?.close();
  }

  async #show(config: MetricsConfig): Promise<Shown | undefined> {
    const { snapshot, instanceId, clock, log } = this.#options;
    try {
      const { showDaemon } = await import("../metrics/start.js");
      const manner = { config, instanceId: instanceId(), againMs: AGAIN_MS };
      this.#shown = await showDaemon({ ...manner, snapshot, clock, log });
      return this.#shown;
    } catch (error) {
      log("error", "metrics can't be shown", { reason: String(error) });
      this.#fault = `Metrics can't be shown: ${error instanceof Error ? error.message : String(error)}.`;
      return undefined;
    }
  }
}
