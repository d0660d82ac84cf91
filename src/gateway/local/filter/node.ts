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
    | "comment"
    | "assignment"
    /** A text of a type, as a date. */
    | "typed"
    /** From CASE to END. */
    | "case"
    /** From VALUES to its last parenthesis, a name's OVER, another block: nothing is made of it. */
    | "group"
    | "other";
  readonly begin: number;
  readonly end: number;
  /** Comments that stand in the group: to MLflow's reader they are words of it. */
  readonly comments?: number;
  /** The sides of a comparison, and what stands between them. */
  readonly sides?: readonly [left: Node, comparator: string, right: Node];
}

export function nodeOf(kind: Node["kind"], word: IToken): Node {
  return { kind, begin: word.startOffset, end: endOf(word) };
}

export function endOf(word: IToken): number {
  return word.startOffset + word.image.length;
}
