/**
 * What the daemon knows of a tracker's runs and experiments, as tables in memory: they are searched by the queries that
 * search a local tracker's file, and so by the same filters, orders and pages.
 */
import Database from "libsql";
import type { JsonObject } from "../requests/body.js";
import type { LocalRequest } from "../requests/request-message.js";
import type { Cell } from "./cells.js";
import { faultOf, type ReadTables } from "./database.js";
import { findExperimentPage } from "./experiment-search.js";
import type { Page } from "./page-token.js";
import { PreparedQueries } from "./prepared-queries.js";
import { findRunPage } from "./run-search.js";

/** What is searched, in MLflow's JSON. */
export type Known =
  | { readonly kind: "runs"; readonly runs: readonly KnownRun[] }
  | { readonly kind: "experiments"; readonly experiments: readonly JsonObject[] };

export interface KnownRun {
  readonly runId: string;
  /** The one of those that are asked for that it is in. */
  readonly experimentId: string;
  readonly view: JsonObject;
}

/** Columns that are read, with MLflow's types. */
const TABLES = `
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE experiment_tags ("key" VARCHAR(250), value VARCHAR(5000), experiment_id INTEGER, PRIMARY KEY (experiment_id, "key"));
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT, artifact_uri VARCHAR(200), lifecycle_stage VARCHAR(20), experiment_id INTEGER);
CREATE TABLE tags ("key" VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (run_uuid, "key"));
CREATE TABLE params ("key" VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (run_uuid, "key"));
CREATE TABLE latest_metrics ("key" VARCHAR(250), value FLOAT, is_nan BOOLEAN, run_uuid VARCHAR(32), PRIMARY KEY (run_uuid, "key"));
CREATE TABLE datasets (dataset_uuid VARCHAR(36) PRIMARY KEY, name VARCHAR(500), digest VARCHAR(36));
CREATE TABLE inputs (input_uuid VARCHAR(36) PRIMARY KEY, source_id VARCHAR(36), destination_id VARCHAR(36));
CREATE TABLE input_tags (input_uuid VARCHAR(36), name VARCHAR(255), value VARCHAR(500), PRIMARY KEY (input_uuid, name));
`;

/** The ids of those that a request means, a page of them. Throws a RequestFault for one that MLflow does not take. */
export function findKnown(known: Known, request: LocalRequest): Page<string> {
  const tables = new MemoryTables();
  try {
    if (known.kind === "runs") {
      for (const run of known.runs) addRun(tables, run);
      return findRunPage(tables, request);
    }
    for (const experiment of known.experiments) addExperiment(tables, experiment);
    const { ids, nextPageToken } = findExperimentPage(tables, request);
    return { ids: ids.map(String), nextPageToken };
  } catch (error) {
    throw faultOf(error);
  } finally {
    tables.close();
  }
}

class MemoryTables extends PreparedQueries implements ReadTables {
  readonly place = { artifactRoot: "", servesArtifacts: false };
  readonly #database = new Database(":memory:");

  constructor() {
    super();
    this.#database.exec(`PRAGMA case_sensitive_like = true; ${TABLES} BEGIN`);
  }

  read<Value>(action: () => Value): Value {
    return action();
  }

  /** Puts a row in, of values in the table's order. */
  add(table: string, ...values: Cell[]): void {
    this.run(`INSERT OR REPLACE INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, values);
  }

  close(): void {
    this.forgetStatements();
    this.#database.close();
  }

  protected prepare(sql: string): Database.Statement {
    return this.#database.prepare(sql);
  }
}

function addExperiment(tables: MemoryTables, shown: JsonObject): void {
  const id = BigInt(textOf(shown["experiment_id"]) ?? 0);
  tables.add(
    "experiments",
    id,
    textOf(shown["name"]),
    textOf(shown["lifecycle_stage"]) ?? "active",
    wholeOf(shown["creation_time"]),
    wholeOf(shown["last_update_time"]),
  );
  for (const { key, value } of listOf(shown["tags"]))
    tables.add("experiment_tags", textOf(key), textOf(value) ?? "", id);
}

function addRun(tables: MemoryTables, { runId, experimentId, view }: KnownRun): void {
  const info = partOf(view, "info");
  const data = partOf(view, "data");
  tables.add(
    "runs",
    runId,
    textOf(info["run_name"]),
    textOf(info["user_id"]),
    textOf(info["status"]),
    wholeOf(info["start_time"]),
    wholeOf(info["end_time"]),
    textOf(info["artifact_uri"]),
    textOf(info["lifecycle_stage"]) ?? "active",
    BigInt(experimentId),
  );
  for (const name of ["tags", "params"])
    for (const { key, value } of listOf(data[name]))
      tables.add(name, textOf(key), textOf(value) ?? "", runId);
  for (const { key, value } of listOf(data["metrics"])) {
    const isNan = value === "NaN";
    tables.add("latest_metrics", textOf(key), isNan ? 0 : doubleOf(value), isNan ? 1n : 0n, runId);
  }
  for (const [index, input] of listOf(partOf(view, "inputs")["dataset_inputs"]).entries())
    addDataset(tables, runId, `${runId}-${index}`, input);
}

/** Each input has a dataset of its own: nobody asks whose else it is. */
function addDataset(tables: MemoryTables, runId: string, id: string, input: JsonObject): void {
  const { name, digest } = partOf(input, "dataset");
  tables.add("datasets", id, textOf(name), textOf(digest));
  tables.add("inputs", id, id, runId);
  for (const { key, value } of listOf(input["tags"]))
    tables.add("input_tags", id, textOf(key), textOf(value) ?? "");
}

/** As MLflow stores it. */
function doubleOf(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : Math.sign(number) * Number.MAX_VALUE;
}

function wholeOf(value: unknown): Cell {
  return typeof value === "number" || typeof value === "string" ? BigInt(value) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function partOf(object: JsonObject, name: string): JsonObject {
  return (object[name] ?? {}) as JsonObject;
}
