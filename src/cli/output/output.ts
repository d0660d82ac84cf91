/**
 * Answers in the formats that -o takes: json and yaml for programs, csv and tsv for
 * spreadsheets, tables for people.
 */
import { type Answer, cellOf, type Plain } from "./answer.js";
import { delimited } from "./delimited.js";
import { listTable, recordTable } from "./table.js";
import { yaml } from "./yaml.js";

export const FORMATS = ["table", "json", "yaml", "csv", "tsv"] as const;
export type Format = (typeof FORMATS)[number];

/** The answer as text that ends with a line feed; an empty table is an empty text. */
export function render(answer: Answer, format: Format): string {
  const data = answer.kind === "record" ? answer.record : answer.items;
  switch (format) {
    case "json":
      return `${JSON.stringify(data, undefined, 2)}\n`;
    case "yaml":
      return yaml(data);
    case "csv":
      return delimited(headedRows(answer), "csv");
    case "tsv":
      return delimited(headedRows(answer), "tsv");
    case "table":
      return answer.kind === "record" ? recordTable(answer.record) : listTable(answer.columns, answer.items);
  }
}

/** A header and rows; what is no single value is JSON in its cell. */
function headedRows(answer: Answer): Plain[][] {
  if (answer.kind === "list") {
    const rows = answer.items.map((item) => answer.columns.map((column) => cellOf(column, item)));
    return [answer.columns.map(({ key }) => key), ...rows];
  }
  return [Object.keys(answer.record), Object.values(answer.record)];
}
