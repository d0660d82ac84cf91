/** A journal that lost a segment, or a part of one, as a user sees it. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import anyTest, { type ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

const MAY_MISS =
  "A segment of the journal was lost: entries of this run that were logged before may be missing.";

interface LetterJson {
  readonly run_id: string;
  readonly reason: string;
}

/**
 * Run A with 100 points in the first segment, a param alone in the second and 200 points in the third;
 * run B with 50 points in the second. Their tracker does not exist yet, and the daemon is gone.
 */
async function heldHome(t: ExecutionContext) {
  const home = await scratchHome(t);
  const [a, b] = [newRunId(), newRunId()];
  const run = async (send: (producer: RawProducer) => number) => {
    const daemon = await home.startDaemon();
    const producer = new RawProducer(daemon.endpoint.endpoint);
    producer.hello();
    await producer.acknowledged(send(producer));
    await daemon.end("SIGKILL");
  };
  await run((producer) => {
    producer.batch(1, a, { runStart: startOf(["late"]), metrics: pointsOf("one", 100) });
    return 1;
  });
  await run((producer) => {
    producer.batch(1, a, { params: [{ key: "lr", value: "0.125" }] });
    producer.batch(2, b, { runStart: startOf(["late"]), metrics: pointsOf("two", 50) });
    return 2;
  });
  await run((producer) => {
    producer.batch(1, a, { metrics: pointsOf("three", 200) });
    return 1;
  });
  return { home, a, b };
}

const segment = (home: ScratchHome, number: number) => `${home.paths.journalFolder}/0000000${number}`;
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
const lettersOf = async (home: ScratchHome) => (await home.json(["dead-letter", "list"])) as LetterJson[];

async function journalCheck(home: ScratchHome): Promise<{ code: number; finding: string }> {
  const { code, stdout } = await home.stepwell(["doctor", "-o", "json"]);
  const checks = JSON.parse(stdout) as { check: string; finding: string }[];
  return { code, finding: checks.find(({ check }) => check === "journal")?.finding ?? "" };
}

test("a segment whose folder is gone is told by everything that tells of the journal, and each run of it has a letter", async (t) => {
  const { home, a, b } = await heldHome(t);
  rmSync(segment(home, 2), { recursive: true });
  const before = await journalCheck(home);
  t.is(before.code, 1, "also while no daemon runs");
  t.regex(before.finding, /gone: 00000002/);
  await home.startDaemonOrFind();
  t.regex(readFileSync(home.paths.logFile, "utf8"), /"error"[^\n]*a journal segment is gone/);
  t.regex(
    ((await home.json(["status"])) as { journal_error: string }).journal_error,
    /STEPWELL_RECORD_DAMAGED: 1 journal segment is damaged or gone/,
  );
  const check = await home.here(["status", "--check"]);
  t.is(check.code, 1, check.stderr);
  t.regex(check.stderr, /1 journal segment is damaged or gone[\s\S]*STEPWELL_RECORD_DAMAGED/);
  const during = await journalCheck(home);
  t.is(during.code, 1);
  t.regex(during.finding, /gone: 00000002/);
  await registerTracker(home);
  const flush = await home.here(["flush"]);
  t.is(flush.code, 5, flush.stderr);
  t.regex(flush.stderr, /1 journal segment is damaged or gone/, "it says both");
  t.deepEqual([countOf(home, a), countOf(home, b)], [300, 0]);
  const letters = await lettersOf(home);
  t.regex(
    letters.find(({ run_id }) => run_id === a)?.reason ?? "",
    /^Records of this run with 0 metric points \(\d+ bytes\)/,
  );
  t.is(letters.find(({ run_id }) => run_id === b)?.reason, MAY_MISS);
  t.is(letters.length, 2);
  await home.json(["dead-letter", "drop", "--all", "--yes"]);
  t.is((await home.here(["flush"])).code, 1, "the journal is as it was");
  const salvage = await home.stepwell(["doctor", "--salvage", "--stop", "-o", "json"]);
  t.is(salvage.code, 1, "nothing came back");
  t.regex(salvage.stdout, /00000002\.missing[\s\S]*Its folder is gone/);
  t.is((await home.here(["flush"])).code, 0, "what was told is done with");
  t.is((await journalCheck(home)).code, 0);
});

test("a run goes on behind the newest segment that is gone, with a letter, and nothing new is taken for old", async (t) => {
  const { home, a, b } = await heldHome(t);
  rmSync(segment(home, 3), { recursive: true });
  await registerTracker(home);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  producer.batch(1, a, { metrics: pointsOf("four", 7) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 5);
  t.deepEqual([countOf(home, a), countOf(home, b)], [107, 50]);
  const letters = await lettersOf(home);
  t.deepEqual(
    letters.map(({ reason }) => reason),
    [MAY_MISS, MAY_MISS],
  );
  t.deepEqual(letters.map(({ run_id }) => run_id).sort(), [a, b].sort());
});

test("a lost record that held a param alone leaves a letter, and a salvage that brings it back takes it away", async (t) => {
  const { home, a, b } = await heldHome(t);
  const [table = ""] = readdirSync(segment(home, 2))
    .filter((name) => name.endsWith(".ldb"))
    .map((name) => `${segment(home, 2)}/${name}`);
  const whole = readFileSync(table);
  const damaged = Buffer.from(whole);
  damaged[whole.indexOf("0.125")] = 0x39;
  writeFileSync(table, damaged);
  await registerTracker(home);
  const flush = await home.here(["flush"]);
  t.is(flush.code, 5, flush.stderr);
  t.deepEqual([countOf(home, a), countOf(home, b)], [300, 50]);
  t.regex((await lettersOf(home))[0]?.reason ?? "", /with 0 metric points \(\d+ bytes\) can't be read/);
  await home.here(["daemon", "stop"]);
  const kept = `${segment(home, 2)}.damaged`;
  t.true(readdirSync(home.paths.journalFolder).includes("00000002.damaged"), "it is kept aside");
  // As if the disk gave its bytes again.
  writeFileSync(table.replace(segment(home, 2), kept), whole);
  t.like(await home.json(["doctor", "--salvage"]), [{ parked_records: 1, unreadable_records: 0 }]);
  const letters = await lettersOf(home);
  t.is(letters.length, 1, "the note is gone");
  t.like(await home.json(["dead-letter", "retry", "--all"]), { retried_letters: 1 });
  t.is((await home.here(["flush"])).code, 0);
});

test("a segment's folder that comes back costs nothing", async (t) => {
  const { home, a, b } = await heldHome(t);
  const aside = `${home.paths.home}-aside`;
  t.teardown(() => rmSync(aside, { recursive: true, force: true }));
  renameSync(segment(home, 2), aside);
  const daemon = await home.startDaemon();
  await daemon.end("SIGTERM");
  renameSync(aside, segment(home, 2));
  await registerTracker(home);
  await home.here(["flush"]);
  t.deepEqual([countOf(home, a), countOf(home, b)], [300, 50]);
  t.is(((await home.json(["status"])) as { journal_error: string }).journal_error, "");
});
