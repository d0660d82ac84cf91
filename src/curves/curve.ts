/** One metric of one run: its buckets along each axis. */
import { Buckets } from "./buckets.js";
import type { Points } from "./points.js";
import type { RowsMemory } from "./rows-memory.js";

export class Curve {
  /** In the order of steps; of both axes until the first point that is in order on one alone. */
  byStep: Buckets;
  /** In the order of timestamps, once that is another one. */
  byTime: Buckets | undefined;
  /** In a stretch: its key, and where it stands among the others. */
  key = "";
  place = 0;

  constructor(byStep = new Buckets("both"), byTime?: Buckets) {
    this.byStep = byStep;
    this.byTime = byTime;
  }

  /** Bytes of memory that its buckets take. */
  get bytes(): number {
    return this.byStep.rows.bytes + (this.byTime?.rows.bytes ?? 0);
  }

  /** Buckets of the axis that has most. */
  get length(): number {
    return Math.max(this.byStep.length, this.byTime?.length ?? 0);
  }

  /** Adds points that were logged after all that it has. */
  add(points: Points, lengthMax: number): void {
    let from = 0;
    if (!this.byTime) {
      from = this.byStep.append(points, 0, lengthMax);
      if (from === points.count) return;
      this.#split();
    }
    this.byStep.insert(points, from, lengthMax);
    this.byTime?.insert(points, from, lengthMax);
  }

  /** Takes all of another one, whose points were logged after all that it has. */
  merge(later: Curve): void {
    if (!this.byTime && !later.byTime && this.byStep.isBefore(later.byStep))
      return this.byStep.merge(later.byStep);
    if (!this.byTime) this.#split();
    this.byStep.merge(later.byStep.copy("step"));
    this.byTime?.merge((later.byTime ?? later.byStep).copy("time"));
  }

  /** Puts neighbours together until no axis has more buckets than that. */
  shrink(lengthMax: number): void {
    this.byStep.shrink(lengthMax);
    this.byTime?.shrink(lengthMax);
  }

  /** Puts neighbours together as shrink does, and moves to other memory. */
  compact(lengthMax: number, memory: RowsMemory): void {
    this.byStep.compact(lengthMax, memory);
    this.byTime?.compact(lengthMax, memory);
  }

  copy(): Curve {
    return new Curve(this.byStep.copy(this.byStep.order), this.byTime?.copy("time"));
  }

  /** Its buckets along an axis, and whether that is the other one of those in the order of both. */
  along(axis: "step" | "time"): { readonly buckets: Buckets; readonly isOther: boolean } {
    if (axis === "step") return { buckets: this.byStep, isOther: false };
    return this.byTime ? { buckets: this.byTime, isOther: false } : { buckets: this.byStep, isOther: true };
  }

  #split(): void {
    const both = this.byStep;
    this.byTime = both.copy("time", true);
    this.byStep = both.copy("step", true);
    both.rows.drop();
  }
}
