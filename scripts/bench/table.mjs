/**
 * The table of figures. A figure is { name, value, unit, target?, atMost?, isOfCpu?, note? }: with isOfCpu its bound
 * is the reference machine's, and `slowness` scales it for this one: times by it, rates against it.
 */

export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The bound of a figure on this machine, and whether it is met; undefined when it has none. */
function boundOf({ value, target, atMost, isOfCpu }, slowness) {
  const factor = isOfCpu ? slowness : 1;
  if (target !== undefined) return { text: `>= ${format(target / factor)}`, isMet: value >= target / factor };
  if (atMost !== undefined) return { text: `<= ${format(atMost * factor)}`, isMet: value <= atMost * factor };
  return undefined;
}

function rowsOf(figures, slowness) {
  return figures.map((figure) => {
    const bound = boundOf(figure, slowness);
    return [
      figure.name,
      `${format(figure.value)} ${figure.unit}`,
      bound?.text ?? "",
      bound === undefined ? "" : bound.isMet ? "met" : "NOT MET",
      figure.note ?? "",
    ];
  });
}

export function formatTable(figures, slowness) {
  const table = [["figure", "measured", "target", "", ""], ...rowsOf(figures, slowness)];
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
export function formatPage(figures, { machine, day, slowness }) {
  const table = [
    ["figure", "measured", "target", "", "note"],
    Array(5).fill("---"),
    ...rowsOf(figures, slowness),
  ];
  return `# Benchmarks

What \`npm run bench\` measured on ${machine}, on ${day}; all figures in one run, one after the other, with
MLflow's own ways beside ours. Targets are the project's own. Those that the CPU decides are for a machine on which
\`node -e 0\` takes 64 ms; it took ${format(slowness)} times as long here, and they are scaled by that: times by it, rates
against it. \`npm run bench -- --page docs/benchmarks.md\` writes this page.

${table.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
}

function format(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
