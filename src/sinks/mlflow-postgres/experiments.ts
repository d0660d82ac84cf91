/** Experiments by name, made where they are missing, as MLflow's server makes them. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { DEFAULT_WORKSPACE } from "../../model/rights.js";
import type { Connection } from "./connection.js";
import { appendToUri, type Place, textFault } from "./place.js";

export interface Experiment {
  readonly id: number;
  readonly artifactLocation: string;
}

/** An experiment that a run asks for. */
export interface ExperimentName {
  readonly name: string;
  readonly workspace: string;
}

export function experimentKey({ name, workspace }: ExperimentName): string {
  return `${workspace}\n${name}`;
}

/**
 * The experiments by their key; those that can't be used as faults: STEPWELL_EXPERIMENT_DELETED, and
 * STEPWELL_EXPERIMENT_UNUSABLE for a name that the database can't keep.
 */
export async function ensureExperiments(
  connection: Connection,
  asked: readonly ExperimentName[],
  place: Place,
): Promise<Map<string, Experiment | StepwellError>> {
  const found = new Map<string, Experiment | StepwellError>();
  const usable: ExperimentName[] = [];
  for (const each of new Map(asked.map((one) => [experimentKey(one), one])).values()) {
    const fault = textFault(place.shape, "experiments.name", each.name);
    if (fault === undefined) usable.push(each);
    else found.set(experimentKey(each), unusable(each.name, fault));
  }
  await findExperiments(connection, usable, place, found);
  // All in one order: two transactions that make the same ones never wait for each other in a circle.
  const missing = usable.filter((each) => !found.has(experimentKey(each))).sort(byKey);
  for (const each of missing) await createExperiment(connection, each, place);
  if (missing.length > 0) await findExperiments(connection, missing, place, found);
  return found;
}

async function findExperiments(
  connection: Connection,
  asked: readonly ExperimentName[],
  { shape, artifactRoot }: Place,
  found: Map<string, Experiment | StepwellError>,
): Promise<void> {
  if (asked.length === 0) return;
  const workspace = shape.hasWorkspaces ? "workspace" : `'${DEFAULT_WORKSPACE}'`;
  const rows = await connection.rows(
    `SELECT experiment_id, name, ${workspace}, artifact_location, lifecycle_stage FROM experiments WHERE name = ANY ($1)`,
    [asked.map(({ name }) => name)],
  );
  for (const [id, name, ofWorkspace, location, stage] of rows) {
    const key = experimentKey({ name: name ?? "", workspace: ofWorkspace ?? "" });
    const artifactLocation = location ?? appendToUri(artifactRoot, id ?? "");
    found.set(key, stage === "active" ? { id: Number(id), artifactLocation } : deleted(name ?? ""));
  }
}

async function createExperiment(connection: Connection, asked: ExperimentName, place: Place): Promise<void> {
  // MLflow's server makes its default experiment with this id, and does not start where another one has the name.
  const isDefault = experimentKey(asked) === experimentKey({ name: "Default", workspace: DEFAULT_WORKSPACE });
  if (isDefault && (await insertExperiment(connection, asked, place, [["experiment_id", 0]]))) return;
  // Otherwise the database counts; where nothing is made, another transaction made it meanwhile.
  await insertExperiment(connection, asked, place, []);
}

/** Answers whether it was made. */
async function insertExperiment(
  connection: Connection,
  { name, workspace }: ExperimentName,
  { shape, artifactRoot, nowMs }: Place,
  more: readonly (readonly [string, number])[],
): Promise<boolean> {
  const columns: (readonly [string, string | number])[] = [
    ...more,
    ["name", name],
    ["lifecycle_stage", "active"],
  ];
  if (shape.hasExperimentTimes) columns.push(["creation_time", nowMs], ["last_update_time", nowMs]);
  if (shape.hasWorkspaces) columns.push(["workspace", workspace]);
  const [made] = await connection.rows(
    `INSERT INTO experiments (${columns.map(([column]) => column).join(", ")})
     VALUES (${columns.map((_, index) => `$${index + 1}`).join(", ")})
     ON CONFLICT DO NOTHING RETURNING experiment_id`,
    columns.map(([, value]) => value),
  );
  if (!made?.[0]) return false;
  await connection.rows("UPDATE experiments SET artifact_location = $2 WHERE experiment_id = $1", [
    made[0],
    appendToUri(artifactRoot, made[0]),
  ]);
  return true;
}

function byKey(one: ExperimentName, other: ExperimentName): number {
  return experimentKey(one) < experimentKey(other) ? -1 : 1;
}

function deleted(name: string): StepwellError {
  const sentence = `Experiment ${JSON.stringify(name)} was deleted in MLflow.`;
  return new StepwellError("STEPWELL_EXPERIMENT_DELETED", sentence);
}

function unusable(name: string, fault: string): StepwellError {
  const shown = JSON.stringify(name.slice(0, 100));
  return new StepwellError("STEPWELL_EXPERIMENT_UNUSABLE", `The experiment's name ${shown} ${fault}.`);
}
