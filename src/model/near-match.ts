/** " Did you mean NAME?" for the nearest of the names, or nothing where none is near. */
export function nearMatch(wanted: string, names: Iterable<string>): string {
  const limit = Math.ceil(wanted.length / 3);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of names) {
    // Only what can be near is compared: there may be very many names.
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = distanceOf(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best === undefined ? "" : ` Did you mean ${JSON.stringify(best)}?`;
}

/** How many letters have to be put in, left out or replaced. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [column, against] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
