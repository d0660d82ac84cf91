/**
 * Upgrades a file that is at MLflow 2.2's revision, as Stepwell makes it, or at one of these steps: to MLflow 2.4's, the
 * first with datasets and inputs, and to 3.0's, the first with outputs and logged models. An older MLflow can't open the
 * file any more, so each step waits until something needs it; a newer one goes on by itself. Tables are added, and two
 * columns; of what is there only the datasets are copied.
 */
import { CREATED_REVISION } from "../../sinks/mlflow-sqlite/schema.js";
import { RequestFault } from "../requests/request-fault.js";
import type { LocalDatabase } from "./database.js";
import { type Lacks, takeAway } from "./older-files.js";

const DATASET_INDEXES = [
  "CREATE INDEX main.index_datasets_dataset_uuid ON datasets (dataset_uuid)",
  "CREATE INDEX main.index_datasets_experiment_id_dataset_source_type ON datasets (experiment_id, dataset_source_type)",
];

/** What MLflow has by 7f2a7d5fae7d (2.4), as its migrations leave it in SQLite. */
const INPUTS = [
  `CREATE TABLE main.registered_model_aliases (
    alias VARCHAR(256) NOT NULL,
    version INTEGER NOT NULL,
    name VARCHAR(256) NOT NULL,
    CONSTRAINT registered_model_alias_pk PRIMARY KEY (name, alias),
    CONSTRAINT registered_model_alias_name_fkey FOREIGN KEY(name)
      REFERENCES registered_models (name) ON DELETE cascade ON UPDATE cascade
  )`,
  datasetTable("datasets", "FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id)"),
  ...DATASET_INDEXES,
  `CREATE TABLE main.inputs (
    input_uuid VARCHAR(36) NOT NULL,
    source_type VARCHAR(36) NOT NULL,
    source_id VARCHAR(36) NOT NULL,
    destination_type VARCHAR(36) NOT NULL,
    destination_id VARCHAR(36) NOT NULL,
    CONSTRAINT inputs_pk PRIMARY KEY (source_type, source_id, destination_type, destination_id)
  )`,
  "CREATE INDEX main.index_inputs_input_uuid ON inputs (input_uuid)",
  `CREATE INDEX main.index_inputs_destination_type_destination_id_source_type
    ON inputs (destination_type, destination_id, source_type)`,
  `CREATE TABLE main.input_tags (
    input_uuid VARCHAR(36) NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(500) NOT NULL,
    CONSTRAINT input_tags_pk PRIMARY KEY (input_uuid, name)
  )`,
];

