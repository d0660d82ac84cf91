import { StepwellError } from "../../errors/stepwell-error.js";
import { nearMatch } from "../../model/near-match.js";
import type { Column } from "./answer.js";

/** The columns that --columns names, in its order; "all" or nothing means all. Throws STEPWELL_USAGE. */
export function chosenColumns(all: readonly Column[], wanted: string | undefined): readonly Column[] {
  if (wanted === undefined || wanted === "all") return all;
  return wanted.split(",").map((word) => {
    const key = word.trim().replaceAll("-", "_");
    const column = all.find((each) => each.key === key);
    if (column) return { ...column, mayGo: false };
    const known = all.map((each) => each.key);
    const sentence = `There is no column ${JSON.stringify(word)}; there are: ${known.join(", ")}.`;
    throw new StepwellError("STEPWELL_USAGE", sentence + nearMatch(key, known));
  });
}
