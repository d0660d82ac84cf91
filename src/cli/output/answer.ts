/** What an answer is made of. Keys are in snake case, with units last. */
export type Plain = string | number | boolean | null | readonly Plain[] | PlainRecord;
export interface PlainRecord {
  readonly [key: string]: Plain;
}

/** A column of a list: the item's key, or a value of its own. */
export interface Column {
  readonly key: string;
  readonly value?: (item: PlainRecord) => Plain;
  /** Its title on a terminal, where it is not the key. */
  readonly title?: string;
  /** Whether a terminal without room leaves it out. */
  readonly mayGo?: boolean;
  /** Whether it then stands below the first row that has it. */
  readonly goesBelow?: boolean;
}

/** One thing, or a list of things of one kind. */
export type Answer =
  | { readonly kind: "record"; readonly record: PlainRecord }
  | { readonly kind: "list"; readonly columns: readonly Column[]; readonly items: readonly PlainRecord[] };

/** The value of a column. */
export function cellOf(column: Column, item: PlainRecord): Plain {
  return column.value ? column.value(item) : (item[column.key] ?? null);
}
