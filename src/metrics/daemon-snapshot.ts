import type { DurationCounts } from "../model/durations.js";

/** What a daemon has and did, as plain numbers; counts begin with the daemon. */
export interface DaemonSnapshot {
  readonly nowMs: number;
  readonly intake: {
    readonly receivedPoints: number;
    readonly journaledPoints: number;
    readonly refusedPoints: number;
    readonly retriedPoints: number;
    readonly duplicateBatches: number;
    readonly refusedEntries: ReadonlyMap<string, number>;
    readonly acks: DurationCounts;
  };
  readonly writes: { readonly fsyncs: DurationCounts; readonly failures: number };
  /** By tracker; empty: runs that never began. */
  readonly trackers: ReadonlyMap<string, TrackerCounts>;
  readonly waiting: ReadonlyMap<string, WaitingSums>;
  readonly journal: {
    readonly bytes: number;
    readonly keptBytes: number;
    readonly pendingBytes: number;
    readonly quotaBytes: number;
    readonly damagedSegments: number;
  };
  readonly deadLetters: { readonly letters: number; readonly entries: number };
  readonly artifacts: { readonly count: number; readonly bytes: number; readonly quotaBytes: number };
  readonly connectedProducers: number;
  readonly lostLeases: number;
}

export interface TrackerCounts {
  readonly deliveredPoints: number;
  readonly parkedPoints: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly requests: DurationCounts;
}

export interface WaitingSums {
  readonly lanes: Readonly<Record<string, number>>;
  readonly queuedPoints: number;
  readonly queuedBytes: number;
  /** When the oldest entry was received, in ms since 1970; 0 when none waits. */
  readonly oldestMs: number;
}
