/** Experiments of a local tracker: one by id or name, create, rename, delete, restore, tags. */
import { systemClock } from "../../home/clock.js";
import { checkLength } from "../requests/names.js";
import { readInt } from "../requests/python.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import { type LocalRequest, list, message, readMessage, text } from "../requests/request-message.js";
import { appendToUri, checkLocation, keptLocation } from "./artifact-location.js";
import { type Cell, toText } from "./cells.js";
import { faultOf, type LocalDatabase } from "./database.js";
import { checkExperimentTag, checkViewCount, isViewTag, VIEWS_MAX, viewsFull } from "./experiment-tags.js";
import { printMessage } from "./printed-json.js";
import { loadExperiments } from "./stored-experiments.js";

const NAME_MAX = 500;
const TAG = message({ key: text, value: text });
const BY_ID = { experiment_id: ["required", "string"] } as const;

export function getExperiment(database: LocalDatabase, request: LocalRequest): string {
  const { experiment_id: id } = readMessage(request, { experiment_id: text }, BY_ID);
  return database.read(() => {
    const [experiment] = loadExperiments(database, [findExperiment(database, id ?? "").id]);
    return printMessage({ experiment });
  });
}

export function getExperimentByName(database: LocalDatabase, request: LocalRequest): string {
  const checks = { experiment_name: ["required", "string"] } as const;
  const { experiment_name: name = "" } = readMessage(request, { experiment_name: text }, checks);
  return database.read(() => {
    const [id] = database.row("SELECT experiment_id FROM experiments WHERE name = ?", [name]) ?? [];
    if (id === undefined)
      throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name}'`);
    const [experiment] = loadExperiments(database, [id]);
    return printMessage({ experiment });
  });
}

export function createExperiment(database: LocalDatabase, request: LocalRequest): string {
  const fields = { name: text, artifact_location: text, tags: list(TAG) };
  const checks = { name: ["required", "string"], artifact_location: ["string"], tags: ["array"] } as const;
  const { name = "", artifact_location = "", tags: asked = [] } = readMessage(request, fields, checks);
  const tags = asked.map(({ key = "", value = "" }) => ({ key, value }));
  checkViewCount(tags.map(({ key }) => key));
  const location = artifact_location && keptLocation(database.place, checkLocation(artifact_location));
  checkName(name);
  for (const { key, value } of tags) checkExperimentTag(key, value);
  return database.write(() => {
    try {
      const id = insertExperiment(database, name, location);
      for (const { key, value } of tags) insertTag(database, id, key, value);
      return printMessage({ experiment_id: toText(id) });
    } catch (error) {
      const fault = faultOf(error);
      // MLflow takes whatever is there twice for the experiment.
      if (fault.code !== "BAD_REQUEST") throw error;
      const sentence = `Experiment(name=${name}) already exists. Error: ${fault.message}`;
      throw new RequestFault("RESOURCE_ALREADY_EXISTS", sentence);
    }
  });
}

export function updateExperiment(database: LocalDatabase, request: LocalRequest): string {
  const fields = { experiment_id: text, new_name: text };
  const checks = { ...BY_ID, new_name: ["string", "required"] } as const;
  const { experiment_id, new_name: name = "" } = readMessage(request, fields, checks);
  checkName(name);
  return database.write(() => {
    const { id, stage } = findExperiment(database, experiment_id ?? "");
    if (stage !== "active") throw new RequestFault("INVALID_STATE", "Cannot rename a non-active experiment.");
    const nowMs = BigInt(systemClock.nowMs());
    database.run("UPDATE main.experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?", [
      name,
      nowMs,
      id,
    ]);
    return printMessage({});
  });
}

