/** Which items a list holds and in which order: filters, sorting and pages over any kind of item; pure. */
import { StepwellError } from "../errors/stepwell-error.js";
import { nearMatch } from "../model/near-match.js";

/** How a field is held against a filter's value. */
export type FilterOperator =
  | "equals"
  | "notequals"
  | "contains"
  | "startswith"
  | "endswith"
  | "oneof"
  | "gt"
  | "gte"
  | "lt"
  | "lte";

export interface Filter {
  readonly field: string;
  readonly operator: FilterOperator;
  readonly value: string;
}

/** What a list is asked for. */
export interface ListQuery {
  readonly filters: readonly Filter[];
  /** One filter that holds is enough; else all have to. */
  readonly anyFilter: boolean;
  /** "" keeps the order of the items. */
  readonly sortBy: string;
  readonly descending: boolean;
  readonly offset: number;
  /** 0: all. */
  readonly limit: number;
}

/** A field: texts, and one has to pass, or a time in milliseconds since 1970. */
type Field<Item> =
  | { readonly kind: "texts"; readonly of: (item: Item) => readonly string[] }
  | { readonly kind: "time"; readonly of: (item: Item) => number };

/** The fields that items can be chosen and sorted by. Labels come by themselves, as label.KEY. */
export type Fields<Item> = Readonly<Record<string, Field<Item>>>;

/** Runs and secrets have none. */
function labelsOf(item: object): Readonly<Record<string, string>> {
  return (item as { readonly labels?: Readonly<Record<string, string>> }).labels ?? {};
}

/** One page, and how many items there are on all of them. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

/** Throws STEPWELL_FILTER_INVALID for an unknown field and a value that is no time. */
export function pageOf<Item extends object>(
  all: readonly Item[],
  fields: Fields<Item>,
  query: ListQuery,
): Page<Item> {
  const tests = query.filters.map((filter) => testOf(filter, fields));
  const isWanted = (item: Item) =>
    query.anyFilter && tests.length > 0
      ? tests.some((test) => test(item))
      : tests.every((test) => test(item));
  const wanted = tests.length > 0 ? all.filter(isWanted) : all;
  const ordered = sorted(wanted, fields, query);
  const end = query.limit > 0 ? query.offset + query.limit : ordered.length;
  return { items: ordered.slice(query.offset, end), total: wanted.length };
}

function sorted<Item extends object>(
  items: readonly Item[],
  fields: Fields<Item>,
  { sortBy, descending }: ListQuery,
): readonly Item[] {
  if (sortBy === "" && !descending) return items;
  const keyed = items.map((item) => ({
    item,
    key: sortBy === "" ? 0 : keyOf(fieldOf(sortBy, fields), item),
  }));
  if (sortBy !== "") keyed.sort(({ key: one }, { key: other }) => (one < other ? -1 : one > other ? 1 : 0));
  const result = keyed.map(({ item }) => item);
  return descending ? result.reverse() : result;
}

function keyOf<Item>(field: Field<Item>, item: Item): string | number {
  return field.kind === "time" ? field.of(item) : field.of(item).join(",");
}

function fieldOf<Item extends object>(name: string, fields: Fields<Item>): Field<Item> {
  if (name.startsWith("label.")) {
    const key = name.slice("label.".length);
    return {
      kind: "texts",
      of: (item) => {
        const labels = labelsOf(item);
        return Object.hasOwn(labels, key) ? [labels[key] ?? ""] : [];
      },
    };
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return field;
  const known = [...Object.keys(fields), "label.KEY"];
  throw invalid(
    `There is no field ${JSON.stringify(name)} to choose or sort by; there are: ${known.join(", ")}.${nearMatch(name, known)}`,
  );
}

function testOf<Item extends object>(filter: Filter, fields: Fields<Item>): (item: Item) => boolean {
  const field = fieldOf(filter.field, fields);
  if (field.kind === "texts") {
    const holds = textTest(filter);
    const of = field.of;
    return filter.operator === "notequals" ? (item) => of(item).every(holds) : (item) => of(item).some(holds);
  }
  const timeMs = timeOf(filter.value);
  const holds = timeTest(filter, timeMs);
  const of = field.of;
  return (item) => holds(of(item));
}

function textTest({ operator, value }: Filter): (text: string) => boolean {
  switch (operator) {
    case "equals":
      return (text) => text === value;
    case "notequals":
      return (text) => text !== value;
    case "contains":
      return (text) => text.includes(value);
    case "startswith":
      return (text) => text.startsWith(value);
    case "endswith":
      return (text) => text.endsWith(value);
    case "oneof": {
      const values = new Set(value.split(",").map((each) => each.trim()));
      return (text) => values.has(text);
    }
    case "gt":
      return (text) => text > value;
    case "gte":
      return (text) => text >= value;
    case "lt":
      return (text) => text < value;
    case "lte":
      return (text) => text <= value;
  }
}

function timeTest({ operator }: Filter, value: number): (timeMs: number) => boolean {
  const tests: Readonly<Partial<Record<FilterOperator, (timeMs: number) => boolean>>> = {
    equals: (timeMs) => timeMs === value,
    notequals: (timeMs) => timeMs !== value,
    gt: (timeMs) => timeMs > value,
    gte: (timeMs) => timeMs >= value,
    lt: (timeMs) => timeMs < value,
    lte: (timeMs) => timeMs <= value,
  };
  const test = tests[operator];
  if (test) return test;
  throw invalid(`A time can't be held against a value by ${operator}: use ${Object.keys(tests).join(", ")}.`);
}

/** A date, or a date and a time of day, in UTC unless it says otherwise; or milliseconds since 1970. */
function timeOf(text: string): number {
  if (/^\d{9,}$/.test(text)) return Number(text);
  const [, date, time = "00:00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text.trim()) ?? [];
  const timeMs = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw invalid(`${JSON.stringify(text)} is no time; write it as 2026-01-31 or 2026-01-31 10:00:00.`);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_FILTER_INVALID", sentence);
}
