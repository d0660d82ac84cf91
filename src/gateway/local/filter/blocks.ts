/** Blocks of SQL, which begin and end with words: from CASE to END and the like. */

/** Words that begin one, and what ends it. Those of one kind stand in each other. */
const BLOCKS: readonly (readonly [begins: readonly string[], ends: string])[] = [
  [["CASE"], "END"],
  [["IF"], "END IF"],
  [["FOR", "FOREACH"], "END LOOP"],
  [["BEGIN"], "END"],
];

/** How many of the words a block has that begins with the first; 0 where none does. What is no such word is empty. */
export function blockLength(words: readonly string[]): number {
  const [first = ""] = words;
  const found = BLOCKS.find(([begins]) => begins.includes(first));
  if (!found) return 0;
  const [begins, ends] = found;
  let depth = 0;
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? "").replace(/\s+/g, " ");
    // A CASE in another block has an END of its own.
    if (word === "CASE" && first === "BEGIN") at += Math.max(0, blockLength(words.slice(at)) - 1);
    else if (begins.includes(word)) depth++;
    else if (word === ends && --depth === 0) return at + 1;
  }
  return 0;
}
