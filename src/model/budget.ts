/**
 * How much a tenant may bring to a backend in a second, over all of its relays: a bucket that fills at the tenant's
 * rate and holds a second of it. A relay takes a part of what is in it now and then, and spends that by itself.
 */

export interface Amounts {
  readonly points: number;
  readonly bytes: number;
}

/** Per second; undefined: no bound. */
export interface Rates {
  readonly points: number | undefined;
  readonly bytes: number | undefined;
}

/** What a relay would like to have for a tenant. */
export interface BudgetAsk {
  readonly tenant: string;
  readonly want: Amounts;
  readonly rates: Rates;
}

/** So much of its rate a bucket holds, in seconds. */
export const BUCKET_SECONDS = 1;

/** Where no backend keeps them: buckets of one relay. */
export class Buckets {
  readonly #buckets = new Map<string, Amounts & { readonly atMs: number }>();

  /** Never takes more than is there. */
  take(asks: readonly BudgetAsk[], nowMs: number): Map<string, Amounts> {
    const given = new Map<string, Amounts>();
    for (const { tenant, want, rates } of asks) {
      const before = this.#buckets.get(tenant);
      const seconds = before ? Math.max(0, nowMs - before.atMs) / 1_000 : BUCKET_SECONDS;
      const points = bucketOf(before?.points ?? 0, rates.points, seconds, want.points);
      const bytes = bucketOf(before?.bytes ?? 0, rates.bytes, seconds, want.bytes);
      this.#buckets.set(tenant, { points: points.left, bytes: bytes.left, atMs: nowMs });
      given.set(tenant, { points: points.given, bytes: bytes.given });
    }
    return given;
  }
}

function bucketOf(before: number, rate: number | undefined, seconds: number, want: number) {
  if (rate === undefined) return { left: 0, given: want };
  const there = Math.min(rate * BUCKET_SECONDS, before + rate * seconds);
  const given = Math.min(want, there);
  return { left: there - given, given };
}
