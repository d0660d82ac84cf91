/** A home whose tracker is MLflow's PostgreSQL database itself, with a password and TLS, read back by MLflow's client. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ava, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { AUTHORITY, CLIENT } from "../support/certificates.js";
import { scratchFolder } from "../support/folder.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { twoPythons } from "../support/gateway-programs.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { copyDatabase, newDatabase, postgresForAll, replaceDatabase } from "../support/mlflow-postgres.js";
import { ASKED_USER, CERTIFIED_USER } from "../support/postgres.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const PASSWORD = "Correct-Horse-9";

interface Status {
  readonly lanes: readonly { readonly state: string; readonly last_error: string }[];
}

/** A database that asks for a password, and a home with a tracker there. */
async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const database = await newDatabase(server());
  const user = `${ASKED_USER}${newRunId()}`;
  const query = (sql: string, values: readonly unknown[] = []) => server().query(database, sql, values);
  await query(`CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}'`);
  await query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${user}`);
  await query(
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${user}; GRANT CREATE ON SCHEMA public TO ${user}`,
  );
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  const uri = `postgresql://${user}@127.0.0.1:${server().port}/${database}`;
  return { database, user, query, home, daemon, uri };
}

async function register(home: ScratchHome, uri: string, ...more: string[]): Promise<void> {
  const words = ["experiment-tracker", "register", "db", "--flavor=mlflow", `--tracking_uri=${uri}`];
  await home.json([...words, ...more]);
  await home
    .json(["stack", "update", "-e", "db"])
    .catch(() => home.json(["stack", "register", "s", "-e", "db", "--set"]));
}

test("runs go to the database, its password stays in the daemon, and the test of the tracker says how it stands", async (t) => {
  const { database, query, home, daemon, uri } = await setUp(t);
  await home.json(["secret", "create", "pg", `--password=${PASSWORD}`]);
  await register(
    home,
    uri,
    "--tracking_password={{pg.password}}",
    "--default_artifact_root=s3://bucket/mlflow",
  );
  const tested = await home.here(["experiment-tracker", "test", "db"]);
  t.is(tested.code, 0, tested.stdout + tested.stderr);
  t.regex(tested.stdout, /revision dc11669786a5/);
  t.is((await query("SELECT to_regclass('stepwell_cursors')"))[0]?.[0], null, "the test changes nothing");
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] });
  for (let sequence = 2; sequence <= 11; sequence++)
    producer.batch(sequence, runId, { metrics: pointsOf(`m${sequence}`, 3_333) });
  producer.batch(12, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 77n } });
  await producer.acknowledged(12);
  const flushed = await home.here(["flush"]);
  t.is(flushed.code, 0, flushed.stderr);
  const shown = await (await RealMlflow.at(t, MLFLOW_3, server().uriOf(database))).read(runId);
  t.like(shown, { status: "FINISHED", end: 77, params: { lr: "0.1" } });
  t.is(
    Object.values(shown.history).reduce((sum, points) => sum + points.length, 0),
    33_330,
  );
  t.regex(shown.artifacts, new RegExp(`^s3://bucket/mlflow/\\d+/${runId}/artifacts$`));
  const told = JSON.stringify([await home.json(["runs", "show", runId]), await home.json(["status"])]);
  t.true(told.includes(uri));
  const described = await home.here(["experiment-tracker", "describe", "db"]);
  const doctor = await home.here(["doctor"]);
  const log = await readFile(home.paths.logFile, "utf8");
  for (const text of [told, described.stdout, doctor.stdout, tested.stdout, log])
    t.false(text.includes(PASSWORD));
});

test("a wrong password holds the lane and is told; with the right one all is delivered", async (t) => {
  const { query, home, daemon, uri } = await setUp(t);
  await register(home, uri, "--tracking_password=wrong-one");
  const tested = await home.here(["experiment-tracker", "test", "db"]);
  t.not(tested.code, 0);
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 100) });
  await producer.acknowledged(1);
  const held = await until(
    "the lane is held",
    async () => (await home.json(["status"])) as Status,
    ({ lanes }) => lanes[0]?.state === "held",
  );
  t.regex(held.lanes[0]?.last_error ?? "", /STEPWELL_NOT_AUTHENTICATED/);
  await home.json(["experiment-tracker", "update", "db", `--tracking_password=${PASSWORD}`]);
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[100]]);
});

