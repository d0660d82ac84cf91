/** Holds the databases against the ledgers of the clients of short runs. */
import { existsSync, readFileSync } from "node:fs";
import Database from "libsql";
import { shortRunOf } from "./short-run.js";
import type { Databases } from "./stage.js";

export interface ShortRunsFinding {
  /** Runs that were acknowledged in full. */
  readonly acknowledged: number;
  /** Acknowledged runs with something that is missing, or is not what was sent. */
  readonly lost: readonly string[];
  /** Runs, and what is in them, that nobody logged. */
  readonly invented: readonly string[];
}

interface Logged {
  readonly begun: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
}

/** Run ids of all ledgers. */
export function readLedgers(ledgers: readonly string[]): Logged {
  const begun = new Set<string>();
  const acknowledged = new Set<string>();
  for (const ledger of ledgers.filter((path) => existsSync(path))) {
    for (const line of readFileSync(ledger, "utf8").split("\n")) {
      const [kind, runId = ""] = line.split(" ");
      // A killed process may leave half a line behind.
      if (runId.length !== 32) continue;
      if (kind === "B") begun.add(runId);
      if (kind === "A") acknowledged.add(runId);
    }
  }
  return { begun, acknowledged };
}

/** One line for each run: all that a store has of it. */
const RUNS = `
  SELECT r.run_uuid, e.name, r.status, r.end_time,
    (SELECT group_concat(p."key" || '=' || p.value) FROM params p WHERE p.run_uuid = r.run_uuid),
    (SELECT group_concat(m."key" || '@' || m.step || '@' || m.timestamp || '=' || m.value)
       FROM metrics m WHERE m.run_uuid = r.run_uuid),
    (SELECT group_concat(l."key" || '@' || l.step || '@' || l.timestamp || '=' || l.value)
       FROM latest_metrics l WHERE l.run_uuid = r.run_uuid)
  FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id`;

type Row = [runId: string, ...texts: unknown[]];

/** Nobody may be writing to the databases. */
export function checkShortRuns(databases: Databases, ledgers: readonly string[]): ShortRunsFinding {
  const { begun, acknowledged } = readLedgers(ledgers);
  const lost = new Set(acknowledged);
  const invented: string[] = [];
  for (const [tracker, path] of Object.entries(databases)) {
    const database = new Database(path, { readonly: true });
    for (const [runId, ...texts] of database.prepare(RUNS).raw().all() as Row[]) {
      const expected = expectedOf(database, runId);
      const isItsStore = shortRunOf(runId).tracker === tracker;
      if (!begun.has(runId) || !isItsStore) invented.push(`${tracker} has ${runId}`);
      else if (acknowledged.has(runId)) {
        if (texts.every((text, index) => text === expected[index])) lost.delete(runId);
      } else if (texts.slice(3).some((text, index) => text !== null && text !== expected[index + 3]))
        invented.push(`${tracker} has of ${runId}: ${texts.join(" ")}`);
    }
    database.close();
  }
  return { acknowledged: acknowledged.size, lost: [...lost], invented };
}

/** The same columns as they have to be. SQLite itself says how it writes a number. */
function expectedOf(database: Database.Database, runId: string): unknown[] {
  const { experiment, status, param, point } = shortRunOf(runId);
  const [value] = database.prepare("SELECT '' || CAST(? AS REAL)").raw().get(point.value) as [string];
  const metric = `${point.key}@${point.step}@${point.timestampMs}=${value}`;
  return [experiment, status, 2, `${param.key}=${param.value}`, metric, metric];
}