export function setExperimentTag(database: LocalDatabase, request: LocalRequest): string {
  const fields = { experiment_id: text, key: text, value: text };
  const checks = { ...BY_ID, key: ["required", "string"], value: ["string"] } as const;
  const { experiment_id = "", key = "", value = "" } = readMessage(request, fields, checks);
  if (!isViewTag(key)) checkExperimentTag(key, value);
  return database.write(() => {
    const experiment = findExperiment(database, experiment_id);
    if (isViewTag(key)) {
      checkRoomForView(database, experiment.id, key);
      checkExperimentTag(key, value);
    }
    checkActive(experiment);
    database.run(
      'INSERT INTO main.experiment_tags ("key", value, experiment_id) VALUES (?, ?, ?) ON CONFLICT ("key", experiment_id) DO UPDATE SET value = excluded.value',
      // As it was asked: MLflow leaves it to SQLite to make a number of it here.
      [key, value, experiment_id],
    );
    return printMessage({});
  });
}

export function deleteExperimentTag(database: LocalDatabase, request: LocalRequest): string {
  const checks = { ...BY_ID, key: ["required", "string"] } as const;
  const { experiment_id = "", key = "" } = readMessage(request, { experiment_id: text, key: text }, checks);
  return database.write(() => {
    const experiment = findExperiment(database, experiment_id);
    checkActive(experiment);
    const sql = 'DELETE FROM main.experiment_tags WHERE experiment_id = ? AND "key" = ?';
    if (database.run(sql, [experiment.id, key]) === 0)
      throw new RequestFault(
        "RESOURCE_DOES_NOT_EXIST",
        `No tag with name: ${key} in experiment with id ${experiment_id}`,
      );
    return printMessage({});
  });
}

/** The integer that MLflow keeps for an experiment's id. */
export function readExperimentId(id: string): bigint {
  const found = readInt(id);
  if (found === undefined)
    throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  return found;
}

/** An experiment's row. */
export interface Found {
  readonly id: Cell;
  readonly stage: string;
  readonly location: string | undefined;
}

/** Throws where there is none, or none in this stage. No id means the first one. */
export function findExperiment(database: LocalDatabase, id: string, stage?: string): Found {
  const number = readExperimentId(id || "0");
  const [found, foundStage, location] =
    database.row(
      "SELECT experiment_id, lifecycle_stage, artifact_location FROM experiments WHERE experiment_id = ?",
      [number],
    ) ?? [];
  if (found === undefined || (stage !== undefined && foundStage !== stage))
    throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${number} exists`);
  return { id: found, stage: String(foundStage), location: toText(location) };
}

/** Throws for an experiment that is deleted. */
export function checkActive({ id, stage }: Found): void {
  if (stage === "active") return;
  throw invalid(`The experiment ${id} must be in the 'active' state. Current state is ${stage}.`);
}

function insertExperiment(database: LocalDatabase, name: string, location: string): Cell {
  const nowMs = BigInt(systemClock.nowMs());
  const [id = 0n] =
    database.row(
      "INSERT INTO main.experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (?, ?, 'active', ?, ?) RETURNING experiment_id",
      [name, location || null, nowMs, nowMs],
    ) ?? [];
  if (!location)
    database.run("UPDATE main.experiments SET artifact_location = ? WHERE experiment_id = ?", [
      appendToUri(database.place.artifactRoot, String(id)),
      id,
    ]);
  return id;
}

function insertTag(database: LocalDatabase, id: Cell, key: string, value: string): void {
  database.run('INSERT INTO main.experiment_tags ("key", value, experiment_id) VALUES (?, ?, ?)', [
    key,
    value,
    id,
  ]);
}

function checkRoomForView(database: LocalDatabase, id: Cell, key: string): void {
  const keys = database.rows('SELECT "key" FROM experiment_tags WHERE experiment_id = ?', [id]).map(String);
  if (keys.includes(key) || keys.filter(isViewTag).length < VIEWS_MAX) return;
  throw viewsFull(String(id));
}

function checkName(name: string): void {
  if (name === "") throw invalid("Invalid experiment name: ''");
  checkLength("name", NAME_MAX, name);
}
