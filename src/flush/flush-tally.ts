/**
 * What backends said since the daemon began, by tracker: plain numbers, for whoever exports them. The number of
 * trackers that are told apart is bounded; all others are one.
 */
import { Durations } from "../model/durations.js";
import type { Outcome } from "../sinks/sink.js";

/** Trackers that are told apart. */
export const TALLIED_TRACKERS_MAX = 50;
/** The name that all others share: no tracker can have it. */
export const OTHER_TRACKERS = "(others)";

export class TrackerTally {
  deliveredPoints = 0;
  parkedPoints = 0;
  /** Packs by what became of them. */
  readonly outcomes: Record<Outcome["kind"], number> = {
    ...{ delivered: 0, elsewhere: 0, retry: 0, hold: 0, refused: 0 },
  };
  /** Of each request. */
  readonly requests = new Durations();
}

/** The lane of a pack, as far as it is counted. */
interface Sent {
  readonly lane: { readonly target: { readonly tracker: string } };
}

export class FlushTally {
  readonly #trackers = new Map<string, TrackerTally>();

  /** The tally of a tracker by its name; empty: of runs that never began. */
  of(tracker: string): TrackerTally {
    const name = this.nameOf(tracker);
    let tally = this.#trackers.get(name);
    if (!tally) {
      tally = new TrackerTally();
      this.#trackers.set(name, tally);
    }
    return tally;
  }

  /** The name under which a tracker is counted. */
  nameOf(tracker: string): string {
    return this.#trackers.has(tracker) || this.#trackers.size < TALLIED_TRACKERS_MAX
      ? tracker
      : OTHER_TRACKERS;
  }

  /** A request was answered: an outcome for each pack. Its time counts for the tracker of the first. */
  answered(parcels: readonly Sent[], outcomes: readonly Outcome[], tookMs: number): void {
    for (const [index, { lane }] of parcels.entries()) {
      const tally = this.of(lane.target.tracker);
      if (index === 0) tally.requests.add(tookMs);
      const outcome = outcomes[index];
      if (outcome) tally.outcomes[outcome.kind] += 1;
    }
  }

  /** By name. */
  all(): IterableIterator<[string, TrackerTally]> {
    return this.#trackers.entries();
  }
}
