/** Logged models of a local tracker: create, one by id, finalize, delete, params and tags. */
import { systemClock } from "../../home/clock.js";
import { newModelId } from "../../model/model-id.js";
import { readFinalization } from "../requests/journaled-calls.js";
import { modelNameOf, readModelCreation } from "../requests/model-creation.js";
import { quote } from "../requests/python.js";
import { noModel, RequestFault } from "../requests/request-fault.js";
import { type LocalRequest, list, message, readMessage, text } from "../requests/request-message.js";
import { appendToUri } from "./artifact-location.js";
import type { Cell } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { checkActive, findExperiment } from "./experiments.js";
import { printMessage } from "./printed-json.js";
import { loadModels } from "./stored-models.js";
import { ensureTables } from "./upgrade.js";

const ENTRY = message({ key: text, value: text });
const PENDING = 1n;

/** A request about the model in its path. */
export interface ModelRequest extends LocalRequest {
  readonly modelId: string;
  /** The tag in the path. */
  readonly key?: string;
}

export function createModel(database: LocalDatabase, request: LocalRequest): string {
  const asked = readModelCreation(request);
  return database.write(() => {
    const experiment = findExperiment(database, asked.experiment_id ?? "");
    checkActive(experiment);
    ensureTables(database, "models");
    const id = newModelId();
    const nowMs = BigInt(systemClock.nowMs());
    database.run(
      "INSERT INTO main.logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)",
      [
        id,
        // As it was asked: MLflow leaves it to SQLite to make a number of it here.
        asked.experiment_id ?? "",
        asked.name || modelNameOf(id),
        appendToUri(experiment.location ?? "", "models", id, "artifacts"),
        nowMs,
        nowMs,
        PENDING,
        asked.model_type ?? "",
        asked.source_run_id ?? "",
      ],
    );
    addParams(database, id, asked.experiment_id ?? "", asked.params ?? []);
    for (const { key = "", value = "" } of asked.tags ?? [])
      database.run(INSERT_TAG, [id, asked.experiment_id ?? "", key, value]);
    return printModel(database, id);
  });
}

export function getModel(database: LocalDatabase, { modelId, query }: ModelRequest): string {
  const withDeleted = (query.get("allow_deleted") ?? "false").toLowerCase() === "true";
  return database.read(() => {
    const { stage } = findModel(database, modelId);
    if (!withDeleted && stage === "deleted") throw noModel(modelId);
    return printModel(database, modelId);
  });
}

export function finalizeModel(database: LocalDatabase, request: ModelRequest): string {
  const { modelId: id, status } = readFinalization(request);
  return database.write(() => {
    findModel(database, id);
    database.run(
      "UPDATE main.logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?",
      [BigInt(status), BigInt(systemClock.nowMs()), id],
    );
    return printModel(database, id);
  });
}

export function deleteModel(database: LocalDatabase, { modelId }: ModelRequest): string {
  return database.write(() => {
    findModel(database, modelId);
    database.run(
      "UPDATE main.logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ? WHERE model_id = ?",
      [BigInt(systemClock.nowMs()), modelId],
    );
    return printMessage({});
  });
}

export function logModelParams(database: LocalDatabase, request: ModelRequest): string {
  const fields = { model_id: text, params: list(ENTRY) };
  const checks = { model_id: ["string", "required"], params: ["array"] } as const;
  const { params = [] } = readMessage(request, fields, checks);
  return database.write(() => {
    const { experimentId } = findModel(database, request.modelId);
    addParams(database, request.modelId, experimentId, params);
    return printMessage({});
  });
}

export function setModelTags(database: LocalDatabase, request: ModelRequest): string {
  const fields = { model_id: text, tags: list(ENTRY) };
  const { tags = [] } = readMessage(request, fields, { tags: ["array"] });
  return database.write(() => {
    const { experimentId } = findModel(database, request.modelId);
    for (const { key = "", value = "" } of tags)
      database.run(
        `${INSERT_TAG} ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value`,
        [request.modelId, experimentId, key, value],
      );
    return printMessage({});
  });
}

export function deleteModelTag(database: LocalDatabase, { modelId, key = "" }: ModelRequest): string {
  return database.write(() => {
    findModel(database, modelId);
    const sql = "DELETE FROM main.logged_model_tags WHERE model_id = ? AND tag_key = ?";
    if (database.run(sql, [modelId, key]) === 0)
      throw new RequestFault(
        "RESOURCE_DOES_NOT_EXIST",
        `No tag with key ${quote(key)} found for model with ID ${quote(modelId)}.`,
      );
    return printMessage({});
  });
}

const INSERT_TAG =
  "INSERT INTO main.logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (?, ?, ?, ?)";

type Entries = readonly { readonly key: string | undefined; readonly value: string | undefined }[];

function addParams(database: LocalDatabase, id: string, experimentId: Cell, params: Entries): void {
  for (const { key = "", value = "" } of params)
    database.run(
      "INSERT INTO main.logged_model_params (model_id, experiment_id, param_key, param_value) VALUES (?, ?, ?, ?)",
      [id, experimentId, key, value],
    );
}

function printModel(database: LocalDatabase, id: string): string {
  const [model] = loadModels(database, [id]);
  if (!model) throw noModel(id);
  return printMessage({ model });
}

/** Throws where there is none; one that is deleted is there. */
function findModel(
  database: LocalDatabase,
  id: string,
): { readonly experimentId: Cell; readonly stage: string } {
  const [experimentId, stage] =
    database.row("SELECT experiment_id, lifecycle_stage FROM logged_models WHERE model_id = ?", [id]) ?? [];
  if (experimentId === undefined) throw noModel(id);
  return { experimentId, stage: String(stage) };
}