/** And by 6953534de441 (3.0). */
const MODELS = [
  "ALTER TABLE main.model_versions ADD COLUMN storage_location VARCHAR(500)",
  `CREATE TABLE main.trace_info (
    request_id VARCHAR(50) NOT NULL,
    experiment_id INTEGER NOT NULL,
    timestamp_ms BIGINT NOT NULL,
    execution_time_ms BIGINT,
    status VARCHAR(50) NOT NULL,
    CONSTRAINT trace_info_pk PRIMARY KEY (request_id),
    CONSTRAINT fk_trace_info_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id)
  )`,
  "CREATE INDEX main.index_trace_info_experiment_id_timestamp_ms ON trace_info (experiment_id, timestamp_ms)",
  ...[
    ["trace_tags", "trace_tag_pk"],
    ["trace_request_metadata", "trace_request_metadata_pk"],
  ].flatMap(([name, key]) => [
    `CREATE TABLE main.${name} (
      "key" VARCHAR(250) NOT NULL,
      value VARCHAR(8000),
      request_id VARCHAR(50) NOT NULL,
      CONSTRAINT ${key} PRIMARY KEY ("key", request_id),
      CONSTRAINT fk_${name}_request_id FOREIGN KEY(request_id) REFERENCES trace_info (request_id) ON DELETE CASCADE
    )`,
    `CREATE INDEX main.index_${name}_request_id ON ${name} (request_id)`,
  ]),
  `CREATE TABLE main.logged_models (
    model_id VARCHAR(36) NOT NULL,
    experiment_id INTEGER NOT NULL,
    name VARCHAR(500) NOT NULL,
    artifact_location VARCHAR(1000) NOT NULL,
    creation_timestamp_ms BIGINT NOT NULL,
    last_updated_timestamp_ms BIGINT NOT NULL,
    status INTEGER NOT NULL,
    lifecycle_stage VARCHAR(32),
    model_type VARCHAR(500),
    source_run_id VARCHAR(32),
    status_message VARCHAR(1000),
    CONSTRAINT logged_models_lifecycle_stage_check CHECK (lifecycle_stage IN ('active', 'deleted')),
    CONSTRAINT fk_logged_models_experiment_id FOREIGN KEY(experiment_id)
      REFERENCES experiments (experiment_id) ON DELETE CASCADE,
    CONSTRAINT logged_models_pk PRIMARY KEY (model_id)
  )`,
  `CREATE TABLE main.logged_model_metrics (
    model_id VARCHAR(36) NOT NULL,
    metric_name VARCHAR(500) NOT NULL,
    metric_timestamp_ms BIGINT NOT NULL,
    metric_step BIGINT NOT NULL,
    metric_value FLOAT,
    experiment_id INTEGER NOT NULL,
    run_id VARCHAR(32) NOT NULL,
    dataset_uuid VARCHAR(36),
    dataset_name VARCHAR(500),
    dataset_digest VARCHAR(36),
    CONSTRAINT fk_logged_model_metrics_experiment_id FOREIGN KEY(experiment_id)
      REFERENCES experiments (experiment_id),
    CONSTRAINT fk_logged_model_metrics_model_id FOREIGN KEY(model_id)
      REFERENCES logged_models (model_id) ON DELETE CASCADE,
    CONSTRAINT fk_logged_model_metrics_run_id FOREIGN KEY(run_id) REFERENCES runs (run_uuid) ON DELETE CASCADE,
    CONSTRAINT logged_model_metrics_pk PRIMARY KEY (model_id, metric_name, metric_timestamp_ms, metric_step, run_id)
  )`,
  "CREATE INDEX main.index_logged_model_metrics_model_id ON logged_model_metrics (model_id)",
  ...["param", "tag"].map(
    (name) => `CREATE TABLE main.logged_model_${name}s (
      model_id VARCHAR(36) NOT NULL,
      experiment_id INTEGER NOT NULL,
      ${name}_key VARCHAR(255) NOT NULL,
      ${name}_value TEXT NOT NULL,
      CONSTRAINT fk_logged_model_${name}s_experiment_id FOREIGN KEY(experiment_id)
        REFERENCES experiments (experiment_id),
      CONSTRAINT fk_logged_model_${name}s_model_id FOREIGN KEY(model_id)
        REFERENCES logged_models (model_id) ON DELETE CASCADE,
      CONSTRAINT logged_model_${name}s_pk PRIMARY KEY (model_id, ${name}_key)
    )`,
  ),
  datasetTable(
    "stepwell_datasets",
    "CONSTRAINT fk_datasets_experiment_id_experiments FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id) ON DELETE CASCADE",
  ),
  "INSERT INTO main.stepwell_datasets SELECT * FROM main.datasets",
  "DROP TABLE main.datasets",
  "ALTER TABLE main.stepwell_datasets RENAME TO datasets",
  ...DATASET_INDEXES,
  "ALTER TABLE main.inputs ADD COLUMN step BIGINT DEFAULT '0' NOT NULL",
];

/** Revisions in their order, with what leads to each. */
const STEPS = [
  { what: "inputs", since: "2.4", revision: "7f2a7d5fae7d", from: CREATED_REVISION, statements: INPUTS },
  { what: "models", since: "3.0", revision: "6953534de441", from: "7f2a7d5fae7d", statements: MODELS },
] as const satisfies readonly { readonly what: keyof Lacks; readonly [more: string]: unknown }[];

const TABLES: Readonly<Record<keyof Lacks, string>> = {
  inputs: "the tables of datasets and inputs",
  models: "the tables of logged models and outputs",
};

/** Sees to it that the file has a place for what is written. Throws for a file that only MLflow can upgrade. */
export function ensureTables(database: LocalDatabase, wanted: keyof Lacks): void {
  if (!database.lacks[wanted]) return;
  takeAway(database);
  for (const { what, since, revision, from, statements } of STEPS) {
    if (database.lacks[what]) {
      if (revisionOf(database) !== from) throw tooOld(database.place.databasePath, what, since);
      for (const statement of statements) database.run(statement);
      database.run("UPDATE main.alembic_version SET version_num = ?", [revision]);
      database.upgradedTo = since;
    }
    if (what === wanted) break;
  }
  database.lookAgain();
}

function revisionOf(database: LocalDatabase): unknown {
  const revisions = database.rows("SELECT version_num FROM main.alembic_version");
  return revisions.length === 1 ? revisions[0]?.[0] : undefined;
}

function tooOld(path: string, what: keyof Lacks, since: string): RequestFault {
  return new RequestFault(
    "INVALID_STATE",
    `${path} lacks ${TABLES[what]}, which MLflow has since ${since}. Upgrade it with: mlflow db upgrade sqlite:///${path}`,
  );
}

function datasetTable(name: string, foreignKey: string): string {
  return `CREATE TABLE main.${name} (
    dataset_uuid VARCHAR(36) NOT NULL,
    experiment_id INTEGER NOT NULL,
    name VARCHAR(500) NOT NULL,
    digest VARCHAR(36) NOT NULL,
    dataset_source_type VARCHAR(36) NOT NULL,
    dataset_source TEXT NOT NULL,
    dataset_schema TEXT,
    dataset_profile TEXT,
    CONSTRAINT dataset_pk PRIMARY KEY (experiment_id, name, digest),
    ${foreignKey}
  )`;
}
