/** Holds a database against what steps said had returned before they were killed. */
import { existsSync } from "node:fs";
import Database from "libsql";

/** What a step had done when it was gone; see clients/returned_steps.py. */
export interface ReturnedStep {
  readonly runId: string;
  /** Of each thread, how many calls returned: those with the lowest numbers. */
  readonly calls: readonly number[];
  readonly started: number;
  readonly endCalled: number;
  readonly ended: number;
}

export interface ReturnedFinding {
  /** Calls that returned. */
  readonly returned: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly invented: readonly string[];
}

const SERIES_POINTS = 10;

/** What a call logs: a point as key, step and value, a param or a tag as key and value. */
interface Entries {
  readonly points: readonly string[];
  readonly param?: readonly [string, string];
  readonly tag?: readonly [string, string];
}

/** What clients/returned_steps.py logs by the call of that number. */
function entriesOf(thread: number, index: number): Entries {
  const kind = index % 50;
  const of = (name: string) => `t${thread}/${name}`;
  if (kind === 17) return { points: [], tag: [of("tag"), `${index}`] };
  if (kind === 29) return { points: [], param: [of(`p${index}`), `${index}`] };
  if (kind === 41) {
    const steps = Array.from({ length: SERIES_POINTS }, (_, at) => index * SERIES_POINTS + at);
    return { points: steps.map((step) => `${of("s")} ${step} ${step}`) };
  }
  if (kind === 47)
    return { points: [`${of("a")} ${index} ${index * 0.5}`, `${of("b")} ${index} ${index * 2}`] };
  return { points: [`${of("m")} ${index} ${index * 0.5}`] };
}

/** Nobody may be writing to the database. */
export function checkReturned(path: string, steps: readonly ReturnedStep[]): ReturnedFinding {
  const finding = { returned: 0, lost: [] as string[], doubled: [] as string[], invented: [] as string[] };
  if (!existsSync(path)) {
    // Nothing at all arrived, not even a run.
    const begun = steps.filter(({ started }) => started > 0);
    return { ...finding, returned: begun.length, lost: begun.map(({ runId }) => `${runId}: its start`) };
  }
  const database = new Database(path, { readonly: true });
  try {
    const known = new Set(steps.map(({ runId }) => runId));
    const all = database.prepare("SELECT run_uuid FROM runs").raw().all() as [string][];
    for (const [runId] of all) if (!known.has(runId)) finding.invented.push(`run ${runId}`);
    for (const step of steps) checkStep(database, step, finding);
  } finally {
    database.close();
  }
  return finding;
}

function checkStep(
  database: Database.Database,
  { runId, calls, started, endCalled, ended }: ReturnedStep,
  finding: { returned: number; lost: string[]; doubled: string[]; invented: string[] },
): void {
  const [run] = database.prepare("SELECT status FROM runs WHERE run_uuid = ?").raw().all(runId) as [string][];
  if (!run) {
    if (started) finding.lost.push(`${runId}: its start`);
    return;
  }
  const [status] = run;
  const isRight = ended ? status === "FAILED" : status === "KILLED" || (endCalled && status === "FAILED");
  if (!isRight) finding.lost.push(`${runId}: its end; it is ${status}`);
  finding.returned += started + ended;
  const counts = new Map<string, number>();
  const points = database.prepare('SELECT "key", step, value FROM metrics WHERE run_uuid = ?');
  for (const [key, step, value] of points.raw().all(runId) as [string, number, number][]) {
    const name = `${key} ${step} ${value}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const texts = (table: string) =>
    new Map(
      database.prepare(`SELECT "key", value FROM ${table} WHERE run_uuid = ?`).raw().all(runId) as [
        string,
        string,
      ][],
    );
  const [params, tags] = [texts("params"), texts("tags")];
  for (const [thread, count] of calls.entries()) {
    finding.returned += count;
    let lastTag: string | undefined;
    // The call behind the last one that returned may have come as far.
    for (let index = 0; index <= count; index++) {
      const hasReturned = index < count;
      const { points: expected, param, tag } = entriesOf(thread, index);
      const lose = (what: string) => void (hasReturned && finding.lost.push(`${runId}: ${what}`));
      for (const name of expected) {
        const found = counts.get(name) ?? 0;
        if (found === 0) lose(name);
        if (found > 1) finding.doubled.push(`${runId}: ${name}, ${found} times`);
        counts.delete(name);
      }
      if (param && params.get(param[0]) !== param[1]) lose(`param ${param[0]}`);
      if (param) params.delete(param[0]);
      if (!tag) continue;
      const isThere = tags.get(tag[0]) === tag[1];
      if (hasReturned) lastTag = tag[1];
      else if (isThere) lastTag = tag[1];
    }
    if (tags.get(`t${thread}/tag`) !== lastTag)
      finding.lost.push(`${runId}: tag t${thread}/tag = ${lastTag}`);
  }
  for (const name of counts.keys()) finding.invented.push(`${runId}: ${name}`);
  for (const name of params.keys()) finding.invented.push(`${runId}: param ${name}`);
}
