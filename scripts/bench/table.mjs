/** The table of figures. A figure is { name, value, unit, target?, atMost?, note? }. */

export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Whether a figure meets its target; undefined when it has none. */
function isMet({ value, target, atMost }) {
  if (target !== undefined) return value >= target;
  return atMost === undefined ? undefined : value <= atMost;
}

function rowsOf(figures) {
  return figures.map((figure) => {
    const bound = figure.target ?? figure.atMost;
    const sign = figure.target === undefined ? "<=" : ">=";
    const met = isMet(figure);
    return [
      figure.name,
      `${format(figure.value)} ${figure.unit}`,
      bound === undefined ? "" : `${sign} ${format(bound)}`,
      met === undefined ? "" : met ? "met" : "NOT MET",
      figure.note ?? "",
    ];
  });
}

export function formatTable(figures) {
  const table = [["figure", "measured", "target", "", ""], ...rowsOf(figures)];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same as a page: what was measured, where and when. */
export function formatPage(figures, machine, day) {
  const table = [["figure", "measured", "target", "", "note"], Array(5).fill("---"), ...rowsOf(figures)];
  return `# Benchmarks

What \`npm run bench\` measured on ${machine}, on ${day}; all figures in one run, one after the other, with
MLflow's own ways beside ours. Targets are the project's own; \`npm run bench -- --page docs/benchmarks.md\`
writes this page.

${table.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
}

function format(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
