/** What was looked at as a list that people read from top to bottom: a mark, a name and what was found. */
import type { HomeCheck } from "../../model/home-check.js";
import { statusColored } from "./colors.js";
import { visible } from "./people.js";
import type { Screen } from "./screen.js";
import { padTo, widthOf, wrapTo } from "./text-width.js";

const MARKS = { ok: "✓", warn: "!", failed: "✗" } as const;
/** Where names are longer, what was found begins on the next line. */
const NAME_CELLS_MAX = 24;

export function checkList(checks: readonly HomeCheck[], screen: Screen | undefined): string {
  const hasMarks = screen?.isUnicode ?? false;
  const markCells = hasMarks ? 1 : widthOf("failed");
  const names = checks.map(({ check }) => visible(check));
  const nameCells = Math.min(NAME_CELLS_MAX, Math.max(...names.map(widthOf)));
  const margin = markCells + nameCells + 4;
  const room = screen ? Math.max(20, screen.columns - margin) : Number.POSITIVE_INFINITY;
  const rows = checks.map(({ result, finding, remedy }, index) => {
    const mark = padTo(hasMarks ? MARKS[result] : result, markCells);
    const name = names[index] ?? "";
    const head = `${screen ? statusColored(screen, result, mark) : mark}  `;
    const lines = wrapTo(visible(finding), room);
    const isLong = widthOf(name) > nameCells;
    const first = isLong ? name : `${padTo(name, nameCells)}  ${lines[0] ?? ""}`;
    const rest = isLong ? lines : lines.slice(1);
    // A command that is broken in two can't be pasted: the terminal wraps it as it likes.
    const toDo = remedy === "" ? [] : [`${" ".repeat(markCells + 2)}${visible(remedy)}`];
    return [head + first, ...rest.map((line) => " ".repeat(margin) + line), ...toDo];
  });
  return rows
    .flat()
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
