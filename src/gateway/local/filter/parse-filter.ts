/** Reads a filter's text, as far as its grammar goes. */
import { type IToken, tokenMatcher } from "chevrotain";
import { FilterParser } from "./grammar.js";
import { endOf, type Node } from "./node.js";
import { Close, cutWords, Keyword, LineComment, Open, Semicolon } from "./words.js";

/** More of them MLflow's reader does not take, white space counted. */
const WORDS_MAX = 10_000;
const DEPTH_MAX = 100;

const PARSER = new FilterParser();

/** Whether a text is several statements: something follows what ends one. Comments and blanks behind that are a part of it. */
export function hasSeveral(text: string): boolean {
  const words = cutWords(text);
  let depth = 0;
  for (const [index, word] of words.entries()) {
    if (tokenMatcher(word, Open)) depth++;
    if (tokenMatcher(word, Close)) depth--;
    const isEnd = tokenMatcher(word, Semicolon) && depth <= 0;
    if (!isEnd && !(tokenMatcher(word, Keyword) && /^GO(?:\s|$)/.test(word.image))) continue;
    let end = endOf(word);
    for (const next of words.slice(index + 1)) {
      const isBehind = !/[\r\n]/.test(text.slice(end, next.startOffset)) && tokenMatcher(next, LineComment);
      if (!isBehind) return true;
      end = endOf(next);
    }
    return false;
  }
  return false;
}

/** A text's parts, in their order, white space left out; undefined where they are too many. */
export function parseFilter(text: string): Node[] | undefined {
  const words = cutWords(text);
  const inWords = words.reduce((sum, { image }) => sum + image.length, 0);
  if (words.length + text.length - inWords > WORDS_MAX || isTooDeep(words)) return undefined;
  const nodes = PARSER.parse(words);
  const last = nodes.at(-1);
  // A WHERE that nothing ends has the white space behind it, too.
  const isWhere = last?.kind === "other" && /^where\b/i.test(text.slice(last.begin));
  return isWhere ? [...nodes.slice(0, -1), { ...last, end: text.length }] : nodes;
}

function isTooDeep(words: readonly IToken[]): boolean {
  let depth = 0;
  return words.some((word) => {
    if (tokenMatcher(word, Open)) depth++;
    else if (tokenMatcher(word, Close)) depth = Math.max(0, depth - 1);
    return depth > DEPTH_MAX;
  });
}
