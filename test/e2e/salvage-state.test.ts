/** A state store that is damaged: what can be read comes back, what is lost is told, nothing is dropped silently. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { startDaemon } from "../../src/daemon/daemon.js";
import { systemClock } from "../../src/home/clock.js";
import { JOURNAL_QUOTA_BYTES, LEASE_RETURN_MS } from "../../src/model/limits.js";
import { homeIdOf } from "../../src/store/migrations.js";
import { openStore } from "../../src/store/store.js";
import { TABLES, type Table } from "../../src/store/tables.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import type { ScratchHome } from "../support/home.js";
import { keepWhole, keptHome } from "../support/kept-home.js";
import { keptLog } from "../support/logs.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

const test = anyTest.serial;

/** A home with components, a stack, a secret, and a run whose points nobody took yet. The daemon is gone. */
const filledHome = keptHome(anyTest, async (t, home) => {
  t.is((await home.here(["secret", "backend", "set", "vault"])).code, 0);
  await home.json(["secret", "create", "team", "--token=x"]);
  const target = "--tracking_uri=http://127.0.0.1:9";
  await home.json([
    "experiment-tracker",
    "register",
    "away",
    "--flavor=mlflow",
    target,
    "--tracking_token={{team.token}}",
  ]);
  await home.json(["experiment-tracker", "register", "here", "--flavor=mlflow"]);
  await home.json(["stack", "register", "mine", "-e", "away", "--set"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(["here"]), metrics: pointsOf("loss", 300) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  const held = newRunId();
  producer.batch(2, held, { runStart: startOf(["away"]), metrics: pointsOf("loss", 40) });
  await producer.acknowledged(2);
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  return { home, runId, held };
});

const files = (home: ScratchHome, pattern: RegExp) =>
  readdirSync(home.paths.stateFolder)
    .filter((name) => pattern.test(name))
    .map((name) => join(home.paths.stateFolder, name));

interface SalvageJson {
  readonly segment: string;
  readonly restored_records: number;
  readonly unreadable_records: number;
  readonly fault: string;
}

/** The daemon serves what it could read, and says so until somebody has seen it. */
async function salvaged(t: ExecutionContext, home: ScratchHome): Promise<SalvageJson> {
  await home.startDaemonOrFind();
  const status = (await home.json(["status"])) as { state_error: string };
  t.regex(status.state_error, /^STEPWELL_STORE_DAMAGED: The state store in .* is kept in state\.damaged\./);
  const checked = await home.here(["status", "--check"]);
  t.not(checked.code, 0, "a damaged store is not served as if nothing were wrong");
  t.regex(checked.stderr, /stepwell doctor --salvage --stop.*STEPWELL_STORE_DAMAGED/s);
  await doctorSays(t, home, "failed");
  const [report] = (await home.json(["doctor", "--salvage", "--stop"])) as SalvageJson[];
  if (!report) throw new Error("nothing was salvaged");
  t.regex(report.segment, /^state store \(the damaged one is state\.damaged\)$/);
  t.true(existsSync(`${home.paths.stateFolder}.damaged`));
  await doctorSays(t, home, "ok");
  await home.startDaemonOrFind();
  t.like(await home.json(["status"]), { state_error: "" });
  return report;
}

async function doctorSays(t: ExecutionContext, home: ScratchHome, result: string) {
  const { stdout, stderr } = await home.here(["doctor", "-o", "json"]);
  t.not(stdout, "", stderr);
  const checks = JSON.parse(stdout) as { check: string; result: string; finding: string }[];
  const [found, ...others] = checks.filter(({ check }) => check === "state store");
  t.deepEqual([found?.result, others], [result, []], found?.finding);
}

async function isWhole(t: ExecutionContext, { home, runId, held }: ReturnType<typeof filledHome>) {
  const stacks = (await home.json(["stack", "list"])) as { name: string; active: boolean }[];
  t.deepEqual(Object.fromEntries(stacks.map(({ name, active }) => [name, active])), {
    default: false,
    mine: true,
  });
  t.is(((await home.json(["secret", "list"])) as unknown[]).length, 1);
  const status = (await home.json(["status"])) as { queued_points: number; dead_letters: number };
  t.like(status, { queued_points: 40, dead_letters: 0 });
  await home.json(["experiment-tracker", "update", "away", "--tracking_uri=", "--tracking_token="]);
  const shown = (await home.json(["runs", "list"])) as { run_id: string }[];
  t.deepEqual(shown.map(({ run_id }) => run_id).sort(), [runId, held].sort());
  const path = join(home.paths.artifactStoreFolder, "mlflow.db");
  t.deepEqual(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId), [["300"]]);
}

test("a state store whose CURRENT or manifest is gone or noise comes back whole", async (t) => {
  const filled = filledHome(t);
  for (const harm of [
    (home: ScratchHome) => rmSync(join(home.paths.stateFolder, "CURRENT")),
    (home: ScratchHome) => {
      for (const file of files(home, /^MANIFEST/)) rmSync(file);
    },
    (home: ScratchHome) => {
      for (const file of files(home, /^MANIFEST/)) writeFileSync(file, Buffer.alloc(900, 7));
    },
  ]) {
    filled.putBack();
    harm(filled.home);
    const report = await salvaged(t, filled.home);
    t.is(report.fault, "");
    t.true(report.restored_records > 8);
    await isWhole(t, filled);
    t.is((await filled.home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  }
});

test("what a state store lost of a run is a dead letter, and no new run takes its number", async (t) => {
  const { home, held } = filledHome(t);
  const store = await openStore(home.paths.stateFolder);
  const homeId = await homeIdOf(store);
  // As a salvage of less than this leaves it: the home's id, the run, and what was counted, are gone.
  await store.write(
    [
      { table: "meta", key: "home_id", value: undefined },
      { table: "run", key: held, value: undefined },
      { table: "counter", key: "runs", value: undefined },
    ],
    { sync: true },
  );
  await store.close();
  rmSync(join(home.paths.stateFolder, "CURRENT"));
  await salvaged(t, home);
  const producer = new RawProducer(await home.startDaemonOrFind());
  t.like(await home.json(["daemon", "status"]), { home_id: homeId }, "keychain and backends know it by that");
  producer.hello();
  const other = newRunId();
  producer.batch(1, other, { runStart: startOf(["here"]), metrics: pointsOf("loss", 7) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 5, "there are dead letters");
  const path = join(home.paths.artifactStoreFolder, "mlflow.db");
  t.deepEqual(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", other), [["7"]]);
  const letters = (await home.json(["dead-letter", "list"])) as {
    run_id: string;
    code: string;
    entries: number;
  }[];
  t.deepEqual(
    letters.map(({ run_id, code, entries }) => [run_id, code, entries]),
    [[held, "STEPWELL_RUN_UNKNOWN", 41]],
  );
});

test("a salvage that was cut off between its renames is finished by the next opening", async (t) => {
  const filled = filledHome(t);
  const { stateFolder } = filled.home.paths;
  renameSync(stateFolder, `${stateFolder}.salvaged`);
  await isWhole(t, filled);
  t.false(existsSync(`${stateFolder}.salvaged`));
});

test("a store with much that can't be read is not served as whole", async (t) => {
  const { home } = filledHome(t);
  await home.json(["secret", "create", "second", "--token=y"]);
  // Nobody takes what waits, and the files must be nobody's when they are damaged.
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  for (const table of files(home, /\.ldb$/)) {
    const bytes = readFileSync(table);
    for (let at = 30; at < bytes.length - 200; at += 50) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(table, bytes);
  }
  const report = await salvaged(t, home);
  t.true(report.unreadable_records > 0);
  t.is((await home.here(["stack", "list"])).code, 0, "it serves what there is");
});

test("a log that is cut, and a table with flipped bits, give what they can; the damaged store is kept as it was", async (t) => {
  const { home } = filledHome(t);
  // Once more, so that there is a table beside the log.
  await home.json(["secret", "create", "second", "--token=y"]);
  // Nobody takes what waits, and the files must be nobody's when they are damaged.
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  const [table = ""] = files(home, /\.ldb$/);
  const bytes = readFileSync(table);
  for (let at = 100; at < 140; at++) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(table, bytes);
  const [log = ""] = files(home, /\.log$/);
  truncateSync(log, 5);
  rmSync(join(home.paths.stateFolder, "CURRENT"));
  const report = await salvaged(t, home);
  t.is(report.fault, "");
  const kept = `${home.paths.stateFolder}.damaged`;
  t.deepEqual(readFileSync(join(kept, table.split("/").at(-1) ?? "")), bytes);
  t.is((await home.here(["stack", "list"])).code, 0, "it serves what there is");
});

test("whichever row of the state store is lost, the daemon serves what there is", async (t) => {
  t.timeout(20 * 60_000);
  const { home } = filledHome(t);
  t.is((await home.stepwell(["run", "-e", "here", "--", "true"])).code, 0);
  t.is((await home.stepwell(["run", "-e", "away", "--", "false"])).code, 1);
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  const { paths } = home;
  const putBack = keepWhole(t, home);
  const store = await openStore(paths.stateFolder);
  const rows: { table: Table; key: string }[] = [];
  for (const table of Object.values(TABLES))
    for (const { key } of await store.list(table)) rows.push({ table, key });
  await store.close();
  t.true(rows.length > 20, `${rows.length} rows`);
  for (const lost of rows) {
    const name = `${lost.table}/${lost.key}`;
    putBack();
    const damaged = await openStore(paths.stateFolder);
    await damaged.write([{ ...lost, value: undefined }], { sync: true });
    await damaged.close();
    rmSync(join(paths.stateFolder, "CURRENT"));
    const { log, messages } = keptLog();
    const daemon = await startDaemon({
      paths,
      clock: systemClock,
      random: Math.random,
      log,
      journalQuotaBytes: JOURNAL_QUOTA_BYTES,
      replayWindow: { ms: 1_000, bytes: 1_000_000 },
      artifactSpoolBytes: 0,
      curvesQuotaBytes: 0,
      databricksConfigFile: "/nowhere",
      mlflowEnvironment: {},
      mlflowIdleMs: 0,
      metrics: undefined,
      leaseReturnMs: LEASE_RETURN_MS,
      onShutdown: () => undefined,
      onHomeLost: () => undefined,
    });
    try {
      const { code, stderr } = await home.here(["stack", "describe"]);
      t.is(code, 0, `${name}: ${stderr}`);
    } finally {
      await daemon.close(0);
    }
    t.true(messages.includes("the state store was damaged"), name);
    t.false(
      messages.some((message) => /can't|could not/.test(message)),
      `${name}: ${messages.join("; ")}`,
    );
  }
});
