/** What the state store is to those who use it. */
import type { Table } from "./tables.js";

/** One change: a value to write, or undefined to delete. */
export interface Change {
  readonly table: Table;
  readonly key: string;
  readonly value: unknown;
}

/** A row of a table. */
export interface Row<Value> {
  readonly key: string;
  readonly value: Value;
}

/** The state store, as everybody but its folder sees it. */
export interface Store {
  /** Whether the last write before it was opened was not whole, and is gone: nothing tells whether it was synced. */
  readonly isTorn: boolean;
  get<Value>(table: Table, key: string): Promise<Value | undefined>;
  /** Rows whose key begins with the prefix, in the keys' order. */
  list<Value>(table: Table, prefix?: string): Promise<Row<Value>[]>;
  /** Rows whose key comes after the given one, in the keys' order, a few in memory at a time. */
  rows<Value>(table: Table, after: string): AsyncIterable<Row<Value>>;
  /** Writes all changes or none; with sync they are on disk when it resolves. */
  write(changes: readonly Change[], options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}
