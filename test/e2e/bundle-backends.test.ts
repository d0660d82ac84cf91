/**
 * Bundles of one home into each kind of backend, read back by MLflow's own client: encrypted, out of order, twice and
 * late.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import ava, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { scratchFolder } from "../support/folder.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newDatabase, postgresForAll } from "../support/mlflow-postgres.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startRelay } from "../support/relay-process.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);
const postgres = postgresForAll(ava);

type Batches = readonly (readonly [runId: string, entries: Parameters<RawProducer["batch"]>[2]])[];

async function log(home: ScratchHome, batches: Batches): Promise<void> {
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  for (const [index, [runId, entries]] of batches.entries()) producer.batch(index + 1, runId, entries);
  await producer.acknowledged(batches.length);
  producer.close();
}

const register = (home: ScratchHome, name: string, uri: string, ...more: string[]) =>
  home.json(["experiment-tracker", "register", name, "--flavor=mlflow", `--tracking_uri=${uri}`, ...more]);

const begin = (trackers: readonly string[]) =>
  ({ ...startOf(trackers), experimentName: "carried" }) as ReturnType<typeof startOf>;
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };

/** A node's bundles "a" and "b" of a parent, which a server of the node has too, and its child; "all" has both again. */
async function carried(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const node = await scratchHome(t);
  await register(node, "away", "http://127.0.0.1:9", "--auth=none");
  await register(node, "near", server().url, "--auth=none");
  const [parent, child] = [newRunId(), newRunId()];
  const runStart = begin(["away", "near"]);
  await log(node, [
    [parent, { runStart, params: [{ key: "lr", value: "0.1" }], metrics: pointsOf("first", 500) }],
  ]);
  const drained = await node.here(["flush", "--timeout=60"]);
  t.is(drained.code, 4, drained.stderr);
  const shown = (await node.json(["runs", "show", parent])) as {
    readonly deliveries: readonly { readonly tracker: string; readonly mlflow_run_id: string }[];
  };
  const alias = shown.deliveries.find(({ tracker }) => tracker === "near")?.mlflow_run_id ?? "";
  t.regex(alias, /^[0-9a-f]{32}$/);
  await log(node, [
    [
      child,
      {
        runStart: begin(["away"]),
        tags: [
          { key: "mlflow.parentRunId", value: alias },
          { key: "team", value: "ü" },
        ],
      },
    ],
  ]);
  const identity = await generateX25519Identity();
  writeFileSync(`${folder}/identity`, `${identity}\n`);
  const give = async (name: string, ...more: string[]) => {
    const words = ["bundle", "export", `${folder}/${name}`, "-e", "away", ...more];
    await node.json([...words, "--recipient", await identityToRecipient(identity)]);
  };
  await give("a");
  await log(node, [
    [parent, { metrics: pointsOf("second", 700) }],
    [child, { metrics: pointsOf("of-child", 300), runEnd: FINISHED }],
    [parent, { runEnd: FINISHED }],
  ]);
  await give("b");
  await give("all", "--again");
  return { folder, node, parent, child };
}

test("what bundles carry is whole and once in a server, a database and behind relays, as MLflow reads it", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { folder, node, parent, child } = await carried(t);
  const [straight, relayed] = [await newDatabase(postgres()), await newDatabase(postgres())];
  const relay = await startRelay(t, [
    `--database=postgresql://postgres@127.0.0.1:${postgres().port}/${relayed}`,
  ]);
  const before = await startRelay(t, [`--upstream=${server().url}`]);
  const login = await scratchHome(t);
  const ways = [
    { name: "rest", uri: server().url, reader: server().url, more: ["--auth=none"] },
    {
      name: "database",
      uri: `postgresql://postgres@127.0.0.1:${postgres().port}/${straight}`,
      reader: postgres().uriOf(straight),
    },
    { name: "relay", uri: `grpc://${relay.address}`, reader: postgres().uriOf(relayed) },
    { name: "relayed-rest", uri: `grpc://${before.address}`, reader: server().url },
  ];
  for (const { name, uri, reader, more = [] } of ways) {
    await register(login, name, uri, ...more);
    const words = (bundle: string) => {
      copyFileSync(`${folder}/${bundle}`, `${folder}/${name}-${bundle}`);
      return [
        "bundle",
        "import",
        `${folder}/${name}-${bundle}`,
        "--to",
        name,
        "--identity",
        `${folder}/identity`,
      ];
    };
    const early = await login.here(words("b"));
    t.regex(early.stderr, /STEPWELL_BUNDLE_GAP/, name);
    t.like(await login.json(words("a")), { points: 500, points_before: 0, refused: 0 }, name);
    t.like(await login.json(words("a")), { points: 0, points_before: 500 }, name);
    t.like(await login.json(words("b")), { points: 1_000, refused: 0 }, name);
    for (const late of ["all", "a", "b"])
      t.like(await login.json(words(late)), { points: 0 }, `${name} ${late}`);
    const { runs } = JSON.parse(readFileSync(`${folder}/${name}-all.receipt`, "utf8")) as {
      readonly runs: readonly { readonly runId: string; readonly there?: { readonly mlflowRunId: string } }[];
    };
    const idOf = (runId: string) => runs.find((run) => run.runId === runId)?.there?.mlflowRunId ?? runId;
    const mlflow = await RealMlflow.at(t, MLFLOW_3, reader);
    const read = await mlflow.read(idOf(parent));
    t.like(read, { experiment: "carried", status: "FINISHED", end: 9_000, params: { lr: "0.1" } }, name);
    const counts = Object.entries(read.history).map(([key, points]) => [key, points.length]);
    t.deepEqual(Object.fromEntries(counts), { first: 500, second: 700 }, name);
    const ofChild = await mlflow.read(idOf(child));
    t.is(ofChild.history["of-child"]?.length, 300, name);
    t.like(ofChild.tags, { team: "ü", "mlflow.parentRunId": idOf(parent) }, name);
  }
  t.is((await login.here(["dead-letter", "list", "-o", "csv"])).stdout.trim().split("\n").length, 1);
  // A receipt of any of them lets all of it leave the journal.
  t.like(await node.json(["bundle", "confirm", `${folder}/database-all.receipt`]), { runs: 2 });
  const flushed = await node.here(["flush"]);
  t.is(flushed.code, 0, flushed.stdout + flushed.stderr);
});
