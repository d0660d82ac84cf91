/** Which metrics a reader sees, in which order. */

const byNumber = new Intl.Collator("en", { numeric: true });

/** Keys that fit an expression, those that are pinned first; an expression that is none leaves all. */
export function matchingKeys(
  keys: Iterable<string>,
  pattern: string,
  pinned: readonly string[],
): { readonly shown: readonly string[]; readonly isValid: boolean } {
  const expression = expressionOf(pattern);
  const shown = [...keys].filter((key) => expression?.test(key) ?? true).sort(byNumber.compare);
  if (pinned.length === 0) return { shown, isValid: expression !== undefined };
  const isPinned = new Set(pinned);
  const first = shown.filter((key) => isPinned.has(key));
  return {
    shown: [...first, ...shown.filter((key) => !isPinned.has(key))],
    isValid: expression !== undefined,
  };
}

function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "i");
  } catch {
    return undefined;
  }
}
