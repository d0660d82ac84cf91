import type { DatabaseFinding } from "../sinks/mlflow-sql/inspect.js";

/** What was found of a tracker's database, as the end of a sentence. */
export function sayDatabase(found: DatabaseFinding): string {
  switch (found.kind) {
    case "missing":
      return "there is none yet; the first delivery makes it.";
    case "empty":
      return "it is empty; the first delivery makes MLflow's tables.";
    case "understood":
      return `MLflow's, at revision ${found.revision}; it can be written to.`;
  }
}
