/** Splits a command line as a shell does: spaces, single and double quotes, backslashes. No expansion. */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)/gy;
  for (const [, word] of line.matchAll(pattern)) words.push(unquoted(word ?? ""));
  return words;
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single, double, escaped) => {
    if (typeof single === "string") return single;
    if (typeof double === "string") return double.replace(/\\(["\\$`])/g, "$1");
    return String(escaped);
  });
}
