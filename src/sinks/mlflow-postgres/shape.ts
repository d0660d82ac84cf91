/** The shape of MLflow's tables, read before anything is written to them, and again with each of MLflow's revisions. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { faultOfColumns, MODEL_METRICS, NEEDED_TABLES, type TableColumn } from "../mlflow-tables.js";
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

interface Column extends TableColumn {
  readonly charactersMax: number | undefined;
}

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
  const names = [...Object.keys(NEEDED_TABLES), "logged_model_metrics"];
  const tables = await tablesOf(connection, names);
  const fault = await faultOfTables(connection, tables);
  if (fault !== undefined)
    throw new StepwellError("STEPWELL_DATABASE_NOT_UNDERSTOOD", `${database} is not written to: ${fault}.`);
  const experiments = new Set(tables.get("experiments")?.map(({ name }) => name));
  return {
    revision: await revisionOf(connection),
    hasExperimentTimes: experiments.has("creation_time") && experiments.has("last_update_time"),
    hasWorkspaces: experiments.has("workspace"),
    hasLoggedModels:
      faultOfColumns("logged_model_metrics", tables.get("logged_model_metrics"), MODEL_METRICS) === undefined,
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
  for (const [name, table] of Object.entries(NEEDED_TABLES)) {
    const fault = faultOfColumns(name, tables.get(name), table);
    if (fault !== undefined) return fault;
  }
  const checks = (await connection.rows(STATUS_CHECKS)).map(([text]) => text ?? "");
  const ofStatus = checks.find((text) => text.includes("FINISHED"));
  return ofStatus === undefined || ofStatus.includes("KILLED")
    ? undefined
    : "its runs can't be KILLED; upgrade it with: mlflow db upgrade URI";
}

function boundsOf(tables: ReadonlyMap<string, Column[]>): Map<string, number> {
  const bounds = new Map<string, number>();
  for (const [table, columns] of tables)
    for (const { name, charactersMax } of columns)
      if (charactersMax !== undefined) bounds.set(`${table}.${name}`, charactersMax);
  return bounds;
}
