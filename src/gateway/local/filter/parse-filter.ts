/** Reads a filter's text, as far as its grammar goes. */
import { type IToken, tokenMatcher } from "chevrotain";
import { FilterParser } from "./grammar.js";
import type { Node } from "./node.js";
import { Close, cutWords, Open } from "./words.js";

/** More of them MLflow's reader does not take, white space counted. */
const WORDS_MAX = 10_000;
const DEPTH_MAX = 100;

const PARSER = new FilterParser();

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
