/** The traps of two servers, a primary and its standby, each met by running it (src/sinks/mlflow-postgres). */
import ava, { type ExecutionContext } from "ava";
import { StepwellError } from "../../../src/errors/stepwell-error.js";
import { readPostgresUri } from "../../../src/model/postgres-address.js";
import { newDatabase, startMlflowPostgres } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { serialTestWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import { AUTHOR, HOME_ID, pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { addressOf, lanesOn, storeOn } from "./store.js";

const test = serialTestWith(MLFLOW_3);
const DELIVERED = { kind: "delivered", refused: [] } as const;
const NOT_REPLICATED = { kind: "retry", scope: "backend", code: "STEPWELL_NOT_REPLICATED" } as const;
/** How long a store waits here that is not to wait for long. */
const SHORT_MS = 5_000;

interface Pair {
  readonly primary: Postgres;
  readonly standby: Postgres;
}

/** Those whose standby was never promoted, for the next test. */
let kept: Pair | undefined;
const started: Postgres[] = [];
ava.after.always(async () => {
  for (const server of started) await server.remove();
});

async function newPair(): Promise<Pair> {
  const primary = await startMlflowPostgres();
  started.push(primary);
  const standby = await primary.startStandby();
  started.push(standby);
  return { primary, standby };
}

/** A primary, a standby that has all of it, and a database of the test's own on both. */
async function pairFor(
  t: ExecutionContext,
  { settings, promotes }: { readonly settings: readonly string[]; readonly promotes: boolean },
) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { primary, standby } = kept ?? (await newPair());
  kept = promotes ? undefined : { primary, standby };
  if (!standby.isRunning) await standby.begin();
  // Without any it waits for nobody, as one may be left of the test before.
  await primary.settle(["synchronous_standby_names="]);
  const database = await newDatabase(primary);
  await primary.settle(settings);
  const following =
    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_lsn()";
  await until(
    "the standby follows",
    () => primary.query("postgres", following),
    ([row]) => row?.[0] === "1",
  );
  return { primary, standby, database };
}

const synchronous = (t: ExecutionContext) =>
  pairFor(t, { settings: ["synchronous_standby_names=standby"], promotes: false });
const promoted = (t: ExecutionContext) => pairFor(t, { settings: [], promotes: true });

const pointAt = (seq: number, after?: number) =>
  pack(seq, [["loss", BigInt(seq), BigInt(seq), seq]], {
    pointsThrough: seq,
    after: after === undefined ? undefined : { ...AUTHOR, seq: after },
  });

async function stepsIn(server: Postgres, database: string): Promise<number[]> {
  const rows = await server.query(database, "SELECT step FROM metrics WHERE run_uuid = $1 ORDER BY step", [
    RUN_ID,
  ]);
  return rows.map(([step]) => Number(step));
}

/** Resolves when a commit waits for the standby; answers its process. */
async function waitingCommit(server: Postgres): Promise<number> {
  const sql = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  const [row] = await until(
    "a commit waits",
    () => server.query("postgres", sql),
    (rows) => rows.length > 0,
  );
  return Number(row?.[0]);
}

test("a commit whose wait for the standby is cancelled is no success", async (t) => {
  const { primary, standby, database } = await synchronous(t);
  const store = storeOn(t, addressOf(primary, database));
  let last = await store.write([pointAt(1)], new Map());
  t.like(last, { outcomes: [DELIVERED], durability: "replicated" });
  for (const [seq, end] of [
    [2, "pg_cancel_backend"],
    [4, "pg_terminate_backend"],
  ] as const) {
    await standby.end();
    const writing = store.write([pointAt(seq, seq - 1)], last.writes);
    await primary.query("postgres", `SELECT ${end}($1)`, [await waitingCommit(primary)]);
    t.like((await writing).outcomes, [NOT_REPLICATED], end);
    t.is((await stepsIn(primary, database)).at(-1), seq, "it is there all the same, and may be lost");
    await standby.begin();
    const again = await store.write([pointAt(seq, seq - 1)], last.writes);
    t.like(again.outcomes, [{ kind: "elsewhere", homeId: HOME_ID, cursor: { seq, points: seq } }]);
    last = await store.write([pointAt(seq + 1, seq)], again.writes);
    t.like(last, { outcomes: [DELIVERED], durability: "replicated" });
  }
  t.deepEqual(await stepsIn(primary, database), [1, 2, 3, 4, 5]);
});

test("where the standby is given up while a commit waits for it, that commit is called local", async (t) => {
  const { primary, standby, database } = await synchronous(t);
  // Others may be content with less; what is delivered is forgotten elsewhere.
  await primary.query("postgres", `ALTER DATABASE ${database} SET synchronous_commit = off`);
  const store = storeOn(t, addressOf(primary, database));
  const first = await store.write([pointAt(1)], new Map());
  await standby.end();
  const writing = store.write([pointAt(2, 1)], first.writes);
  await waitingCommit(primary);
  // As an orchestrator does that goes on without a standby.
  await primary.settle(["synchronous_standby_names="]);
  t.like(await writing, { outcomes: [DELIVERED], durability: "local" });
});

test("what no standby has is told by nobody, also where a restart made it visible", async (t) => {
  const { primary, standby, database } = await synchronous(t);
  const address = addressOf(primary, database);
  const store = storeOn(t, address);
  const first = await store.write([pointAt(1)], new Map());
  await standby.end();
  const writing = store.write([pointAt(2, 1)], first.writes);
  await waitingCommit(primary);
  t.deepEqual(await stepsIn(primary, database), [1], "while it waits nobody sees it");
  await primary.end();
  t.is((await writing).outcomes[0]?.kind, "retry");
  await primary.begin();
  t.deepEqual(await stepsIn(primary, database), [1, 2], "behind a restart everybody does");
  const impatient = storeOn(t, address, { answerMsMax: SHORT_MS });
  t.like((await impatient.write([pointAt(2, 1)], first.writes)).outcomes, [
    { kind: "retry", scope: "backend" },
  ]);
  const question = { author: AUTHOR, runId: RUN_ID, after: { ...AUTHOR, seq: 1 } };
  // The commit before it waits still, with the home's row.
  await t.throwsAsync(impatient.standing([question]), { instanceOf: StepwellError });
  await standby.begin();
  t.like((await store.write([pointAt(2, 1)], first.writes)).outcomes, [
    { kind: "elsewhere", cursor: { seq: 2 } },
  ]);
  t.like(await store.standing([question]), [{ cursor: { seq: 2 } }]);
  t.deepEqual(await stepsIn(primary, database), [1, 2]);
});

test("an asynchronous failover that loses what was said to be there is noticed before anything is written", async (t) => {
  const { primary, standby, database } = await promoted(t);
  const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`;
  const address = readPostgresUri(`postgresql://postgres@${hosts}/${database}`);
  if ("reason" in address) return t.fail(address.reason);
  const store = storeOn(t, address);
  const lanes = lanesOn(store);
  t.deepEqual(await lanes.write(pointAt(1)), [DELIVERED]);
  const received = `SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication`;
  await until(
    "the standby has it",
    () => primary.query("postgres", received),
    ([row]) => row?.[0] === true,
  );
  const before = await store.facts();
  t.is(before.durability, "local");
  await standby.stop();
  t.deepEqual(await lanes.write(pointAt(2)), [DELIVERED]);
  t.deepEqual(await lanes.write(pointAt(3)), [DELIVERED]);
  await primary.end();
  await standby.begin();
  // Until it is promoted only a standby answers.
  t.like(await lanes.write(pointAt(4)), [
    { kind: "retry", scope: "backend", code: "STEPWELL_DATABASE_READ_ONLY" },
  ]);
  await standby.query("postgres", "SELECT pg_promote()");
  const lost = await store.write([pointAt(4, 3)], lanes.known);
  t.like(lost.outcomes, [{ kind: "retry", code: "STEPWELL_BACKEND_FORGOT" }]);
  t.deepEqual([...lost.wentBack], [HOME_ID]);
  t.is(lost.writes.get(HOME_ID), 1);
  t.deepEqual(await stepsIn(standby, database), [1]);
  const question = { author: AUTHOR, runId: RUN_ID, after: { ...AUTHOR, seq: 3 } };
  t.like(await store.standing([question]), [{ cursor: { seq: 1, points: 1 } }]);
  const after = await store.facts();
  t.is(after.backendId, before.backendId);
  t.not(after.timeline, before.timeline);
  const again = await store.write([pointAt(2, 1)], lost.writes);
  t.deepEqual(again.outcomes, [DELIVERED]);
  t.deepEqual((await store.write([pointAt(4, 2)], again.writes)).outcomes, [DELIVERED]);
  t.deepEqual(await stepsIn(standby, database), [1, 2, 4]);
});

test("the timeline is another one right behind a promotion, and a standby is asked nothing", async (t) => {
  const { primary, standby, database } = await promoted(t);
  const before = await storeOn(t, addressOf(primary, database)).facts();
  t.regex(before.backendId, /^\d{15,}$/);
  t.is(before.timeline, "00000001");
  const onStandby = storeOn(t, addressOf(standby, database));
  const refused = { code: "STEPWELL_DATABASE_READ_ONLY" };
  t.like((await onStandby.write([pointAt(1)], new Map())).outcomes, [{ kind: "retry", ...refused }]);
  await t.throwsAsync(onStandby.facts(), refused);
  await t.throwsAsync(onStandby.writesOf(HOME_ID), refused);
  await t.throwsAsync(onStandby.standing([{ author: AUTHOR, runId: RUN_ID, after: undefined }]), refused);
  // With no checkpoint the control file goes on naming the old one.
  const checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
  const [[pid]] = (await standby.query("postgres", checkpointer)) as [[number]];
  process.kill(pid, "SIGSTOP");
  await standby.query("postgres", "SELECT pg_promote()");
  const inControlFile = "SELECT timeline_id FROM pg_control_checkpoint()";
  t.deepEqual(await standby.query("postgres", inControlFile), [[1]]);
  t.like(await onStandby.facts(), { backendId: before.backendId, timeline: "00000002" });
  process.kill(pid, "SIGCONT");
  t.deepEqual((await onStandby.write([pointAt(1)], new Map())).outcomes, [DELIVERED]);
});
