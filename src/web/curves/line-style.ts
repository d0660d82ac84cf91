/** How the lines of runs are told apart: by color, and beyond ten runs by dashes too. Pure. */

export interface LineStyle {
  readonly color: string;
  /** Lengths of strokes and of gaps, in pixels of the page; none: a line without gaps. */
  readonly dash: readonly number[];
  /** What the dashes are called. */
  readonly word: string;
}

/** Told apart by people who see few colors too, on light and on dark (Okabe and Ito's, a little darker). */
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
const DASHES: readonly Omit<LineStyle, "color">[] = [
  { dash: [], word: "solid" },
  { dash: [8, 4], word: "dashed" },
  { dash: [2, 3], word: "dotted" },
  { dash: [9, 3, 2, 3], word: "dash-dotted" },
];
/** Runs that are told apart; the ones behind them look like the first again. */
export const STYLES_MAX = COLORS.length * DASHES.length;

/** The style of the run at a place in the list. */
export function styleAt(index: number): LineStyle {
  const at = Math.max(0, index);
  const dashes = DASHES[Math.floor(at / COLORS.length) % DASHES.length] ?? { dash: [], word: "solid" };
  return { color: COLORS[at % COLORS.length] ?? "#0f7fc4", ...dashes };
}
