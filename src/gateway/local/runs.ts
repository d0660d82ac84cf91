/** Runs of a local tracker, but for what is logged to them: get, delete and restore. */
import { systemClock } from "../../home/clock.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import { type LocalRequest, readMessage, text } from "../requests/request-message.js";
import type { Cell } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { printMessage } from "./printed-json.js";
import { loadRuns } from "./stored-runs.js";

const RUN_ID = { run_id: ["required", "string"] } as const;

export function getRun(database: LocalDatabase, request: LocalRequest): string {
  const { run_id, run_uuid } = readMessage(request, { run_id: text, run_uuid: text }, RUN_ID);
  const id = run_id || run_uuid || "";
  return database.read(() => {
    const [run] = loadRuns(database, [id], true);
    if (!run) throw noRun(id);
    return printMessage({ run });
  });
}

export function deleteRun(database: LocalDatabase, request: LocalRequest): string {
  return setStage(database, request, (id) => {
    deleteAssessments(database, id);
    return ["deleted", BigInt(systemClock.nowMs())];
  });
}

export function restoreRun(database: LocalDatabase, request: LocalRequest): string {
  return setStage(database, request, () => ["active", null]);
}

/** Throws where there is no such run. */
function checkRun(
  database: LocalDatabase,
  id: string,
): { readonly experimentId: Cell; readonly stage: string } {
  const [experimentId, stage] =
    database.row("SELECT experiment_id, lifecycle_stage FROM runs WHERE run_uuid = ?", [id]) ?? [];
  if (experimentId === undefined) throw noRun(id);
  return { experimentId, stage: String(stage) };
}

/** Throws where there is no such run, or it is deleted. Answers its experiment's id. */
export function checkActiveRun(database: LocalDatabase, id: string): Cell {
  const { experimentId, stage } = checkRun(database, id);
  if (stage === "active") return experimentId;
  throw invalid(`The run ${id} must be in the 'active' state. Current state is ${stage}.`);
}

/** MLflow takes back what was judged of traces in a run that is deleted. */
export function deleteAssessments(database: LocalDatabase, runId: string): void {
  if (!database.row("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'assessments'")) return;
  const noted = `"mlflow.assessment.sourceRunId": "${runId}"`;
  database.run("DELETE FROM main.assessments WHERE instr(assessment_metadata, ?) > 0", [noted]);
}

function setStage(
  database: LocalDatabase,
  request: LocalRequest,
  next: (id: string) => readonly [stage: string, deletedTime: Cell],
): string {
  const { run_id: id = "" } = readMessage(request, { run_id: text }, RUN_ID);
  return database.write(() => {
    checkRun(database, id);
    const [stage, deletedTime] = next(id);
    database.run("UPDATE main.runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?", [
      stage,
      deletedTime,
      id,
    ]);
    return printMessage({});
  });
}

function noRun(id: string): RequestFault {
  return new RequestFault("RESOURCE_DOES_NOT_EXIST", `Run with id=${id} not found`);
}
