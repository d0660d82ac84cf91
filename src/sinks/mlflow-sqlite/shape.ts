import { StepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";

/** What differs between MLflow's revisions and matters to a writer. */
export interface Shape {
  /** Columns of the experiments table that early revisions lack. */
  readonly hasExperimentTimes: boolean;
  readonly hasWorkspaces: boolean;
  /** Whether there are logged models and their metrics: since MLflow 3. */
  readonly hasLoggedModels: boolean;
}

interface Column {
  readonly name: string;
  readonly isRequired: boolean;
  /** Its place in the primary key from 1, or 0. */
  readonly keyPosition: number;
}

interface Table {
  /** Columns that are written. */
  readonly columns: string;
  /** The primary key, which decides what is a duplicate. */
  readonly key: string;
}

/** What a database must have so that writing to it means what MLflow means by it. */
const NEEDED: Readonly<Record<string, Table>> = {
  experiments: {
    columns: "experiment_id name artifact_location lifecycle_stage",
    key: "experiment_id",
  },
  runs: {
    columns:
      "run_uuid name source_type source_name entry_point_name user_id status start_time end_time source_version lifecycle_stage artifact_uri experiment_id",
    key: "run_uuid",
  },
  metrics: {
    columns: "key value timestamp run_uuid step is_nan",
    key: "is_nan key run_uuid step timestamp value",
  },
  latest_metrics: { columns: "key value timestamp step is_nan run_uuid", key: "key run_uuid" },
  params: { columns: "key value run_uuid", key: "key run_uuid" },
  tags: { columns: "key value run_uuid", key: "key run_uuid" },
};

/** MLflow 3's table of the points of logged models. */
const MODEL_METRICS: Table = {
  columns:
    "model_id metric_name metric_timestamp_ms metric_step metric_value experiment_id run_id dataset_name dataset_digest",
  key: "metric_name metric_step metric_timestamp_ms model_id run_id",
};

/** Columns that are written where they are there. */
const OPTIONAL = new Set(["creation_time", "last_update_time", "workspace"]);

/** Whether the database has no table at all: a new one. */
export function isEmpty(connection: Connection): boolean {
  return connection.number("SELECT count(*) FROM sqlite_master") === 0;
}

/**
 * Reads the tables' shape. Throws STEPWELL_DATABASE_NOT_UNDERSTOOD with the reason where
 * writing would not mean what MLflow means by it, and STEPWELL_DATABASE_LOCKED while
 * MLflow is in the middle of a migration.
 */
export function readShape(connection: Connection, path: string): Shape {
  const migrating = connection.row(
    "SELECT name FROM sqlite_master WHERE name LIKE '\\_alembic\\_tmp\\_%' ESCAPE '\\'",
  );
  const fault = faultOfTables(connection);
  if (fault !== undefined) {
    throw migrating
      ? new StepwellError("STEPWELL_DATABASE_LOCKED", `MLflow is migrating ${path}.`)
      : new StepwellError("STEPWELL_DATABASE_NOT_UNDERSTOOD", `${path} is not written to: ${fault}.`);
  }
  const names = new Set(columnsOf(connection, "experiments").map((column) => column.name));
  return {
    hasExperimentTimes: names.has("creation_time") && names.has("last_update_time"),
    hasWorkspaces: names.has("workspace"),
    hasLoggedModels: faultOfTable(connection, "logged_model_metrics", MODEL_METRICS) === undefined,
  };
}

function faultOfTables(connection: Connection): string | undefined {
  for (const [name, table] of Object.entries(NEEDED)) {
    const fault = faultOfTable(connection, name, table);
    if (fault !== undefined) return fault;
  }
  const [sql] = connection.row("SELECT sql FROM sqlite_master WHERE name = 'runs'") ?? [];
  return String(sql).includes("KILLED") || !String(sql).includes("'FINISHED'")
    ? undefined
    : "its runs can't be KILLED; upgrade it with: mlflow db upgrade";
}

function faultOfTable(connection: Connection, name: string, table: Table): string | undefined {
  const [type] = connection.row("SELECT type FROM sqlite_master WHERE name = ?", [name]) ?? [];
  if (type !== "table") return `it has no table ${name} as MLflow makes it`;
  const columns = columnsOf(connection, name);
  const names = new Set(columns.map((column) => column.name));
  const needed = table.columns.split(" ");
  const missing = needed.find((column) => !names.has(column));
  if (missing !== undefined) return `its table ${name} has no column ${missing}`;
  const unknown = columns.find(
    (column) => column.isRequired && !needed.includes(column.name) && !OPTIONAL.has(column.name),
  );
  if (unknown)
    return `its table ${name} requires the column ${unknown.name}, which this version doesn't know`;
  const key = columns.filter((column) => column.keyPosition > 0).map((column) => column.name);
  return key.sort().join(" ") === table.key ? undefined : `its table ${name} has another primary key`;
}

function columnsOf(connection: Connection, table: string): Column[] {
  const rows = connection.rows(
    'SELECT name, "notnull" AND dflt_value IS NULL, pk FROM pragma_table_info(?)',
    [table],
  );
  return rows.map(([name, isRequired, keyPosition]) => ({
    name: String(name),
    isRequired: isRequired === 1,
    keyPosition: Number(keyPosition),
  }));
}
