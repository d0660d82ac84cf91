import { credentials } from "@grpc/grpc-js";
import anyTest, { type ExecutionContext } from "ava";
import { RunsServiceClient } from "../../src/gen/stepwell/v1/runs.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { change, holdLock, query } from "../sinks/mlflow-sqlite/database.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

interface LetterJson {
  readonly number: number;
  readonly run_id: string;
  readonly tracker: string;
  readonly code: string;
  readonly entries: number;
}

const letters = async (home: ScratchHome, ...more: string[]) =>
  (await home.json(["dead-letter", "list", ...more])) as LetterJson[];
const deadLetters = async (home: ScratchHome) =>
  ((await home.json(["status"])) as { dead_letters: number }).dead_letters;
const countOf = (path: string, runId: string) =>
  Number(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId)[0]?.[0]);

/** What the daemon says of how a run stands. */
async function standingOf(t: ExecutionContext, home: ScratchHome, runId: string): Promise<string> {
  const options = { "grpc.default_authority": "localhost" };
  const client = new RunsServiceClient(await home.startDaemonOrFind(), credentials.createInsecure(), options);
  t.teardown(() => client.close());
  return await new Promise((resolve, reject) =>
    client.getRun({ runId }, (error, answer) => (error ? reject(error) : resolve(answer.standing))),
  );
}

/** A run that goes to two trackers. "one" has deleted it: what came then is refused there. */
async function refusedRun(t: ExecutionContext) {
  const home = await scratchHome(t);
  const paths = { one: `${home.paths.home}/one.db`, two: `${home.paths.home}/two.db` };
  for (const [name, path] of Object.entries(paths)) {
    await home.json([
      "experiment-tracker",
      "register",
      name,
      "--flavor=mlflow",
      `--tracking_uri=sqlite:///${path}`,
    ]);
  }
  const producer = new RawProducer(await home.startDaemonOrFind());
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(["one", "two"]), metrics: pointsOf("before", 3) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  change(paths.one, "UPDATE runs SET lifecycle_stage = 'deleted'");
  const [value] = pointsOf("loss", 4);
  if (value) value.values[0] = Number.NaN;
  producer.batch(2, runId, {
    metrics: value ? [value] : [],
    params: [{ key: "lr", value: "0.1" }],
    tags: [{ key: "phase", value: "late" }],
  });
  producer.batch(3, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } });
  await producer.acknowledged(3);
  t.is((await home.here(["flush"])).code, 5, "flush says that dead letters exist");
  return { home, paths, runId };
}

test("points that are sent again are queued while they wait, also after a restart, and no sum has them twice", async (t) => {
  const { home, paths, runId } = await refusedRun(t);
  change(paths.one, "UPDATE runs SET lifecycle_stage = 'active'");
  const letGo = holdLock(paths.one);
  const sent = await home.here(["dead-letter", "retry", "--all", "--timeout=1"]);
  t.is(sent.code, 0, sent.stderr);
  const seen = async (queued: number) => {
    const status = await home.json(["status"]);
    t.like(status, { journaled_points: 7, delivered_points: 14 - queued, queued_points: queued });
    const { deliveries } = (await home.json(["runs", "show", runId])) as { deliveries: object[] };
    t.like(deliveries, [
      { tracker: "one", delivered_points: 7 - queued, queued_points: queued },
      { tracker: "two", delivered_points: 7, queued_points: 0 },
    ]);
  };
  await seen(4);
  await home.here(["daemon", "restart"]);
  await seen(4);
  letGo();
  t.is((await home.here(["flush"])).code, 0);
  await seen(0);
  t.is(countOf(paths.one, runId), 7);
});

