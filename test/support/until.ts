/** The one way in which tests wait: for a condition, to a deadline that no slow machine meets, and never in vain unsaid. */
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

/** How long, and how often it is looked. */
export interface Patience {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

const WITHIN_MS = 120_000;
const EVERY_MS = 50;

/**
 * Looks until what is seen fits, and resolves to it. At the deadline it rejects with what was waited for and
 * what was seen last. What a look throws is thrown at once.
 */
export async function until<Seen>(
  what: string,
  look: () => Seen | Promise<Seen>,
  fits: (seen: Seen) => boolean,
  { withinMs = WITHIN_MS, everyMs = EVERY_MS }: Patience = {},
): Promise<Seen> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (performance.now() >= endMs)
      throw new Error(`in ${withinMs / 1000} s not: ${what}; seen last: ${inspect(seen, { depth: 6 })}`);
    await sleep(everyMs);
  }
}
