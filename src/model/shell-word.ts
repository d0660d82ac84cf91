/** The one place where a path or a name becomes a word that a shell reads as it is meant. */

/** Characters that mean nothing to a shell, wherever they stand; a tilde or an equals sign may. */
const PLAIN = /^[\w/.,:@%+-]+$/;
/** What a terminal would not show, or a line of a log not hold: controls, line ends, changes of direction. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** A word to be pasted: what can't be seen in it is escaped, as bash, zsh and ksh read it. */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  return UNSEEN.test(word) ? `$'${[...word].map(escaped).join("")}'` : posixWord(word);
}

/** A word for a program that splits a command line by the rules of POSIX. */
export function posixWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (!UNSEEN.test(character)) return character;
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