test("what a tracker refused is listed, shown, sent again and there once; no other tracker gets it again", async (t) => {
  const { home, paths, runId } = await refusedRun(t);
  t.is(countOf(paths.one, runId), 3);
  t.is(countOf(paths.two, runId), 7);
  const found = await letters(home);
  t.deepEqual(
    found.map(({ number, run_id, tracker, code, entries }) => [number, run_id, tracker, code, entries]),
    [
      [1, runId, "one", "STEPWELL_RUN_DELETED", 6],
      [2, runId, "one", "STEPWELL_RUN_DELETED", 1],
    ],
  );
  t.deepEqual(await letters(home, "--tracker=two"), []);
  const refused = `7 refused entries: stepwell dead-letter list --run ${runId}.`;
  t.is(await standingOf(t, home, runId), `What was taken is delivered to one, two. ${refused}`);
  t.deepEqual((await letters(home, "--run", runId.slice(0, 8), "--limit=1")).length, 1);
  const shown = (await home.json(["dead-letter", "show", "1"])) as {
    points: { value: unknown }[];
    tags: unknown;
  };
  t.deepEqual(
    shown.points.map((point) => point.value),
    ["NaN", 1, 2, 3],
  );
  t.deepEqual(shown.tags, [{ key: "phase", value: "late" }]);
  t.regex((await home.here(["dead-letter", "list"])).stdout, /^NUMBER +RUN ID +TRACKER +CODE +ENTRIES/);
  const some = await home.here(["dead-letter", "list", "-o", "csv", "-c", "tracker,number"]);
  t.regex(some.stdout, /^tracker,number\n[\w-]+,1\n/);

  const early = await home.here(["dead-letter", "retry", "--all"]);
  t.is(early.code, 5, "what came back is said at once");
  t.regex(early.stdout, /^7 entries were sent again\.\n7 were refused again\. one: .*deleted/);
  t.regex(early.stderr, /2 dead letters came back, from number 3 on\./);
  t.is((await home.here(["flush"])).code, 5, "the run is deleted still: it is refused again");
  t.deepEqual(
    (await letters(home)).map(({ number }) => number),
    [3, 4],
    "under new numbers",
  );

  change(paths.one, "UPDATE runs SET lifecycle_stage = 'active'");
  // What somebody did there since stays: nothing is sent to a tracker that had refused nothing.
  change(
    paths.two,
    "DELETE FROM metrics WHERE key = 'loss'; UPDATE tags SET value = 'theirs' WHERE key = 'phase'",
  );
  t.like(await home.json(["dead-letter", "retry", "3", "4"]), {
    retried_letters: 2,
    retried_entries: 7,
    kept_letters: 0,
    delivered_entries: 7,
    refused_again: [],
    waiting: [],
  });
  t.like(
    await home.json(["status"]),
    { journaled_points: 7, delivered_points: 14 },
    "each point counts once",
  );
  t.is((await home.here(["flush"])).code, 0);
  t.is((await home.here(["status", "--check"])).code, 0);
  t.deepEqual([countOf(paths.one, runId), countOf(paths.two, runId)], [7, 3]);
  const phase = (path: string) => query(path, "SELECT value FROM tags WHERE key = 'phase'");
  t.deepEqual([phase(paths.one), phase(paths.two)], [[["late"]], [["theirs"]]]);
  for (const path of Object.values(paths)) {
    t.deepEqual(query(path, "SELECT key, value FROM params"), [["lr", "0.1"]]);
    t.deepEqual(query(path, "SELECT status, end_time FROM runs"), [["FINISHED", "9"]]);
  }
});

test("letters are dropped by number, by filter or all, and count right after a kill", async (t) => {
  const { home } = await refusedRun(t);
  const nothing = await home.here(["dead-letter", "drop"]);
  t.deepEqual([nothing.code, nothing.stdout], [2, ""]);
  t.is((await home.here(["dead-letter", "drop", "1", "--all"])).code, 2);
  t.is((await home.here(["dead-letter", "drop", "x"])).code, 2);
  const unknown = await home.here(["dead-letter", "drop", "1", "7"]);
  t.deepEqual([unknown.code, await deadLetters(home)], [1, 7]);
  t.regex(unknown.stderr, /STEPWELL_DEAD_LETTER_UNKNOWN\n$/);
  t.deepEqual(await home.json(["dead-letter", "drop", "1", "--yes"]), {
    dropped_letters: 1,
    dropped_entries: 6,
  });
  const { pid } = (await home.json(["daemon", "status"])) as { pid: number };
  process.kill(pid, "SIGKILL");
  await home.startDaemonOrFind();
  t.is(await deadLetters(home), 1);
  t.deepEqual(await home.json(["dead-letter", "drop", "--tracker", "one"]), {
    dropped_letters: 1,
    dropped_entries: 1,
  });
  t.is(await deadLetters(home), 0);
  t.deepEqual(await letters(home), []);
  t.is((await home.here(["status", "--check"])).code, 0);
});
