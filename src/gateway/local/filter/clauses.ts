/**
 * A filter's clauses: what MLflow's reader takes for comparisons, and all else that it finds. It groups words further than
 * a grammar has to, as SQL's aliases and lists, and its sentences show the groups.
 */
import type { Node } from "./node.js";
import { hasSeveral, parseFilter } from "./parse-filter.js";

/** What stands at one place of a filter. */
export type Part =
  | { readonly kind: "clause"; readonly clause: Clause }
  | { readonly kind: "and" }
  | { readonly kind: "other"; readonly text: string };

/** Something compared with something. */
export interface Clause {
  readonly text: string;
  readonly left: Side;
  /** As it is written. */
  readonly comparator: string;
  /** Missing for IS NULL and IS NOT NULL. */
  readonly right: Side | undefined;
  /** Comments behind it, each of them a word too many. */
  readonly comments: number;
}

export interface Side {
  readonly kind: "identifier" | "text" | "integer" | "float" | "list" | "other";
  readonly text: string;
}

export type Parsed =
  | { readonly kind: "parts"; readonly parts: readonly Part[] }
  | { readonly kind: "nothing" }
  | { readonly kind: "several" }
  | { readonly kind: "too much" };

/** Reads a filter's text. */
export function parseClauses(text: string): Parsed {
  const nodes = groupNodes(text);
  if (!nodes) return { kind: "too much" };
  if (nodes.length === 0) return { kind: "nothing" };
  if (hasSeveral(text)) return { kind: "several" };
  return { kind: "parts", parts: joinWords(text, nodes) };
}

/** What stands in a text, grouped; undefined where it is too much. */
export function groupNodes(text: string): Node[] | undefined {
  const nodes = parseFilter(text);
  if (!nodes) return undefined;
  const assigned = groupAssignments(text, groupAliases(groupRenamed(text, nodes)));
  return groupValues(text, groupLists(alignComments(text, assigned)));
}

/** `a := b`, with all through the next semicolon. */
function groupAssignments(text: string, nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    const [before, after] = [found.at(-1), nodes[index + 1]];
    const isOne = node && text.slice(node.begin, node.end) === ":=";
    if (isOne && isAssigned(before) && isAssigned(after)) {
      const end = nodes.findIndex(({ kind }, at) => at > index + 1 && kind === "semicolon");
      index = end < 0 ? index + 1 : end;
      found[found.length - 1] = {
        kind: "assignment",
        begin: before.begin,
        end: nodes[index]?.end ?? after.end,
      };
    } else if (node) found.push(node);
  }
  return found;
}

function isAssigned(node: Node | undefined): node is Node {
  return node !== undefined && node.kind !== "keyword" && node.kind !== "null";
}

/** Groups that a comment behind them becomes a part of. */
const COMMENTED: readonly Node["kind"][] = [
  ...["parenthesis", "function", "identifier", "operation", "comparison", "case", "typed", "group"],
  ...["assignment", "comment"],
] as const;

/** A comment with something behind it is a part of the group before it; comments on lines of their own are one. */
function alignComments(text: string, nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (const node of nodes) {
    const before = found.at(-1);
    const isJoined =
      node.kind === "comment" && node.end < text.length && before && COMMENTED.includes(before.kind);
    if (isJoined && before.kind !== "comment")
      found[found.length - 1] = { ...before, end: node.end, comments: (before.comments ?? 0) + 1 };
    else if (isJoined && before.kind === "comment" && /^[\r\n]*$/.test(text.slice(before.end, node.begin)))
      found[found.length - 1] = { ...before, end: node.end };
    else found.push(node);
  }
  return found;
}

/** From VALUES to the last parenthesis. */
function groupValues(text: string, nodes: readonly Node[]): Node[] {
  const first = nodes.findIndex((node) => isWord(text, node, "VALUES"));
  const last = nodes.findLastIndex(({ kind }) => kind === "parenthesis");
  const [begin, end] = [nodes[first]?.begin, nodes[last]?.end];
  if (begin === undefined || end === undefined || last < first) return [...nodes];
  return [...nodes.slice(0, first), { kind: "group", begin, end }, ...nodes.slice(last + 1)];
}

