/** Decides how the next daemon dies: at which kill point and at which of its hits, or at any moment. */
import type { KillPoint } from "./kill-point-names.js";
import type { Random } from "./random.js";

export type Death =
  | { readonly kind: "point"; readonly point: KillPoint; readonly hits: number; readonly patienceMs: number }
  | { readonly kind: "moment"; readonly patienceMs: number };

/** How long a daemon may live before it is killed wherever it is; longer for a point that was not met. */
const LIFE_MS_MAX = 2_000;
const PATIENCE_MS_MAX = 16_000;
const HITS_MAX = 16;

export class Aim {
  readonly #random: Random;
  readonly #share: number;
  readonly #hitsFirst: number;
  /** How often each point was met with a kill. */
  readonly hits: Map<KillPoint, number>;
  /** How many hits may be asked for: one more after each that came, half after one that did not. */
  readonly #hitsMax = new Map<KillPoint, number>();
  /** Some moments are rare: one that did not come gets more time when it is aimed at again. */
  readonly #patienceMs = new Map<KillPoint, number>();

  /** So large a share of the deaths is at one of the named points; at first at one of so many hits or half of them. */
  constructor(random: Random, share: number, points: readonly KillPoint[], hitsFirst: number) {
    this.#hitsFirst = hitsFirst;
    this.hits = new Map(points.map((point) => [point, 0]));
    this.#random = random;
    this.#share = share;
  }

  next(): Death {
    if (!this.#random.chance(this.#share))
      return { kind: "moment", patienceMs: this.#random.between(0, LIFE_MS_MAX) };
    const fewest = Math.min(...this.hits.values());
    const point = this.#random.pick(
      [...this.hits].filter(([, hits]) => hits <= fewest + 1).map(([name]) => name),
    );
    return {
      kind: "point",
      point,
      hits: this.#random.between(1, this.#hitsMax.get(point) ?? this.#hitsFirst),
      patienceMs: this.#patienceMs.get(point) ?? LIFE_MS_MAX,
    };
  }

  /** Tells how a daemon really died. */
  note(death: Death, isMet: boolean): void {
    if (death.kind === "moment") return;
    if (isMet) this.hits.set(death.point, (this.hits.get(death.point) ?? 0) + 1);
    const hitsMax = isMet ? Math.min(HITS_MAX, death.hits + 1) : Math.max(1, Math.floor(death.hits / 2));
    this.#hitsMax.set(death.point, hitsMax);
    if (!isMet && death.hits === 1)
      this.#patienceMs.set(death.point, Math.min(PATIENCE_MS_MAX, death.patienceMs * 2));
  }
}
