/** Writes a long list while it comes, so that no command holds all of it. */
import { type Column, cellOf, type PlainRecord } from "./answer.js";
import { delimited } from "./delimited.js";
import type { Format } from "./output.js";
import { listTable } from "./table.js";
import { yaml } from "./yaml.js";

/** Takes a list piece by piece; the whole of what it writes is what `render` makes of the whole list. */
export interface ListAnswer {
  add(items: readonly PlainRecord[]): void;
  end(): void;
}

export function listAnswer(
  columns: readonly Column[],
  format: Format,
  write: (text: string) => void,
): ListAnswer {
  switch (format) {
    case "json":
      return jsonAnswer(write);
    case "yaml":
      return yamlAnswer(write);
    case "csv":
    case "tsv":
      return rowsAnswer(columns, format, write);
    case "table":
      return tableAnswer(columns, write);
  }
}

function jsonAnswer(write: (text: string) => void): ListAnswer {
  let isEmpty = true;
  return {
    add: (items) => {
      if (items.length === 0) return;
      const texts = items.map((item) => JSON.stringify(item, undefined, 2).replaceAll("\n", "\n  "));
      write(`${isEmpty ? "[" : ","}\n  ${texts.join(",\n  ")}`);
      isEmpty = false;
    },
    end: () => write(isEmpty ? "[]\n" : "\n]\n"),
  };
}

function yamlAnswer(write: (text: string) => void): ListAnswer {
  let isEmpty = true;
  return {
    add: (items) => {
      if (items.length === 0) return;
      write(yaml(items));
      isEmpty = false;
    },
    end: () => {
      if (isEmpty) write(yaml([]));
    },
  };
}

function rowsAnswer(
  columns: readonly Column[],
  format: "csv" | "tsv",
  write: (text: string) => void,
): ListAnswer {
  write(delimited([columns.map(({ key }) => key)], format));
  return {
    add: (items) => {
      const rows = items.map((item) => columns.map((column) => cellOf(column, item)));
      write(delimited(rows, format));
    },
    end: () => undefined,
  };
}

/** A table's columns are as wide as their widest cell, so it waits for the last. */
function tableAnswer(columns: readonly Column[], write: (text: string) => void): ListAnswer {
  const all: PlainRecord[] = [];
  return {
    add: (items) => {
      for (const item of items) all.push(item);
    },
    end: () => write(listTable(columns, all)),
  };
}
