/**
 * Answers in the formats that -o takes: json and yaml for programs, csv and tsv for
 * spreadsheets, tables for people. Without -o it is for people, as their terminal has room for it.
 */
import { systemClock } from "../../home/clock.js";
import type { Context } from "../context.js";
import { type Answer, cellOf, type Plain, type PlainRecord } from "./answer.js";
import { delimited } from "./delimited.js";
import { fittedList, fittedRecord } from "./fitted.js";
import { visible, visibleJson } from "./people.js";
import type { Screen } from "./screen.js";
import { listTable, recordTable } from "./table.js";

export const FORMATS = ["table", "json", "yaml", "csv", "tsv"] as const;
/** "fitted": none was asked for. */
export type Format = (typeof FORMATS)[number] | "fitted";

/** Whether people are to read it. */
export function isForPeople(format: Format): boolean {
  return format === "fitted" || format === "table";
}

/** Writes an answer. */
export async function showAnswer(
  { stdout, screen }: Pick<Context, "stdout" | "screen">,
  answer: Answer,
  format: Format,
): Promise<void> {
  stdout(await render(answer, format, screen));
}

/** The answer as text that ends with a line feed; an empty table is an empty text. */
export async function render(answer: Answer, format: Format, screen?: Screen): Promise<string> {
  const { kind } = answer;
  switch (format) {
    case "json":
      return `${jsonText(answer.kind === "record" ? answer.record : answer.items)}\n`;
    case "yaml": {
      const { yaml } = await import("./yaml.js");
      return yaml(shownOn(screen, answer.kind === "record" ? answer.record : answer.items));
    }
    case "csv":
    case "tsv":
      return delimited(
        headedRows(answer).map((row) => row.map((cell) => shownOn(screen, cell))),
        format,
      );
    case "fitted":
      if (screen && kind === "list")
        return fittedList(answer.columns, answer.items, screen, systemClock.nowMs());
      if (screen && kind === "record") return fittedRecord(answer.record, screen, systemClock.nowMs());
      return kind === "record" ? recordTable(answer.record) : listTable(answer.columns, answer.items);
    case "table":
      return kind === "record" ? recordTable(answer.record) : listTable(answer.columns, answer.items);
  }
}

/** JSON that no terminal is steered by. */
export function jsonText(value: Plain, space: number | undefined = 2): string {
  return visibleJson(JSON.stringify(value, undefined, space));
}

/** A value as a terminal may get it; a program gets it as it is. */
export function shownOn(screen: Screen | undefined, value: Plain): Plain {
  if (!screen || value === null) return value;
  if (typeof value === "string") return visible(value);
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map((item) => shownOn(screen, item));
  const entries = Object.entries(value as PlainRecord).map(([key, field]) => [
    visible(key),
    shownOn(screen, field),
  ]);
  return Object.fromEntries(entries) as PlainRecord;
}

/** A header and rows; what is no single value is JSON in its cell. */
function headedRows(answer: Answer): Plain[][] {
  if (answer.kind === "list") {
    const rows = answer.items.map((item) => answer.columns.map((column) => cellOf(column, item)));
    return [answer.columns.map(({ key }) => key), ...rows];
  }
  return [Object.keys(answer.record), Object.values(answer.record)];
}
