/** A daemon that is told to end while a server is away, as a node that is drained or a job that is preempted does it. */
import test from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { homeAtServer } from "../support/home-at-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { type Reaction, ScriptedMlflow } from "../support/scripted-mlflow.js";
import { until } from "../support/until.js";

/** What Kubernetes and SLURM give between SIGTERM and SIGKILL unless told otherwise. */
const GRACE_MS = 30_000;
const RUNS = 40;
const POINTS = 500;
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };

const AWAY: Readonly<Record<string, Reaction>> = {
  "says nothing": "hang",
  "breaks each connection": "break-before",
  "is busy": { status: 503, body: "no" },
};

for (const [how, reaction] of Object.entries(AWAY))
  test(`with a backlog for a server that ${how} a daemon ends within its grace, and the next one delivers all of it once`, async (t) => {
    t.timeout(600_000);
    const scripted = await ScriptedMlflow.start(t);
    const { home, daemon } = await homeAtServer(t, scripted.url);
    let isAway = true;
    scripted.rule(() => (isAway ? reaction : undefined));
    const producer = new RawProducer(daemon.endpoint.endpoint);
    producer.hello();
    const runIds = Array.from({ length: RUNS }, newRunId);
    for (const [index, runId] of runIds.entries()) {
      const entries = { runStart: startOf(), metrics: pointsOf("loss", POINTS), runEnd: FINISHED };
      producer.batch(index + 1, runId, entries);
    }
    await producer.acknowledged(RUNS);
    await until(
      "the server is asked",
      () => scripted.seen.length,
      (seen) => seen > 0,
    );
    const beganMs = performance.now();
    await daemon.end("SIGTERM");
    const tookMs = performance.now() - beganMs;
    t.log(`it ended after ${(tookMs / 1_000).toFixed(1)} s`);
    t.true(tookMs < GRACE_MS, `${tookMs} ms`);
    isAway = false;
    await home.startDaemon();
    const flushed = await home.here(["flush", "--timeout=300"]);
    t.is(flushed.code, 0, flushed.stderr);
    for (const runId of runIds)
      t.like(scripted.store.run(runId), { status: "FINISHED", points: { length: POINTS } });
    t.is(scripted.store.runs.length, RUNS);
  });
