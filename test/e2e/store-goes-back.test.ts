import {
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import test, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { change, query } from "../sinks/mlflow-sqlite/database.js";
import type { ScratchHome } from "../support/home.js";
import { homeWithStore } from "../support/outside-store.js";
import { newRunId, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

interface StatusJson {
  readonly dead_letters: number;
  readonly queued_points: number;
  readonly notices: readonly string[];
  readonly tracker_warnings: readonly { readonly tracker: string; readonly warning: string }[];
  readonly lanes: readonly { readonly state: string; readonly last_error: string }[];
}

const status = async (home: ScratchHome) => (await home.json(["status"])) as StatusJson;
const flush = async (home: ScratchHome, ...args: string[]) => (await home.here(["flush", ...args])).code;
const counts = (store: string, runId: string) =>
  Number(query(store, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId)[0]?.[0]);

async function setUp(t: ExecutionContext, env: Readonly<Record<string, string>> = {}) {
  t.timeout(300_000);
  return await homeWithStore(t, { env });
}

const untilWarnings = (home: ScratchHome, count: number) =>
  until(
    `there are ${count} warnings of trackers`,
    async () => (await status(home)).tracker_warnings,
    ({ length }) => length === count,
  );

/** Logs points of a run from a step on, and may end it. */
async function log(
  endpoint: string,
  runId: string,
  fromStep: number,
  count: number,
  isLast = false,
): Promise<void> {
  const producer = new RawProducer(endpoint);
  producer.hello();
  const numbers = Array.from({ length: count }, (_, index) => BigInt(fromStep + index));
  const metrics = [
    { key: "loss", modelId: "", steps: numbers, timestampsMs: numbers, values: numbers.map(Number) },
  ];
  const end = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 77n };
  const params = [{ key: `p${fromStep}`, value: "1" }];
  producer.batch(1, runId, { runStart: startOf(), metrics, params, runEnd: isLast ? end : undefined });
  await producer.acknowledged(1);
  producer.close();
}

for (const way of ["in place", "by rename"] as const) {
  test(`a store that is restored from a backup ${way} gets again what it forgot, of finished runs too`, async (t) => {
    const { home, store, daemon } = await setUp(t);
    const { endpoint } = daemon.endpoint;
    const [idle, finished, later] = [newRunId(), newRunId(), newRunId()];
    await log(endpoint, idle, 0, 100);
    t.is(await flush(home), 0);
    copyFileSync(store, `${store}.backup`);
    await log(endpoint, idle, 100, 200);
    await log(endpoint, finished, 0, 300, true);
    t.is(await flush(home), 0);
    if (way === "in place") copyFileSync(`${store}.backup`, store);
    else renameSync(`${store}.backup`, store);
    // Nothing is sent: only the look at the file tells.
    await until(
      "all is there again",
      () => [counts(store, finished), counts(store, idle)],
      (found) => found.every((points) => points === 300),
    );
    await log(endpoint, later, 0, 10);
    t.is(await flush(home), 0);
    t.is(counts(store, later), 10);
    t.deepEqual(query(store, "SELECT status FROM runs WHERE run_uuid = ?", finished), [["FINISHED"]]);
    t.deepEqual(query(store, "SELECT count(*) FROM params"), [["4"]]);
    const said = await status(home);
    t.is(said.dead_letters, 0);
    t.regex(said.notices.join(), /went back/);
  });
}

test("a store that went back while no daemon ran is noticed at the start", async (t) => {
  const { home, store, daemon } = await setUp(t);
  const [first, finished] = [newRunId(), newRunId()];
  await log(daemon.endpoint.endpoint, first, 0, 100);
  t.is(await flush(home), 0);
  copyFileSync(store, `${store}.backup`);
  await log(daemon.endpoint.endpoint, finished, 0, 300, true);
  t.is(await flush(home), 0);
  await daemon.end("SIGTERM");
  copyFileSync(`${store}.backup`, store);
  await home.startDaemon();
  await until(
    "all is there again",
    () => counts(store, finished),
    (points) => points === 300,
  );
  t.is((await status(home)).dead_letters, 0);
});

test("what left the replay window is told exactly, and not called delivered", async (t) => {
  const { home, store, daemon } = await setUp(t, { STEPWELL_REPLAY_WINDOW_BYTES: "0" });
  const { endpoint } = daemon.endpoint;
  const runId = newRunId();
  await log(endpoint, runId, 0, 100);
  t.is(await flush(home), 0);
  copyFileSync(store, `${store}.backup`);
  await log(endpoint, runId, 100, 200);
  t.is(await flush(home), 0);
  await daemon.end("SIGTERM");
  // A start begins another segment, and what is delivered goes, for there is no window.
  const again = await home.startDaemon({ env: { STEPWELL_REPLAY_WINDOW_BYTES: "0" } });
  await log(again.endpoint.endpoint, runId, 300, 50);
  t.is(await flush(home), 0);
  copyFileSync(`${store}.backup`, store);
  await log(again.endpoint.endpoint, runId, 350, 50);
  t.is(await flush(home), 5);
  t.is(counts(store, runId), 200);
  const items = (await home.json(["dead-letter", "list"])) as readonly Record<string, unknown>[];
  t.is(items.length, 1);
  t.like(items[0], { run_id: runId, tracker: "out", code: "STEPWELL_BACKEND_FORGOT", entries: 200 });
  t.regex(String(items[0]?.["reason"]), /200 metric points of this run/);
  // The same copy once more: what is missing by now is told once, with what was told before.
  await again.end("SIGTERM");
  const last = await home.startDaemon({ env: { STEPWELL_REPLAY_WINDOW_BYTES: "0" } });
  copyFileSync(`${store}.backup`, store);
  await log(last.endpoint.endpoint, runId, 400, 50);
  t.is(await flush(home), 5);
  t.is(counts(store, runId), 150);
  const letters = (await home.json(["dead-letter", "list"])) as readonly Record<string, unknown>[];
  t.is(letters.length, 1);
  t.like(letters[0], { code: "STEPWELL_BACKEND_FORGOT", entries: 300 });
  t.is((await status(home)).dead_letters, 300);
});

test("a store that is moved away for a moment is held, and nothing is lost", async (t) => {
  const { home, store, daemon } = await setUp(t);
  const { endpoint } = daemon.endpoint;
  const runId = newRunId();
  await log(endpoint, runId, 0, 100);
  t.is(await flush(home), 0);
  renameSync(store, `${store}.away`);
  await log(endpoint, runId, 100, 100);
  t.is(await flush(home, "--timeout=2"), 4);
  t.false(existsSync(store), "none was made anew");
  t.like((await status(home)).lanes[0], { state: "held" });
  t.regex((await status(home)).lanes[0]?.last_error ?? "", /^STEPWELL_STORE_GONE: .*start-anew/);
  renameSync(`${store}.away`, store);
  await log(endpoint, runId, 200, 100);
  t.is(await flush(home), 0);
  t.is(counts(store, runId), 300);
});

test("a store that is gone for good is made anew by whoever means it, and gets what the journal has", async (t) => {
  const { home, store, daemon } = await setUp(t);
  const { endpoint } = daemon.endpoint;
  const runId = newRunId();
  await log(endpoint, runId, 0, 100);
  t.is(await flush(home), 0);
  t.is((await home.stepwell(["experiment-tracker", "start-anew", "out"])).code, 1, "it is there");
  rmSync(store);
  await untilWarnings(home, 1);
  await log(endpoint, runId, 100, 100);
  t.is(await flush(home, "--timeout=2"), 4);
  const said = await home.stepwell(["experiment-tracker", "start-anew", "out"]);
  t.is(said.code, 0, said.stderr);
  t.is(await flush(home), 0);
  t.is(counts(store, runId), 200);
  t.is((await status(home)).dead_letters, 0);
  await untilWarnings(home, 0);
});

const DAMAGES = [
  { what: "is emptied", code: "STEPWELL_STORE_GONE", damage: (store: string) => truncateSync(store, 0) },
  {
    what: "lost its tables",
    code: "STEPWELL_STORE_GONE",
    damage: (store: string) => change(store, "DROP TABLE stepwell_cursors; DROP TABLE stepwell_homes"),
  },
  {
    what: "is truncated",
    code: "STEPWELL_DATABASE_DAMAGED",
    damage: (store: string) => truncateSync(store, Math.floor(readFileSync(store).length / 2 / 4096) * 4096),
  },
  {
    what: "has a damaged page",
    code: "STEPWELL_DATABASE_DAMAGED",
    damage: (store: string) => {
      const pages = readFileSync(store).length / 4096;
      const file = openSync(store, "r+");
      for (let page = 3; page < pages; page += 2)
        writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    },
  },
] as const;

for (const { what, code, damage } of DAMAGES) {
  test(`a store that ${what} is held, and goes on from a copy of it`, async (t) => {
    const { home, store, daemon } = await setUp(t);
    const { endpoint } = daemon.endpoint;
    const runId = newRunId();
    await log(endpoint, runId, 0, 3_000);
    t.is(await flush(home), 0);
    copyFileSync(store, `${store}.backup`);
    damage(store);
    await log(endpoint, runId, 3_000, 100);
    t.is(await flush(home, "--timeout=3"), 4);
    const [lane] = (await status(home)).lanes;
    t.is(lane?.state, "held");
    t.regex(lane?.last_error ?? "", new RegExp(`^${code}: `));
    renameSync(`${store}.backup`, store);
    t.is(await flush(home), 0);
    t.is(counts(store, runId), 3_100);
    t.is((await status(home)).dead_letters, 0);
  });
}
