import type { Plain } from "./answer.js";

/** Rows as RFC 4180 has them (csv), or separated by tabs with \t, \n and \\ escaped (tsv). */
export function delimited(rows: readonly (readonly Plain[])[], kind: "csv" | "tsv"): string {
  const separator = kind === "csv" ? "," : "\t";
  const quote = kind === "csv" ? quoteCsv : escapeTsv;
  return rows.map((row) => `${row.map((value) => quote(textOf(value))).join(separator)}\n`).join("");
}

function textOf(value: Plain): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function quoteCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escapeTsv(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}
