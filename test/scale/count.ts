/** The independent reader: what the database has, by its tables and nothing of the sink's. */
import type { Postgres } from "../support/postgres.js";

/** What each run is to have. */
export interface Expected {
  readonly runs: number;
  /** Points of each run, of one key. */
  readonly points: number;
}

/** What is there. */
export interface Found {
  readonly runs: number;
  readonly finished: number;
  readonly points: number;
  /** Runs with another count of points, or of steps that differ, than each is to have. */
  readonly wrong: number;
  /** Runs whose latest value is not the one of their highest step. */
  readonly stale: number;
}

const COUNTS = `
  SELECT count(*)::int, coalesce(sum(points), 0)::int,
         coalesce(sum((points <> $1 OR steps <> $1)::int), 0)::int, coalesce(sum((is_stale)::int), 0)::int
  FROM (
    SELECT m.run_uuid, count(*) AS points, count(DISTINCT m.step) AS steps,
           max(m.step) IS DISTINCT FROM max(l.step) AS is_stale
    FROM metrics m LEFT JOIN latest_metrics l ON l.run_uuid = m.run_uuid AND l.key = m.key
    GROUP BY m.run_uuid
  ) each_run`;

/** Reads all of a database. */
export async function countAll(postgres: Postgres, database: string, { points }: Expected): Promise<Found> {
  const [row = []] = await postgres.query(database, COUNTS, [points]);
  const [runs, all, wrong, stale] = row.map(Number);
  const ended = await postgres.query(database, "SELECT count(*) FROM runs WHERE status = 'FINISHED'");
  return {
    ...{ runs: runs ?? 0, finished: Number(ended[0]?.[0]), points: all ?? 0 },
    ...{ wrong: wrong ?? 0, stale: stale ?? 0 },
  };
}

/** What is not as it should be; empty: exact. */
export function faultsOf(found: Found, expected: Expected): string[] {
  const faults: string[] = [];
  const wanted = expected.runs * expected.points;
  if (found.points !== wanted) faults.push(`${found.points} points are there, ${wanted} were acknowledged`);
  if (found.runs !== expected.runs) faults.push(`${found.runs} runs have points, of ${expected.runs}`);
  if (found.wrong > 0) faults.push(`${found.wrong} runs have points too many or too few`);
  if (found.stale > 0) faults.push(`${found.stale} runs have another latest value than their last`);
  if (found.finished !== expected.runs) faults.push(`${found.finished} runs have ended, of ${expected.runs}`);
  return faults;
}
