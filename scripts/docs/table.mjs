/** Tables of Markdown. */

/** A text as a cell can hold it: words of capitals that stand for something, and {{ }}, as they are. */
export function cell(text) {
  return text
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replace(/\s*\n\s*/g, " ");
}

/** A table. Throws for one without rows: it would say that there is nothing. */
export function table(head, rows) {
  if (rows.length === 0) throw new Error(`no row for ${head.join(", ")}`);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
