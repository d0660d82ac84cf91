/** Parts of a filter, as its grammar finds them. */
import type { IToken } from "chevrotain";

/** A part of a filter, and where it stands in it. */
export interface Node {
  readonly kind:
    | "identifier"
    | "text"
    | "integer"
    | "float"
    | "parenthesis"
    | "function"
    | "operation"
    | "null"
    | "comparison"
    | "list"
    | "keyword"
    | "order"
    | "placeholder"
    | "type"
    | "star"
    | "comma"
    | "semicolon"
    | "other";
  readonly begin: number;
  readonly end: number;
  /** The sides of a comparison, and what stands between them. */
  readonly sides?: readonly [left: Node, comparator: string, right: Node];
}

export function nodeOf(kind: Node["kind"], word: IToken): Node {
  return { kind, begin: word.startOffset, end: endOf(word) };
}

export function endOf(word: IToken): number {
  return word.startOffset + word.image.length;
}
