/** A PostgreSQL database as a backend that keeps cursors, for the suites of all such backends. */
import type { ExecutionContext } from "ava";
import { copyDatabase, newDatabase, replaceDatabase } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import type { KeptBackend } from "../kept-backend.js";
import { addressOf, memoryOf, sinkOn, storeOn } from "./store.js";

export async function keptPostgres(t: ExecutionContext, postgres: Postgres): Promise<KeptBackend> {
  const database = await newDatabase(postgres);
  const memory = memoryOf();
  return {
    open: () => sinkOn(storeOn(t, addressOf(postgres, database)), memory),
    steps: async (runId) => {
      const sql = "SELECT step FROM metrics WHERE run_uuid = $1 ORDER BY step";
      return (await postgres.query(database, sql, [runId])).map(([step]) => Number(step));
    },
    copy: async () => {
      const copy = `${database}_copy`;
      await copyDatabase(postgres, database, copy);
      return async () => await replaceDatabase(postgres, database, copy);
    },
  };
}
