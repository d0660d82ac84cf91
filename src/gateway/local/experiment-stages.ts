/** Delete and restore of an experiment, with all its runs. */
import { systemClock } from "../../home/clock.js";
import { type LocalRequest, readMessage, text } from "../requests/request-message.js";
import type { LocalDatabase } from "./database.js";
import { findExperiment } from "./experiments.js";
import { printMessage } from "./printed-json.js";
import { deleteAssessments } from "./runs.js";

export function deleteExperiment(database: LocalDatabase, request: LocalRequest): string {
  return setStage(database, request, "active", "deleted");
}

export function restoreExperiment(database: LocalDatabase, request: LocalRequest): string {
  return setStage(database, request, "deleted", "active");
}

function setStage(database: LocalDatabase, request: LocalRequest, from: string, to: string): string {
  const checks = { experiment_id: ["required", "string"] } as const;
  const { experiment_id = "" } = readMessage(request, { experiment_id: text }, checks);
  return database.write(() => {
    const { id } = findExperiment(database, experiment_id, from);
    const nowMs = BigInt(systemClock.nowMs());
    database.run(
      "UPDATE main.experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?",
      [to, nowMs, id],
    );
    if (to === "deleted")
      for (const [run] of database.rows("SELECT run_uuid FROM runs WHERE experiment_id = ?", [id]))
        deleteAssessments(database, String(run));
    database.run("UPDATE main.runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?", [
      to,
      to === "deleted" ? nowMs : null,
      id,
    ]);
    return printMessage({});
  });
}