/** `a AS b`. */
function groupRenamed(text: string, nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    const [before, after] = [found.at(-1), nodes[index + 1]];
    if (node && before && after && isWord(text, node, "AS") && !["keyword", "order"].includes(before.kind)) {
      found[found.length - 1] = { kind: "identifier", begin: before.begin, end: after.end };
      index++;
    } else if (node) found.push(node);
  }
  return found;
}

const ALIASED: readonly Node["kind"][] = [
  "parenthesis",
  "function",
  "identifier",
  "operation",
  "comparison",
  "case",
  "integer",
  "float",
];

/** `a b`. */
function groupAliases(nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const [node, after] = [nodes[index], nodes[index + 1]];
    if (node && after?.kind === "identifier" && ALIASED.includes(node.kind)) {
      found.push({ kind: "identifier", begin: node.begin, end: after.end });
      index++;
    } else if (node) found.push(node);
  }
  return found;
}

const NOT_LISTED: readonly (Node["kind"] | undefined)[] = [
  undefined,
  "parenthesis",
  "order",
  "comma",
  "semicolon",
  "type",
  "typed",
  "group",
  "assignment",
  "other",
];

/** `a, b`. */
function groupLists(nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    const [before, after] = [found.at(-1), nodes[index + 1]];
    const isBetween =
      node?.kind === "comma" && !NOT_LISTED.includes(before?.kind) && !NOT_LISTED.includes(after?.kind);
    if (isBetween && before && after) {
      found[found.length - 1] = { kind: "list", begin: before.begin, end: after.end };
      index++;
    } else if (node) found.push(node);
  }
  return found;
}

/** Makes clauses of names with IN, NOT IN, IS NULL or IS NOT NULL behind them; looks at no word twice, as MLflow does. */
function joinWords(text: string, nodes: readonly Node[]): Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < nodes.length; ) {
    const four = nodes.slice(index, index + 4);
    const [first, second, third, fourth] = four;
    if (!first || !second || !third || first.kind !== "identifier") {
      if (first) parts.push(partOf(text, first));
      index++;
      continue;
    }
    const left = sideOf(text, first);
    const join = (comparator: string, right: Side | undefined) => {
      const shown = `${left.text}${comparator}${right?.text ?? ""}`;
      parts.push({ kind: "clause", clause: { text: shown, left, comparator, right, comments: 0 } });
    };
    const word = (node: Node | undefined, wanted: string) => node !== undefined && isWord(text, node, wanted);
    if (word(second, "IN") && third.kind === "parenthesis") {
      join(text.slice(second.begin, second.end), sideOf(text, third));
      index += 3;
    } else if (word(second, "IS") && third.kind === "null") {
      join("IS NULL", undefined);
      index += 3;
    } else if (word(second, "IS") && word(third, "NOT NULL")) {
      join("IS NOT NULL", undefined);
      index += 3;
    } else if (word(second, "NOT") && word(third, "IN") && fourth?.kind === "parenthesis") {
      join("NOT IN", sideOf(text, fourth));
      index += 4;
    } else {
      parts.push(...four.map((node) => partOf(text, node)));
      index += 4;
    }
  }
  return parts;
}

function partOf(text: string, node: Node): Part {
  const image = text.slice(node.begin, node.end);
  if (node.sides) {
    const [left, comparator, right] = node.sides;
    const sides = { left: sideOf(text, left), comparator, right: sideOf(text, right) };
    return { kind: "clause", clause: { text: image, ...sides, comments: node.comments ?? 0 } };
  }
  return isWord(text, node, "AND") ? { kind: "and" } : { kind: "other", text: image };
}

function sideOf(text: string, { kind, begin, end }: Node): Side {
  const image = text.slice(begin, end);
  if (kind === "parenthesis") return { kind: "list", text: image };
  const isValue = kind === "identifier" || kind === "text" || kind === "integer" || kind === "float";
  return { kind: isValue ? kind : "other", text: image };
}

function isWord(text: string, { kind, begin, end }: Node, word: string): boolean {
  return kind === "keyword" && text.slice(begin, end).toUpperCase() === word;
}
