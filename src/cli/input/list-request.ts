/** A list command's options as the daemon takes them. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { FilterOperator, type ListOptions as ListOptionsMessage } from "../../gen/stepwell/v1/lists.js";
import { nearMatch } from "../../model/near-match.js";
import { FILTER_WORDS, type ListOptions, PAGE_SIZE } from "./list-options.js";

const OPERATORS = {
  equals: FilterOperator.FILTER_OPERATOR_EQUALS,
  notequals: FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
  contains: FilterOperator.FILTER_OPERATOR_CONTAINS,
  startswith: FilterOperator.FILTER_OPERATOR_STARTS_WITH,
  endswith: FilterOperator.FILTER_OPERATOR_ENDS_WITH,
  oneof: FilterOperator.FILTER_OPERATOR_ONE_OF,
  gt: FilterOperator.FILTER_OPERATOR_GREATER,
  gte: FilterOperator.FILTER_OPERATOR_GREATER_OR_EQUAL,
  lt: FilterOperator.FILTER_OPERATOR_LESS,
  lte: FilterOperator.FILTER_OPERATOR_LESS_OR_EQUAL,
} as const satisfies Record<(typeof FILTER_WORDS)[number], FilterOperator>;

/** From how many letters on a word can be a slip in an operator that long. */
const LONG = 5;
const LONG_WORDS = FILTER_WORDS.filter((word) => word.length >= LONG);
/** What other programs call them. */
const ELSEWHERE: Readonly<Record<string, keyof typeof OPERATORS>> = {
  eq: "equals",
  ne: "notequals",
  ge: "gte",
  le: "lte",
};

/** The request; `filters` are the names of the list's own filters, with hyphens. */
export function listRequest(options: ListOptions, filters: readonly string[]): ListOptionsMessage {
  const given = new Map<string, unknown>(Object.entries(options));
  const own = filters.flatMap((name) => {
    const text = given.get(camelCase(name));
    return typeof text === "string" ? [filterOf(name.replaceAll("-", "_"), text)] : [];
  });
  const byLabel = Object.entries(options.label ?? {}).map(([key, text]) => filterOf(`label.${key}`, text));
  const [, direction, sortBy = ""] = /^(?:(asc|desc):)?(.*)$/.exec(options.sortBy ?? "") ?? [];
  const size = isPaged(options) ? (options.size ?? PAGE_SIZE) : 0;
  return {
    filters: [...own, ...byLabel],
    anyFilter: options.logicalOperator === "or",
    sortBy,
    descending: direction === "desc",
    offset: ((options.page ?? 1) - 1) * size,
    limit: size,
  };
}

/** What to say of a page; nothing where the answer is whole. */
export function pageNote(options: ListOptions, total: number): string {
  if (!isPaged(options)) return "";
  const pages = Math.max(1, Math.ceil(total / (options.size ?? PAGE_SIZE)));
  return `Page ${options.page ?? 1} of ${pages}, ${total} in all.\n`;
}

function isPaged({ page, size }: ListOptions): boolean {
  return page !== undefined || size !== undefined;
}

function filterOf(field: string, text: string): { field: string; operator: FilterOperator; value: string } {
  const [, word = "", rest = ""] = /^([A-Za-z][A-Za-z_-]*):(.*)$/s.exec(text) ?? [];
  if (isWord(word)) return { field, operator: OPERATORS[word], value: rest };
  // Anything else with a colon in it is a value, as a name or an address may be one, unless it looks like a slip.
  const meant = rest.startsWith("//") ? "" : operatorMeant(word);
  if (meant !== "") {
    const sentence = `There is no operator ${JSON.stringify(word)} of filters.${meant} A value that begins so is written equals:${word}:...`;
    throw new StepwellError("STEPWELL_USAGE", sentence);
  }
  return { field, operator: OPERATORS.equals, value: text };
}

/** A hint, or nothing for a word that is no operator's slip. Short words are near to too much: they count as they are. */
function operatorMeant(word: string): string {
  const plain = word.toLowerCase().replace(/[_-]/g, "");
  const known = ELSEWHERE[plain] ?? plain;
  if (isWord(known)) return nearMatch(known, [known]);
  return known.length < LONG ? "" : nearMatch(known, LONG_WORDS);
}

function isWord(word: string): word is keyof typeof OPERATORS {
  return Object.hasOwn(OPERATORS, word);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
