/**
 * What an older file lacks, as answers see it: empty. Tables that MLflow added later stand in the connection's own
 * temporary schema, where SQLite looks first; the file itself is left as it is, since MLflow adds them when it
 * upgrades it.
 */
import { RequestFault } from "../requests/request-fault.js";
import type { Queries } from "./cells.js";

/** What can't be written. */
export interface Lacks {
  /** Datasets, and inputs of runs: since MLflow 2.4. */
  readonly inputs: boolean;
  /** Logged models, and outputs of runs: since MLflow 3. */
  readonly models: boolean;
}

/** Without these nothing can be answered: MLflow 2.2's own. */
const NEEDED = [
  ["experiments", "experiment_id name artifact_location lifecycle_stage creation_time last_update_time"],
  ["experiment_tags", "key value experiment_id"],
  [
    "runs",
    "run_uuid name user_id status start_time end_time lifecycle_stage artifact_uri experiment_id deleted_time",
  ],
  ["metrics", "key value timestamp run_uuid step is_nan"],
  ["latest_metrics", "key value timestamp step is_nan run_uuid"],
  ["params", "key value run_uuid"],
  ["tags", "key value run_uuid"],
] as const;

interface LaterTable {
  readonly name: string;
  readonly columns: string;
  /** Columns that came after the table, and what they are without. */
  readonly added?: Readonly<Record<string, string>>;
}

const EXPERIMENTS: LaterTable = { name: "experiments", columns: "", added: { workspace: "'default'" } };
const INPUTS: readonly LaterTable[] = [
  {
    name: "inputs",
    columns: "input_uuid source_type source_id destination_type destination_id",
    added: { step: "0" },
  },
  { name: "input_tags", columns: "input_uuid name value" },
  {
    name: "datasets",
    columns:
      "dataset_uuid experiment_id name digest dataset_source_type dataset_source dataset_schema dataset_profile",
  },
];
const MODELS: readonly LaterTable[] = [
  {
    name: "logged_models",
    columns:
      "model_id experiment_id name artifact_location creation_timestamp_ms last_updated_timestamp_ms status lifecycle_stage model_type source_run_id status_message",
  },
  { name: "logged_model_params", columns: "model_id experiment_id param_key param_value" },
  { name: "logged_model_tags", columns: "model_id experiment_id tag_key tag_value" },
  {
    name: "logged_model_metrics",
    columns:
      "model_id metric_name metric_timestamp_ms metric_step metric_value experiment_id run_id dataset_uuid dataset_name dataset_digest",
  },
];

/** Puts empty tables where the file has none. Throws for a file that is not MLflow's, or too old. */
export function standIn(database: Queries, path: string): Lacks {
  for (const [table, columns] of NEEDED) {
    const found = columnsOf(database, table);
    const missing = columns.split(" ").find((column) => !found.has(column));
    if (missing !== undefined) throw faultOfFile(database, path, table, missing);
  }
  const stand = (tables: readonly LaterTable[]) => tables.map((table) => standInFor(database, table));
  stand([EXPERIMENTS]);
  const [inputs, models] = [stand(INPUTS), stand(MODELS)];
  return {
    inputs: inputs.includes("no table"),
    models: [...inputs, ...models].some((found) => found !== "whole"),
  };
}

/** Takes them away again, so that the tables can be made. */
export function takeAway(database: Queries): void {
  for (const { name } of [EXPERIMENTS, ...INPUTS, ...MODELS])
    database.run(`DROP VIEW IF EXISTS temp.${name}`);
}

function standInFor(
  database: Queries,
  { name, columns, added = {} }: LaterTable,
): "whole" | "no table" | "columns missing" {
  database.run(`DROP VIEW IF EXISTS temp.${name}`);
  const found = columnsOf(database, name);
  const missing = Object.entries(added).filter(([column]) => !found.has(column));
  if (found.size > 0 && missing.length === 0) return "whole";
  const later = missing.map(([column, value]) => `, ${value} AS ${column}`).join("");
  const nothing = columns
    .split(" ")
    .map((column) => `NULL AS ${column}`)
    .join(", ");
  const rows =
    found.size > 0
      ? `SELECT rowid AS rowid, *${later} FROM main.${name}`
      : `SELECT NULL AS rowid, ${nothing}${later} WHERE FALSE`;
  database.run(`CREATE TEMP VIEW ${name} AS ${rows}`);
  return found.size > 0 ? "columns missing" : "no table";
}

function columnsOf(database: Queries, table: string): Set<string> {
  return new Set(
    database.rows("SELECT name FROM pragma_table_info(?, 'main')", [table]).map(([name]) => String(name)),
  );
}

function faultOfFile(database: Queries, path: string, table: string, column: string): RequestFault {
  // A migration copies tables under such names.
  const migrating = database.row(
    "SELECT 1 FROM main.sqlite_master WHERE name LIKE '\\_alembic\\_tmp\\_%' ESCAPE '\\'",
  );
  return migrating
    ? new RequestFault("TEMPORARILY_UNAVAILABLE", `MLflow is migrating ${path}.`)
    : new RequestFault(
        "INVALID_STATE",
        `${path} is not understood: its table ${table} has no column ${column}.`,
      );
}
