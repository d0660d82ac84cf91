/** The order in which metrics are shown. */

const DIGITS = /\d+/g;

/**
 * Numbers in names by their value, and letters whether they are capital or not: k2 before K10. Each name becomes a text once, and V8
 * sorts those by itself: half the time of comparing names, and Intl.Collator takes 12 ms when it is made.
 */
export function inOrder(names: readonly string[]): string[] {
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const text = name.toLowerCase().replace(DIGITS, sortable);
    const others = alike.get(text);
    if (others) others.push(name);
    else alike.set(text, [name]);
  }
  // k1 and k01, k and K: in whatever order, but always the same.
  return [...alike.keys()].sort().flatMap((text) => alike.get(text)?.sort() ?? []);
}

/**
 * A number behind a word for how many digits it has: 0 for one to 8 for nine, and 9 before what is beyond those. So it begins with a
 * digit as the number does, and one with more digits stands behind.
 */
function sortable(number: string): string {
  const digits = number.replace(/^0+(?=\d)/, "");
  const more = digits.length - 1;
  return `${"9".repeat(Math.floor(more / 9))}${more % 9}${digits}`;
}
