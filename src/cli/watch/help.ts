/** What `?` shows, and the line at the foot. */

/** Keys with what they do. */
export const HELP: readonly (readonly [keys: string, what: string])[] = [
  ["arrows, h j k l", "go to another curve, or run"],
  ["Tab", "go from the curves to the runs, and back"],
  ["Space", "show the marked run's curves, too; or no longer"],
  ["Enter", "one curve large, or all; of a run: its curves alone"],
  ["f", "follow: show the newest run"],
  ["/", "filter the metrics by a regular expression"],
  ["n b, PgDn PgUp", "next page, page before"],
  ["p", "pin: the curve stands first"],
  ["s S", "smooth more, less; what was logged stays behind it"],
  ["l", "logarithmic scale"],
  ["x", "along steps, time since the start, time of day"],
  ["+ -", "zoom in, out"],
  [", .", "go back, forth in what is zoomed"],
  ["0", "show all of it again"],
  ["m", "system metrics: a group, curves, hidden"],
  ["r", "hide the runs, show them"],
  ["Esc", "close what is large, the zoom, the filter"],
  ["Ctrl-Z", "stop; fg goes on"],
  ["q, Ctrl-C", "leave"],
  ["mouse", "click a run or a curve; the wheel pages, or zooms"],
];

/** The foot's line: the first ones are those that fit. */
export const HINTS: readonly (readonly [key: string, what: string])[] = [
  ["?", "help"],
  ["q", "quit"],
  ["/", "filter"],
  ["Space", "overlay"],
  ["Enter", "large"],
  ["s", "smooth"],
  ["l", "log"],
  ["x", "axis"],
  ["+ -", "zoom"],
  ["p", "pin"],
  ["n b", "page"],
  ["Tab", "runs"],
  ["f", "follow"],
  ["m", "system"],
  ["r", "hide runs"],
];
