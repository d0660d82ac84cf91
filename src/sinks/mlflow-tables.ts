/** MLflow's tables, as far as a writer needs them: the same in each kind of database. */

/** A column as the database describes it. */
export interface TableColumn {
  readonly name: string;
  /** Whether a row without it is refused. */
  readonly isRequired: boolean;
  /** Whether the primary key has it. */
  readonly isKey: boolean;
}

interface Table {
  /** Columns that are written. */
  readonly columns: string;
  /** The primary key, which decides what is a duplicate. */
  readonly key: string;
}

/** What a database must have so that writing to it means what MLflow means by it. */
export const NEEDED_TABLES: Readonly<Record<string, Table>> = {
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
export const MODEL_METRICS: Table = {
  columns:
    "model_id metric_name metric_timestamp_ms metric_step metric_value experiment_id run_id dataset_name dataset_digest",
  key: "metric_name metric_step metric_timestamp_ms model_id run_id",
};

/** Columns that are written where they are there. */
const OPTIONAL = new Set(["creation_time", "last_update_time", "workspace"]);

/** Why a table is not written to; undefined where it is as MLflow makes it. */
export function faultOfColumns(
  name: string,
  columns: readonly TableColumn[] | undefined,
  table: Table,
): string | undefined {
  if (!columns) return `it has no table ${name} as MLflow makes it`;
  const names = new Set(columns.map((column) => column.name));
  const needed = table.columns.split(" ");
  const missing = needed.find((column) => !names.has(column));
  if (missing !== undefined) return `its table ${name} has no column ${missing}`;
  const unknown = columns.find(
    (column) => column.isRequired && !needed.includes(column.name) && !OPTIONAL.has(column.name),
  );
  if (unknown)
    return `its table ${name} requires the column ${unknown.name}, which this version doesn't know`;
  const key = columns.filter(({ isKey }) => isKey).map((column) => column.name);
  return key.sort().join(" ") === table.key ? undefined : `its table ${name} has another primary key`;
}
