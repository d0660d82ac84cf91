/** The words of a line up to the cursor as bash reads them; the last is the one that is being written, perhaps "". */
export function splitLine(line: string): string[] {
  const words = [""];
  let quote = "";
  for (let index = 0; index < line.length; index++) {
    const letter = line[index] ?? "";
    const last = words.length - 1;
    if (quote !== "" && letter === quote) quote = "";
    else if (quote === "" && (letter === '"' || letter === "'")) quote = letter;
    else if (letter === "\\" && quote !== "'") words[last] += line[++index] ?? "";
    else if (quote === "" && /\s/.test(letter)) {
      if (words[last] !== "" || words.length === 1) words.push("");
    } else words[last] += letter;
  }
  return words;
}
