/** Which metrics a reader sees, in which order. */
import { Script } from "node:vm";
import { inOrder } from "../../reading/key-order.js";

/** What is wrong with a filter: it is no regular expression, or takes too long; all keys are shown then. */
export type FilterFault = "" | "invalid" | "slow";

/** Longer than any expression takes that somebody means, and no longer than a page may stand still behind a key. */
const MATCH_MS_MAX = 250;
/** Letters, alternatives and ends: each letter of a key is looked at once for each of them. */
const QUICK = /^[\w\s.:/|^$-]*$/;

/** Keys that fit an expression, those that are pinned first. Needs at most a moment, whatever the expression is. */
export function matchingKeys(
  keys: Iterable<string>,
  pattern: string,
  pinned: readonly string[],
): { readonly shown: readonly string[]; readonly fault: FilterFault } {
  const all = [...keys];
  const { fitting, fault } = fittingKeys(all, pattern);
  const shown = inOrder(fitting);
  if (pinned.length === 0) return { shown, fault };
  const isPinned = new Set(pinned);
  const first = shown.filter((key) => isPinned.has(key));
  return { shown: [...first, ...shown.filter((key) => !isPinned.has(key))], fault };
}

function fittingKeys(
  keys: readonly string[],
  pattern: string,
): { readonly fitting: readonly string[]; readonly fault: FilterFault } {
  if (pattern === "") return { fitting: keys, fault: "" };
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "i");
  } catch {
    return { fitting: keys, fault: "invalid" };
  }
  const match = () => keys.filter((key) => expression.test(key));
  if (QUICK.test(pattern)) return { fitting: match(), fault: "" };
  try {
    // One that goes back and forth for ever is ended: V8 looks for that in each loop of an expression.
    const fitting = new Script("match()").runInNewContext({ match }, { timeout: MATCH_MS_MAX }) as string[];
    return { fitting, fault: "" };
  } catch {
    return { fitting: keys, fault: "slow" };
  }
}
