/** Colors of runs: told apart by people who see few colors too, on light and on dark (Okabe and Ito's, a little darker). */
const COLORS = [
  "#0f7fc4",
  "#d9711c",
  "#12946b",
  "#b8529c",
  "#7a6ad8",
  "#9a8200",
  "#c23b3b",
  "#3c8f9c",
  "#7d6450",
  "#5f7d1f",
];

/** The color of the run at a place in the list. */
export function colorAt(index: number): string {
  return COLORS[index % COLORS.length] ?? "#0f7fc4";
}
