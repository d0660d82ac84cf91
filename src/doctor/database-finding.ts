import { toStepwellError } from "../errors/stepwell-error.js";
import { faultCheck, type HomeCheck, okCheck } from "../model/home-check.js";
import type { DatabaseFinding } from "../sinks/mlflow-sqlite/inspect.js";

/** What was found of a tracker's database; `inspect` is handed in, because not everybody loads SQLite's binding. */
export function databaseCheck(
  check: string,
  databasePath: string,
  inspect: (path: string) => DatabaseFinding,
): HomeCheck {
  try {
    return okCheck(check, `${databasePath}: ${sayDatabase(inspect(databasePath))}`);
  } catch (error) {
    // A lock passes.
    const isLocked = toStepwellError(error).code === "STEPWELL_DATABASE_LOCKED";
    return faultCheck(check, isLocked ? "warn" : "failed", error);
  }
}

/** The end of a sentence. */
function sayDatabase(found: DatabaseFinding): string {
  switch (found.kind) {
    case "missing":
      return "there is none yet; the first delivery makes it.";
    case "empty":
      return "it is empty; the first delivery makes MLflow's tables.";
    case "understood":
      return `MLflow's, at revision ${found.revision}; it can be written to.`;
  }
}
