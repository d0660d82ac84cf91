import { StepwellError } from "../../errors/stepwell-error.js";
import type { RunEnd, RunStart } from "../../model/run.js";
import type { Connection, SqlValue } from "./connection.js";
import type { Shape } from "./shape.js";

/** What creating a run needs beside the run's own facts. */
export interface RunPlace {
  readonly shape: Shape;
  readonly artifactRoot: string;
  readonly nowMs: number;
  /** Experiments that this transaction has found or made, by name: nobody else can change them before it ends. */
  readonly experiments: Map<string, Experiment>;
}

interface Experiment {
  readonly id: number;
  readonly artifactLocation: string;
}

/** MLflow's name for what is outside any workspace. */
const DEFAULT_WORKSPACE = "default";

/**
 * Sees to it that the run is there and active; makes it, and its experiment, where they
 * are missing. Answers the experiment's id of a run that it made. Throws STEPWELL_RUN_DELETED where somebody
 * deleted the run, STEPWELL_EXPERIMENT_DELETED for a new run of an experiment that was deleted, and
 * STEPWELL_RUN_UNKNOWN for a run that is not there and has no start.
 */
export function ensureRun(
  connection: Connection,
  runId: string,
  start: RunStart | undefined,
  isNew: boolean,
  place: RunPlace,
): number | undefined {
  const [stage] = connection.row("SELECT lifecycle_stage FROM runs WHERE run_uuid = ?", [runId]) ?? [];
  if (stage === "active") return undefined;
  if (stage !== undefined)
    throw new StepwellError("STEPWELL_RUN_DELETED", `Run ${runId} was deleted in MLflow.`);
  if (!isNew)
    throw new StepwellError("STEPWELL_RUN_DELETED", `Run ${runId} was removed from MLflow's database.`);
  if (!start) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `Run ${runId} has no start.`);
  return createRun(connection, runId, start, place);
}

/** The id of the run's experiment; undefined for a run that is not there. */
export function experimentIdOf(connection: Connection, runId: string): string | undefined {
  const [id] = connection.row("SELECT experiment_id FROM runs WHERE run_uuid = ?", [runId]) ?? [];
  return id === undefined || id === null ? undefined : String(id);
}

/** Ends the run as it says, or goes on with it; the last word counts. One that goes on has no end, unless that is said. */
export function endRun(connection: Connection, runId: string, { status, endTimeMs }: RunEnd): void {
  const said = endTimeMs > 0 ? endTimeMs : null;
  const time = said === null && status !== "RUNNING" ? "end_time" : "?";
  const values = time === "?" ? [status, said, runId] : [status, runId];
  connection.run(`UPDATE runs SET status = ?, end_time = ${time} WHERE run_uuid = ?`, values);
}

function createRun(connection: Connection, runId: string, start: RunStart, place: RunPlace): number {
  const experiment = ensureExperiment(connection, start.experimentName, place);
  connection.run(
    "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES (?, ?, 'LOCAL', ?, '', ?, 'RUNNING', ?, '', 'active', ?, ?)",
    [
      runId,
      start.runName,
      start.sourceName,
      start.user,
      start.startTimeMs,
      `${experiment.artifactLocation}/${runId}/artifacts`,
      experiment.id,
    ],
  );
  const ofStart = [
    { key: "mlflow.user", value: start.user },
    { key: "mlflow.source.name", value: start.sourceName },
    { key: "mlflow.source.type", value: "LOCAL" },
    { key: "mlflow.parentRunId", value: start.parentRunId },
  ];
  const named = { key: "mlflow.runName", value: start.runName };
  const tags = [named, ...(start.hasOwnTags ? [] : ofStart)].filter((tag) => tag.value !== "");
  if (tags.length === 0) return experiment.id;
  const rows = tags.map(() => "(?, ?, ?)").join(", ");
  connection.run(
    `INSERT INTO tags ("key", value, run_uuid) VALUES ${rows}`,
    tags.flatMap(({ key, value }) => [key, value, runId]),
  );
  return experiment.id;
}

function ensureExperiment(connection: Connection, name: string, place: RunPlace): Experiment {
  const known = place.experiments.get(name);
  if (known) return known;
  const experiment = findExperiment(connection, name, place) ?? createExperiment(connection, name, place);
  place.experiments.set(name, experiment);
  return experiment;
}

function findExperiment(connection: Connection, name: string, place: RunPlace): Experiment | undefined {
  const scope = place.shape.hasWorkspaces ? ` AND workspace = '${DEFAULT_WORKSPACE}'` : "";
  const found = connection.row(
    `SELECT experiment_id, artifact_location, lifecycle_stage FROM experiments WHERE name = ?${scope}`,
    [name],
  );
  if (!found) return undefined;
  const [id, location, stage] = found;
  if (stage !== "active") {
    throw new StepwellError(
      "STEPWELL_EXPERIMENT_DELETED",
      `Experiment ${JSON.stringify(name)} was deleted in MLflow.`,
    );
  }
  const artifactLocation = String(location ?? `${place.artifactRoot}/${id}`).replace(/\/+$/, "");
  return { id: Number(id), artifactLocation };
}

function createExperiment(connection: Connection, name: string, place: RunPlace): Experiment {
  const { shape, artifactRoot, nowMs } = place;
  const id = connection.number("SELECT max(experiment_id) + 1 FROM experiments");
  const artifactLocation = `${artifactRoot}/${id}`;
  const columns: [string, SqlValue][] = [
    ["experiment_id", id],
    ["name", name],
    ["artifact_location", artifactLocation],
    ["lifecycle_stage", "active"],
  ];
  if (shape.hasExperimentTimes) columns.push(["creation_time", nowMs], ["last_update_time", nowMs]);
  if (shape.hasWorkspaces) columns.push(["workspace", DEFAULT_WORKSPACE]);
  const names = columns.map(([column]) => column).join(", ");
  const places = columns.map(() => "?").join(", ");
  connection.run(
    `INSERT INTO experiments (${names}) VALUES (${places})`,
    columns.map(([, value]) => value),
  );
  return { id, artifactLocation };
}
