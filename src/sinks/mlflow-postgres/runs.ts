/** Rows of runs: those of a whole request with a few statements. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { DEFAULT_WORKSPACE } from "../../model/rights.js";
import type { RunEnd, RunStart } from "../../model/run.js";
import type { Connection } from "./connection.js";
import { ensureExperiments, experimentKey } from "./experiments.js";
import { appendToUri, deletedFault, type Place } from "./place.js";
import { setTags, type TagRow } from "./texts.js";

/** A run that a pack is of. */
export interface WantedRun {
  readonly runId: string;
  readonly start: RunStart | undefined;
  /** Whether its sender knows of nothing of it in this database. */
  readonly isNew: boolean;
}

/**
 * Sees to it that the runs are there and active; makes them, and their experiments, where they are missing. Answers
 * for each the id of its experiment, or why nothing can be written to it: STEPWELL_RUN_DELETED, STEPWELL_RUN_UNKNOWN
 * for one that is not there and has no start, and what ensureExperiments says.
 */
export async function ensureRuns(
  connection: Connection,
  wanted: readonly WantedRun[],
  place: Place,
): Promise<(number | StepwellError)[]> {
  const known = await findRuns(connection, wanted);
  const missing = wanted.filter(({ runId, start, isNew }) => isNew && start && !known.has(runId));
  if (missing.length > 0) {
    const faults = await createRuns(connection, missing, place);
    const made = await findRuns(connection, missing);
    for (const { runId } of missing) known.set(runId, faults.get(runId) ?? made.get(runId) ?? gone(runId));
  }
  return wanted.map(({ runId, start, isNew }) => {
    const found = known.get(runId);
    if (found !== undefined) return found;
    if (isNew && !start) return new StepwellError("STEPWELL_RUN_UNKNOWN", `Run ${runId} has no start.`);
    return gone(runId);
  });
}

async function findRuns(
  connection: Connection,
  wanted: readonly WantedRun[],
): Promise<Map<string, number | StepwellError>> {
  const rows = await connection.rows(
    "SELECT run_uuid, lifecycle_stage, experiment_id FROM runs WHERE run_uuid = ANY ($1)",
    [wanted.map(({ runId }) => runId)],
  );
  return new Map(
    rows.map(([runId = "", stage, experimentId]) => {
      const id = runId ?? "";
      return [id, stage === "active" ? Number(experimentId) : deletedFault(id, "deleted in MLflow")];
    }),
  );
}

/** Makes the runs that it can; answers why it could not make the others, by run id. */
async function createRuns(
  connection: Connection,
  wanted: readonly WantedRun[],
  place: Place,
): Promise<Map<string, StepwellError>> {
  const starts = new Map(wanted.flatMap(({ runId, start }) => (start ? [[runId, start] as const] : [])));
  const nameOf = ({ experimentName: name, workspace = DEFAULT_WORKSPACE }: RunStart) => ({ name, workspace });
  const experiments = await ensureExperiments(connection, [...starts.values()].map(nameOf), place);
  const faults = new Map<string, StepwellError>();
  const rows: (string | number)[][] = [];
  for (const [runId, start] of starts) {
    const experiment = experiments.get(experimentKey(nameOf(start)));
    if (experiment === undefined || experiment instanceof StepwellError) {
      faults.set(runId, experiment ?? gone(runId));
      continue;
    }
    const artifacts = appendToUri(experiment.artifactLocation, runId, "artifacts");
    rows.push([
      runId,
      start.runName,
      start.sourceName,
      start.user,
      start.startTimeMs,
      artifacts,
      experiment.id,
    ]);
  }
  await insertRuns(connection, rows, starts);
  return faults;
}

async function insertRuns(
  connection: Connection,
  rows: readonly (readonly (string | number)[])[],
  starts: ReadonlyMap<string, RunStart>,
): Promise<void> {
  if (rows.length === 0) return;
  const columns = [0, 1, 2, 3, 4, 5, 6].map((column) => rows.map((row) => row[column] ?? null));
  const made = await connection.rows(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
       source_version, lifecycle_stage, artifact_uri, experiment_id)
     SELECT run_uuid, name, 'LOCAL', source_name, '', user_id, 'RUNNING', start_time, '', 'active', artifact_uri, experiment_id
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::integer[])
       AS n (run_uuid, name, source_name, user_id, start_time, artifact_uri, experiment_id)
     ORDER BY run_uuid ON CONFLICT DO NOTHING RETURNING run_uuid`,
    columns,
  );
  const tags = made.flatMap(([runId]) => {
    const start = starts.get(runId ?? "");
    return start ? tagsOf(runId ?? "", start) : [];
  });
  await setTags(connection, tags);
}

function tagsOf(runId: string, start: RunStart): TagRow[] {
  const ofStart = [
    { key: "mlflow.user", value: start.user },
    { key: "mlflow.source.name", value: start.sourceName },
    { key: "mlflow.source.type", value: "LOCAL" },
    { key: "mlflow.parentRunId", value: start.parentRunId },
  ];
  const named = { key: "mlflow.runName", value: start.runName };
  return [named, ...(start.hasOwnTags ? [] : ofStart)]
    .filter((tag) => tag.value !== "")
    .map((tag) => ({ runId, ...tag }));
}

/** How a run ends, or what it is called from now on. */
export interface RunChange {
  readonly runId: string;
  readonly name: string | undefined;
  readonly end: RunEnd | undefined;
}

/**
 * Ends the runs as they say, or goes on with them; the last word counts. One that goes on has no end, unless that is
 * said. A run is named once.
 */
export async function changeRuns(connection: Connection, changes: readonly RunChange[]): Promise<void> {
  if (changes.length === 0) return;
  const ids = changes.map(({ runId }) => runId);
  // In one order: an UPDATE takes its rows in any.
  if (ids.length > 1)
    await connection.rows("SELECT FROM runs WHERE run_uuid = ANY ($1) ORDER BY run_uuid FOR NO KEY UPDATE", [
      ids,
    ]);
  await connection.rows(
    `UPDATE runs r SET
       name = coalesce(n.name, r.name),
       status = coalesce(n.status, r.status),
       end_time = CASE WHEN n.status IS NULL THEN r.end_time WHEN n.end_time > 0 THEN n.end_time
         WHEN n.status = 'RUNNING' THEN NULL ELSE r.end_time END
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS n (run_uuid, name, status, end_time)
     WHERE r.run_uuid = n.run_uuid`,
    [
      ids,
      changes.map(({ name }) => name ?? null),
      changes.map(({ end }) => end?.status ?? null),
      changes.map(({ end }) => end?.endTimeMs ?? null),
    ],
  );
}

function gone(runId: string): StepwellError {
  return deletedFault(runId, "removed from MLflow's database");
}
