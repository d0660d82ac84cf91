import { Durations } from "../model/durations.js";
import type { EntryRefusal } from "./admit-run.js";

/** Records as far as they are counted. */
type Counted = readonly { readonly header: { readonly points: number } }[];

/** What came to the door since the daemon began: plain numbers, for whoever exports them. */
export class IntakeTally {
  receivedPoints = 0;
  journaledPoints = 0;
  refusedPoints = 0;
  /** Points of dead letters that were journaled again. */
  retriedPoints = 0;
  duplicateBatches = 0;
  /** By the refusal's code: as many as the table of errors has at most. */
  readonly refusedEntries = new Map<EntryRefusal["code"], number>();
  /** Of each batch, from its arrival until it was on disk. */
  readonly acks = new Durations();

  /** A batch was judged; `isRefused`: as a whole, whatever of it might be taken. */
  receives(records: Counted, refusals: readonly EntryRefusal[], isRefused = false): void {
    const points = pointsOf(records);
    this.receivedPoints += points;
    if (isRefused) this.refusedPoints += points;
    for (const { kind, code, entries } of refusals) {
      this.refusedEntries.set(code, (this.refusedEntries.get(code) ?? 0) + entries);
      if (kind !== "metric") continue;
      this.receivedPoints += entries;
      this.refusedPoints += entries;
    }
  }

  /** What was taken of it is on disk. */
  journals(records: Counted, tookMs: number): void {
    this.journaledPoints += pointsOf(records);
    this.acks.add(tookMs);
  }
}

function pointsOf(records: Counted): number {
  let points = 0;
  for (const { header } of records) points += header.points;
  return points;
}