test("the database's certificate is checked as its address says", async (t) => {
  const { database, home, daemon, uri, query } = await setUp(t);
  const ca = join(await scratchFolder(t), "ca.pem");
  await writeFile(ca, AUTHORITY);
  const checked = async (mode: string) => {
    await home.json(["experiment-tracker", "update", "db", `--tracking_uri=${uri}?${mode}`]);
    return await home.here(["experiment-tracker", "test", "db"]);
  };
  await register(home, uri, `--tracking_password=${PASSWORD}`);
  t.regex((await checked("sslmode=verify-full")).stdout, /STEPWELL_TLS_FAILED/);
  await server().serveTls();
  t.regex(
    (await checked("sslmode=verify-full")).stdout,
    /STEPWELL_TLS_FAILED/,
    "an authority that nobody knows",
  );
  for (const mode of ["sslmode=require", `sslmode=verify-full&sslrootcert=${ca}`]) {
    const good = await checked(mode);
    t.is(good.code, 0, good.stdout + good.stderr);
  }
  const named = uri.replace("127.0.0.1", "localhost");
  await home.json(["experiment-tracker", "update", "db", `--tracking_uri=${named}?sslmode=verify-full`]);
  t.regex((await home.here(["experiment-tracker", "test", "db"])).stdout, /STEPWELL_TLS_FAILED/);
  await home.json(["experiment-tracker", "update", "db", `--tracking_server_cert_path=${ca}`]);
  const byName = await home.here(["experiment-tracker", "test", "db"]);
  t.is(byName.code, 0, byName.stdout + byName.stderr);
  const producer = new RawProducer(daemon);
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf(), metrics: pointsOf("loss", 10) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[10]]);
  // The daemon takes what is changed while it runs: the authority's file, and where new experiments' artifacts are.
  const logTo = async (sequence: number, experimentName: string) => {
    const runStart = { ...startOf(), experimentName } as ReturnType<typeof startOf>;
    producer.batch(sequence, newRunId(), { runStart });
    await producer.acknowledged(sequence);
  };
  await home.json(["experiment-tracker", "update", "db", "--default_artifact_root=s3://third/root"]);
  await home.json(["experiment-tracker", "remove-attribute", "db", "tracking_server_cert_path"]);
  await server().query(
    "postgres",
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1",
    [database],
  );
  await logTo(2, "third");
  const untrusted = await home.here(["flush", "--timeout=10"]);
  t.is(untrusted.code, 4);
  t.regex(untrusted.stderr, /STEPWELL_TLS_FAILED/);
  await home.json(["experiment-tracker", "update", "db", `--tracking_server_cert_path=${ca}`]);
  t.is((await home.here(["flush"])).code, 0);
  const roots = await query("SELECT artifact_location FROM experiments WHERE name = 'third'");
  t.regex(String(roots[0]?.[0]), /^s3:\/\/third\/root\/\d+$/);
});

test("a certificate opens a database in place of a password", async (t) => {
  const { database, query, home } = await setUp(t);
  await server().serveTls();
  const user = `${CERTIFIED_USER}${newRunId()}`;
  await query(`CREATE ROLE ${user} LOGIN SUPERUSER`);
  const [ca, client] = await Promise.all(
    Object.entries({ "ca.pem": AUTHORITY, "client.pem": CLIENT }).map(async ([name, text]) => {
      const path = join(await scratchFolder(t), name);
      await writeFile(path, text);
      return path;
    }),
  );
  const uri = `postgresql://${user}@127.0.0.1:${server().port}/${database}?sslmode=verify-full`;
  await register(home, uri, `--tracking_server_cert_path=${ca}`);
  t.regex((await home.here(["experiment-tracker", "test", "db"])).stdout, /STEPWELL_NOT_AUTHENTICATED/);
  await home.json(["experiment-tracker", "update", "db", `--tracking_client_cert_path=${client}`]);
  const good = await home.here(["experiment-tracker", "test", "db"]);
  t.is(good.code, 0, good.stdout + good.stderr);
});

test("a database that goes back to its backup gets again what it forgot, of a run that ended, too", async (t) => {
  const { database, query, home, daemon, uri } = await setUp(t);
  await register(home, uri, `--tracking_password=${PASSWORD}`);
  const producer = new RawProducer(daemon);
  const [early, late] = [newRunId(), newRunId()];
  producer.hello();
  producer.batch(1, early, { runStart: startOf(), metrics: pointsOf("loss", 50) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  await copyDatabase(server(), database, `${database}_copy`);
  producer.batch(2, early, { metrics: pointsOf("more", 50) });
  producer.batch(3, late, { runStart: startOf(), metrics: pointsOf("loss", 70) });
  for (const [sequence, runId] of [
    [4, early],
    [5, late],
  ] as const)
    producer.batch(sequence, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } });
  await producer.acknowledged(5);
  t.is((await home.here(["flush"])).code, 0);
  await replaceDatabase(server(), database, `${database}_copy`);
  t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[50]]);
  // Any pack of the home meets it; what has ended comes to life again.
  producer.batch(6, newRunId(), { runStart: startOf(), metrics: pointsOf("other", 5) });
  await producer.acknowledged(6);
  await until(
    "all is there again",
    () => query("SELECT count(*)::int FROM metrics"),
    ([row]) => row?.[0] === 175,
  );
  await until(
    "both runs have ended again",
    () => query("SELECT count(*)::int FROM runs WHERE status = 'FINISHED' AND end_time = 9"),
    ([row]) => row?.[0] === 2,
  );
});

test("a program that knows MLflow alone logs to it through the gateway, and what nobody answers ends at once", async (t) => {
  const { database, home, uri } = await setUp(t);
  await register(home, uri, `--tracking_password=${PASSWORD}`);
  const { stdout } = await home.here(["env", "-e", "db"]);
  const [python] = await twoPythons("test/e2e/postgres_programs.py");
  const said = await python.do({ uri: gatewayAddressIn(stdout), experiment: "through the gateway" });
  t.is(said.error, undefined);
  const { run, child, seen, answers } = said.result as {
    run: string;
    child: string;
    seen: unknown[];
    answers: Record<string, string | number>;
  };
  t.deepEqual(seen, [0.05, "3", "two"]);
  for (const question of ["run", "artifact", "dataset", "versions"]) {
    t.regex(String(answers[question]), /only writes to postgresql:.*Ask the MLflow server/s, question);
    t.true(Number(answers[`${question} s`]) < 20, question);
  }
  t.is((await home.here(["flush"])).code, 0);
  const letters = (await home.json(["dead-letter", "list"])) as unknown[];
  t.deepEqual(letters, []);
  const mlflow = await RealMlflow.at(t, MLFLOW_3, server().uriOf(database));
  const shown = await mlflow.read(run);
  t.like(shown, {
    ...{ experiment: "through the gateway", name: "fluent", status: "FINISHED" },
    params: { layers: "3", name: "größe" },
    latest: { loss: "0.05", acc: "0.5", odd: "nan" },
  });
  t.is(shown.tags["a"], undefined);
  t.is(shown.history["loss"]?.length, 20);
  t.is((await mlflow.read(child)).tags["mlflow.parentRunId"], run);
});
