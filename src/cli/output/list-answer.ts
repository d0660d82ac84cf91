/** Writes a long list while it comes, so that no command holds all of it. */
import type { Context } from "../context.js";
import { type Column, cellOf, type PlainRecord } from "./answer.js";
import { delimited } from "./delimited.js";
import { type Format, jsonText, render, shownOn } from "./output.js";
import type { Screen } from "./screen.js";

/** Takes a list piece by piece; the whole of what it writes is what `render` makes of the whole list. */
export interface ListAnswer {
  add(items: readonly PlainRecord[]): void;
  end(): Promise<void> | void;
}

export async function listAnswer(
  columns: readonly Column[],
  format: Format,
  { stdout, screen }: Pick<Context, "stdout" | "screen">,
): Promise<ListAnswer> {
  switch (format) {
    case "json":
      return jsonAnswer(stdout);
    case "yaml": {
      const { yaml } = await import("./yaml.js");
      return yamlAnswer((items) => stdout(yaml(shownOn(screen, items))));
    }
    case "csv":
    case "tsv":
      return rowsAnswer(columns, format, stdout, screen);
    case "table":
    case "fitted":
      return tableAnswer(async (items) =>
        stdout(await render({ kind: "list", columns, items }, format, screen)),
      );
  }
}

function jsonAnswer(write: (text: string) => void): ListAnswer {
  let isEmpty = true;
  return {
    add: (items) => {
      if (items.length === 0) return;
      const texts = items.map((item) => jsonText(item).replaceAll("\n", "\n  "));
      write(`${isEmpty ? "[" : ","}\n  ${texts.join(",\n  ")}`);
      isEmpty = false;
    },
    end: () => write(isEmpty ? "[]\n" : "\n]\n"),
  };
}

function yamlAnswer(write: (items: readonly PlainRecord[]) => void): ListAnswer {
  let isEmpty = true;
  return {
    add: (items) => {
      if (items.length === 0) return;
      write(items);
      isEmpty = false;
    },
    end: () => {
      if (isEmpty) write([]);
    },
  };
}

function rowsAnswer(
  columns: readonly Column[],
  format: "csv" | "tsv",
  write: (text: string) => void,
  screen: Screen | undefined,
): ListAnswer {
  write(delimited([columns.map(({ key }) => key)], format));
  return {
    add: (items) => {
      const rows = items.map((item) => columns.map((column) => shownOn(screen, cellOf(column, item))));
      write(delimited(rows, format));
    },
    end: () => undefined,
  };
}

/** A table's columns are as wide as their widest cell, so it waits for the last. */
function tableAnswer(write: (items: readonly PlainRecord[]) => Promise<void>): ListAnswer {
  const all: PlainRecord[] = [];
  return {
    add: (items) => {
      for (const item of items) all.push(item);
    },
    end: () => write(all),
  };
}
