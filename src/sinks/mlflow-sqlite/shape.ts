import { StepwellError } from "../../errors/stepwell-error.js";
import { faultOfColumns, MODEL_METRICS, NEEDED_TABLES, type TableColumn } from "../mlflow-tables.js";
import type { Connection } from "./connection.js";

/** What differs between MLflow's revisions and matters to a writer. */
export interface Shape {
  /** Columns of the experiments table that early revisions lack. */
  readonly hasExperimentTimes: boolean;
  readonly hasWorkspaces: boolean;
  /** Whether there are logged models and their metrics: since MLflow 3. */
  readonly hasLoggedModels: boolean;
}

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
  for (const [name, table] of Object.entries(NEEDED_TABLES)) {
    const fault = faultOfTable(connection, name, table);
    if (fault !== undefined) return fault;
  }
  const [sql] = connection.row("SELECT sql FROM sqlite_master WHERE name = 'runs'") ?? [];
  return String(sql).includes("KILLED") || !String(sql).includes("'FINISHED'")
    ? undefined
    : "its runs can't be KILLED; upgrade it with: mlflow db upgrade";
}

function faultOfTable(
  connection: Connection,
  name: string,
  table: Parameters<typeof faultOfColumns>[2],
): string | undefined {
  const [type] = connection.row("SELECT type FROM sqlite_master WHERE name = ?", [name]) ?? [];
  return faultOfColumns(name, type === "table" ? columnsOf(connection, name) : undefined, table);
}

function columnsOf(connection: Connection, table: string): TableColumn[] {
  const rows = connection.rows(
    'SELECT name, "notnull" AND dflt_value IS NULL, pk FROM pragma_table_info(?)',
    [table],
  );
  return rows.map(([name, isRequired, keyPosition]) => ({
    name: String(name),
    isRequired: isRequired === 1,
    isKey: Number(keyPosition) > 0,
  }));
}
