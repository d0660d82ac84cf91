/** A SQLite file as a backend that keeps cursors, for the suite of all such backends. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { NO_MARK, type StoreMark } from "../../../src/model/store-mark.js";
import { openSqliteSink } from "../../../src/sinks/mlflow-sqlite/sqlite-sink.js";
import type { StoreMemory } from "../../../src/sinks/store-memory.js";
import { scratchFolder } from "../../support/folder.js";
import type { KeptBackend } from "../kept-backend.js";
import { query } from "./database.js";
import { HOME_ID } from "./packs.js";

export async function keptSqlite(t: ExecutionContext): Promise<KeptBackend> {
  const folder = await scratchFolder(t);
  const databasePath = join(folder, "mlflow.db");
  let mark: StoreMark = { ...NO_MARK, homeId: HOME_ID };
  const note = (change: Partial<StoreMark>) => {
    mark = { ...mark, ...change };
  };
  const memory: StoreMemory = {
    mark: () => mark,
    isUnclean: () => false,
    keep: async (change) => note(change),
    note,
    wentBack: async (writes) => note({ writes }),
  };
  const clock = { nowMs: () => 1_700_000_000_500, monotonicMs: () => 500 };
  return {
    open: () => {
      const sink = openSqliteSink({ databasePath, artifactRoot: join(folder, "artifacts"), clock, memory });
      t.teardown(() => sink.close());
      return sink;
    },
    steps: async (runId) =>
      query(databasePath, "SELECT step FROM metrics WHERE run_uuid = ? ORDER BY step", runId).map(([step]) =>
        Number(step),
      ),
    copy: async () => {
      copyFileSync(databasePath, `${databasePath}.copy`);
      return async () => copyFileSync(`${databasePath}.copy`, databasePath);
    },
  };
}
