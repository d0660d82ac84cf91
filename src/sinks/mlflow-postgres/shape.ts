/** The shape of MLflow's tables, read before anything is written to them, and again with each of MLflow's revisions. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";

/** What differs between MLflow's revisions and matters to a writer. */
export interface Shape {
  /** MLflow's revision; empty where it names none. */
  readonly revision: string;
  /** Columns of the experiments table that early revisions lack. */
  readonly hasExperimentTimes: boolean;
  readonly hasWorkspaces: boolean;
  /** Whether there are logged models and their metrics: since MLflow 3. */
  readonly hasLoggedModels: boolean;
  /** The most characters that a column takes, by "table.column"; those without a bound are missing. */
  readonly charactersMax: ReadonlyMap<string, number>;
}

interface Column {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isKey: boolean;
  readonly charactersMax: number | undefined;
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

/** pg_catalog is read, not information_schema: that hides what the user does not own. */
const COLUMNS = `
SELECT c.relname, a.attname,
  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '',
  coalesce(a.attnum = ANY (i.indkey), false),
  CASE WHEN a.atttypid = 'varchar'::regtype AND a.atttypmod > 4 THEN a.atttypmod - 4 END
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.oid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name) AND c.relkind IN ('r', 'p')
`;

/** What CHECKs allow a run's status to be. */
const STATUS_CHECKS = `
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'c' AND conrelid = to_regclass('runs')`;

/**
 * Reads the tables' shape in the caller's transaction. Throws STEPWELL_DATABASE_NOT_UNDERSTOOD with the reason where
 * writing would not mean what MLflow means by it.
 */
export async function readShape(connection: Connection, database: string): Promise<Shape> {
  const names = [...Object.keys(NEEDED), "logged_model_metrics"];
  const tables = await tablesOf(connection, names);
  const fault = await faultOfTables(connection, tables);
  if (fault !== undefined)
    throw new StepwellError("STEPWELL_DATABASE_NOT_UNDERSTOOD", `${database} is not written to: ${fault}.`);
  const experiments = new Set(tables.get("experiments")?.map(({ name }) => name));
  return {
    revision: await revisionOf(connection),
    hasExperimentTimes: experiments.has("creation_time") && experiments.has("last_update_time"),
    hasWorkspaces: experiments.has("workspace"),
    hasLoggedModels: faultOfTable("logged_model_metrics", tables, MODEL_METRICS) === undefined,
    charactersMax: boundsOf(tables),
  };
}

/** MLflow's revision, where the table of it is there. */
export const REVISION = "(SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version)";

async function revisionOf(connection: Connection): Promise<string> {
  const [there] = await connection.rows("SELECT to_regclass('alembic_version')");
  if (!there?.[0]) return "";
  const [found] = await connection.rows(`SELECT ${REVISION}`);
  return found?.[0] ?? "";
}

async function tablesOf(connection: Connection, names: readonly string[]): Promise<Map<string, Column[]>> {
  const tables = new Map<string, Column[]>();
  for (const [table, name, isRequired, isKey, characters] of await connection.rows(COLUMNS, [names])) {
    const columns = tables.get(table ?? "") ?? [];
    tables.set(table ?? "", columns);
    columns.push({
      name: name ?? "",
      isRequired: isRequired === "t",
      isKey: isKey === "t",
      charactersMax: characters === null || characters === undefined ? undefined : Number(characters),
    });
  }
  return tables;
}

async function faultOfTables(
  connection: Connection,
  tables: ReadonlyMap<string, Column[]>,
): Promise<string | undefined> {
  if (tables.size === 0) return "it has no tables of MLflow; make them with: mlflow db upgrade URI";
  for (const [name, table] of Object.entries(NEEDED)) {
    const fault = faultOfTable(name, tables, table);
    if (fault !== undefined) return fault;
  }
  const checks = (await connection.rows(STATUS_CHECKS)).map(([text]) => text ?? "");
  const ofStatus = checks.find((text) => text.includes("FINISHED"));
  return ofStatus === undefined || ofStatus.includes("KILLED")
    ? undefined
    : "its runs can't be KILLED; upgrade it with: mlflow db upgrade URI";
}

function faultOfTable(name: string, tables: ReadonlyMap<string, Column[]>, table: Table): string | undefined {
  const columns = tables.get(name);
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

function boundsOf(tables: ReadonlyMap<string, Column[]>): Map<string, number> {
  const bounds = new Map<string, number>();
  for (const [table, columns] of tables)
    for (const { name, charactersMax } of columns)
      if (charactersMax !== undefined) bounds.set(`${table}.${name}`, charactersMax);
  return bounds;
}
