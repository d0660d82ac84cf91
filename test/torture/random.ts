/** Numbers that look random and are the same for the same seed. */

/** A source of numbers; two of the same seed and name give the same. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from min to max, both included. */
  between(min: number, max: number): number;
  /** One of the list, which must not be empty. */
  pick<Value>(list: readonly Value[]): Value;
  /** True as often as the share says. */
  chance(share: number): boolean;
}

/** The source of one seed for one purpose: what another purpose draws changes nothing here. */
export function randomOf(seed: number, purpose: string): Random {
  let state = seed >>> 0;
  for (const char of purpose) state = Math.imul(state ^ char.charCodeAt(0), 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const pick = <Value>(list: readonly Value[]): Value => {
    const found = list[between(0, list.length - 1)];
    if (found === undefined) throw new RangeError("there is nothing to pick from");
    return found;
  };
  return { next, between, pick, chance: (share) => next() < share };
}
