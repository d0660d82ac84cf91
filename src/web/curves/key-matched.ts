/** The keys that an expression matches. Pure, and without a bound in time. */

const NO_EXPRESSION = "This is no regular expression; all curves are shown.";

/** Keys that match; without an expression that is one, or that comes to an end, all of them. */
export interface Matched {
  readonly keys: readonly string[];
  /** Empty where the expression is fine. */
  readonly fault: string;
}

/** May take any time. */
export function matched(keys: readonly string[], pattern: string): Matched {
  try {
    const expression = new RegExp(pattern, "i");
    return { keys: keys.filter((key) => expression.test(key)), fault: "" };
  } catch {
    return { keys, fault: NO_EXPRESSION };
  }
}
