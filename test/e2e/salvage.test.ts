import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import anyTest from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import type { ScratchHome } from "../support/home.js";
import { keptHome } from "../support/kept-home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

interface CheckJson {
  readonly check: string;
  readonly result: string;
  readonly finding: string;
  readonly remedy: string;
}

const FIRST = "00000001";
const SECOND = "00000002";

/**
 * Run A with 300 points in the first segment and 400 in the second, run B with 50 in the
 * second; their tracker does not exist, so that nothing is delivered. The daemon is gone,
 * the first segment holds a table and the second a log.
 */
const heldHome = keptHome(anyTest, async (_, home) => {
  const [a, b] = [newRunId(), newRunId()];
  const first = await home.startDaemon();
  let producer = new RawProducer(first.endpoint.endpoint);
  producer.hello();
  producer.batch(1, a, { runStart: startOf(["late"]), metrics: pointsOf("one", 100) });
  producer.batch(2, a, { metrics: pointsOf("two", 200), params: [{ key: "lr", value: "1" }] });
  await producer.acknowledged(2);
  await first.end("SIGKILL");
  const second = await home.startDaemon();
  producer = new RawProducer(second.endpoint.endpoint);
  producer.hello();
  producer.batch(1, a, { metrics: pointsOf("three", 400) });
  await producer.acknowledged(1);
  producer.batch(2, b, { runStart: startOf(["late"]), metrics: pointsOf("four", 50) });
  await producer.acknowledged(2);
  await second.end("SIGKILL");
  return { home, a, b };
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const filesOf = (home: ScratchHome, segment: string, pattern: RegExp) =>
  readdirSync(`${home.paths.journalFolder}/${segment}`)
    .filter((name) => pattern.test(name))
    .map((name) => `${home.paths.journalFolder}/${segment}/${name}`);
const segmentsOf = (home: ScratchHome) => readdirSync(home.paths.journalFolder).sort();
const registerTracker = (home: ScratchHome) =>
  home.json(["experiment-tracker", "register", "late", "--flavor=mlflow"]);
const countOf = (home: ScratchHome, runId: string) =>
  Number(
    query(
      `${home.paths.artifactStoreFolder}/mlflow.db`,
      "SELECT count(*) FROM metrics WHERE run_uuid = ?",
      runId,
    )[0]?.[0],
  );

async function doctor(home: ScratchHome): Promise<{ code: number; checks: Map<string, CheckJson> }> {
  const { code, stdout } = await home.here(["doctor", "-o", "json"]);
  const checks = JSON.parse(stdout) as CheckJson[];
  return { code, checks: new Map(checks.map((check) => [check.check, check])) };
}

const damages: Readonly<Record<string, (home: ScratchHome) => void>> = {
  "the file CURRENT is empty": (home) => truncateSync(filesOf(home, FIRST, /^CURRENT$/)[0] ?? "", 0),
  "the manifest is missing": (home) => {
    for (const file of filesOf(home, FIRST, /^MANIFEST/)) rmSync(file);
  },
  "the manifest is noise": (home) => {
    for (const file of filesOf(home, FIRST, /^MANIFEST/)) writeFileSync(file, Buffer.alloc(64, 0x5a));
  },
  "the index at the end of a table is cut off": (home) => {
    for (const file of filesOf(home, FIRST, /\.ldb$/)) truncateSync(file, readFileSync(file).length - 60);
  },
};

for (const [what, damage] of Object.entries(damages)) {
  test(`where ${what}, the daemon serves the rest, the doctor says so, and a salvage brings all back`, async (t) => {
    const { home, a, b } = heldHome(t);
    damage(home);
    await home.startDaemonOrFind();
    t.true(segmentsOf(home).includes(`${FIRST}.damaged`), segmentsOf(home).join());
    const sick = await doctor(home);
    t.is(sick.code, 1);
    t.like(sick.checks.get("journal"), {
      result: "failed",
      remedy: "Bring back what can be read: stepwell doctor --salvage --stop.",
    });
    t.regex(sick.checks.get("journal")?.finding ?? "", /00000001\.damaged/);
    t.is((await home.here(["doctor", "--salvage"])).code, 1, "not while a daemon runs");
    t.like(await home.json(["doctor", "--salvage", "--stop"]), [
      {
        segment: `${FIRST}.damaged`,
        restored_records: 2,
        restored_points: 300,
        parked_records: 0,
        delivered_records: 0,
        unreadable_records: 0,
        fault: "",
      },
    ]);
    t.true(segmentsOf(home).includes(`${FIRST}.salvaged`), "the original is never deleted");
    t.deepEqual(await home.json(["doctor", "--salvage"]), []);
    await registerTracker(home);
    const flush = await home.here(["flush"]);
    t.is(flush.code, 0, flush.stderr);
    t.deepEqual([countOf(home, a), countOf(home, b)], [700, 50]);
    t.like((await home.json(["status"])) as object, {
      journaled_points: 750,
      delivered_points: 750,
      dead_letters: 0,
    });
    const well = await doctor(home);
    t.is(well.code, 0);
    t.is(well.checks.get("journal")?.result, "ok");
  });
}

test("what lanes have passed by when it is salvaged is parked, and a retry delivers it once", async (t) => {
  const { home, a, b } = heldHome(t);
  truncateSync(filesOf(home, FIRST, /^CURRENT$/)[0] ?? "", 0);
  await registerTracker(home);
  t.is((await home.here(["flush"])).code, 5);
  t.deepEqual([countOf(home, a), countOf(home, b)], [400, 50]);
  t.like(await home.json(["dead-letter", "list"]), [
    {
      number: 1,
      run_id: a,
      tracker: "late",
      code: "STEPWELL_RECORD_DAMAGED",
      entries: 300,
      retryable: false,
    },
  ]);
  const lost = await home.here(["dead-letter", "retry", "1"]);
  t.is(lost.code, 1, "what is lost can't be sent");
  t.regex(lost.stderr, /STEPWELL_RECORD_DAMAGED\n$/);
  t.like(await home.json(["doctor", "--salvage", "--stop"]), [
    { restored_records: 0, parked_records: 2, parked_points: 300, unreadable_records: 0 },
  ]);
  const parked = (await home.json(["dead-letter", "list"])) as { retryable: boolean; entries: number }[];
  t.deepEqual(
    parked.map(({ retryable, entries }) => [retryable, entries]),
    [
      [true, 101],
      [true, 201],
    ],
    "100 points and the start, 200 points and a param; the note is gone",
  );
  t.like(await home.json(["dead-letter", "retry", "--run", a]), { retried_letters: 2, kept_letters: 0 });
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual([countOf(home, a), countOf(home, b)], [700, 50]);
  t.deepEqual(query(`${home.paths.artifactStoreFolder}/mlflow.db`, "SELECT key, value FROM params"), [
    ["lr", "1"],
  ]);
});

test("when the newest segment is damaged, later entries are delivered, and a salvage brings back what nobody got", async (t) => {
  const { home, a, b } = heldHome(t);
  truncateSync(filesOf(home, SECOND, /^CURRENT$/)[0] ?? "", 0);
  await registerTracker(home);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  producer.batch(1, a, { metrics: pointsOf("five", 5) });
  await producer.acknowledged(1);
  await home.here(["flush"]);
  t.is(countOf(home, a), 305, "what came after the damage is not taken for what was delivered before");
  t.like(await home.json(["doctor", "--salvage", "--stop"]), [
    { restored_points: 0, parked_points: 450, delivered_records: 0, unreadable_records: 0 },
  ]);
  const retry = await home.here(["dead-letter", "retry", "--all", "-o", "json"]);
  t.like(JSON.parse(retry.stdout) as object, { retried_letters: 2, kept_letters: 2 });
  t.is(
    (await home.here(["flush"])).code,
    5,
    "that either run may miss something stays until somebody drops it",
  );
  t.deepEqual([countOf(home, a), countOf(home, b)], [705, 50]);
  await home.json(["dead-letter", "drop", "--all", "--yes"]);
  t.is((await home.here(["flush"])).code, 0);
});

test("a record whose bits were flipped costs itself; its segment is kept and a salvage finds nothing else", async (t) => {
  const { home, a, b } = heldHome(t);
  const [table = ""] = filesOf(home, FIRST, /\.ldb$/);
  // In the middle of the points of the second batch.
  flip(table, readFileSync(table).indexOf("two") + 1_000);
  await registerTracker(home);
  t.is((await home.here(["flush"])).code, 5);
  t.deepEqual([countOf(home, a), countOf(home, b)], [500, 50]);
  t.like(await home.json(["dead-letter", "list"]), [{ entries: 200, retryable: false }]);
  t.is((await doctor(home)).checks.get("dead letters")?.result, "warn");
  t.like(await home.json(["doctor", "--salvage", "--stop"]), [
    { restored_records: 0, parked_records: 0, delivered_points: 100, unreadable_records: 1 },
  ]);
  t.like(await home.json(["dead-letter", "list"]), [{ entries: 200, retryable: false }]);
});

test("a bit that flips in a log costs its own write; what lies behind it comes back, and the loss is noted", async (t) => {
  const { home, a, b } = heldHome(t);
  const [log = ""] = filesOf(home, SECOND, /\.log$/);
  flip(log, readFileSync(log).indexOf("three") + 1_000);
  await home.startDaemonOrFind();
  t.true(segmentsOf(home).includes(`${SECOND}.damaged`), segmentsOf(home).join());
  t.like(await home.json(["doctor", "--salvage", "--stop"]), [
    { restored_points: 50, parked_records: 0, delivered_records: 0, unreadable_records: 1 },
  ]);
  await registerTracker(home);
  t.is((await home.here(["flush"])).code, 5);
  t.deepEqual([countOf(home, a), countOf(home, b)], [300, 50]);
  const letters = (await home.json(["dead-letter", "list"])) as { run_id: string; reason: string }[];
  const reasonsOf = (run: string) =>
    letters
      .filter(({ run_id }) => run_id === run)
      .map(({ reason }) => /may be missing|can't be read/.exec(reason)?.[0]);
  t.deepEqual(reasonsOf(a), ["can't be read", "may be missing"]);
  t.deepEqual(reasonsOf(b), ["may be missing"], "of what was in the newest segment nothing is certain");
});

test("a bad last write of a log is taken for one that a power cut tore, and told: nothing else is lost", async (t) => {
  const { home, a, b } = heldHome(t);
  const [log = ""] = filesOf(home, SECOND, /\.log$/);
  flip(log, readFileSync(log).indexOf("four") + 100);
  await registerTracker(home);
  t.is((await home.here(["flush"])).code, 0);
  t.false(segmentsOf(home).includes(`${SECOND}.damaged`));
  t.deepEqual([countOf(home, a), countOf(home, b) || 0], [700, 0]);
  t.regex(
    readFileSync(home.paths.logFile, "utf8"),
    /"warn"[^\n]*a journal segment's last write is not whole and was left out/,
  );
});

test("of a table that is cut in the middle comes back what lies before the cut", async (t) => {
  const { home, a, b } = heldHome(t);
  const [table = ""] = filesOf(home, FIRST, /\.ldb$/);
  truncateSync(table, readFileSync(table).indexOf("two") + 1_000);
  await home.startDaemonOrFind();
  t.like(await home.json(["doctor", "--salvage", "--stop"]), [{ restored_points: 100, restored_records: 1 }]);
  await registerTracker(home);
  t.is((await home.here(["flush"])).code, 5);
  t.deepEqual([countOf(home, a), countOf(home, b)], [500, 50]);
  t.like(await home.json(["dead-letter", "list"]), [{ run_id: a, entries: 200, retryable: false }]);
});
