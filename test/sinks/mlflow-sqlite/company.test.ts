import { MlflowServer } from "../../support/mlflow-server.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { query } from "./database.js";
import { Drain } from "./drain.js";
import { OTHER_RUN_ID, pack, RUN_ID, sinkFor } from "./packs.js";
import { RealMlflow } from "./real-mlflow.js";

const CALLS = 100;
const P99_MS_MAX = 2_000;
/** What else the machine does at the time is no fault of the drain: one round of these has to be in time. */
const ROUNDS = 3;

testWith(MLFLOW_3)(
  "while it drains at full speed MLflow migrates the file at its first open, and its server logs metrics in time",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const { sink, databasePath } = await sinkFor(t);
    await sink.send([pack(1, [["loss", 1n, 1n, 1]], { runId: OTHER_RUN_ID })]);
    const drain = new Drain(sink);
    drain.start();

    const mlflow = await RealMlflow.start(t, MLFLOW_3, databasePath);
    t.is((await mlflow.read(OTHER_RUN_ID)).latest["loss"], "1.0");
    const migrated = drain.delivered;
    t.notDeepEqual(query(databasePath, "SELECT * FROM alembic_version"), [["97727af70f4d"]]);
    await drain.stop();
    t.true(drain.delivered > migrated, "it goes on after the migration");

    const server = await MlflowServer.start({ store: `sqlite:///${databasePath}` });
    t.teardown(() => server.remove());
    const before = { points: drain.delivered, ms: performance.now() };
    drain.start();
    const statuses = new Map<number, number>();
    const p99s: number[] = [];
    let calls = 0;
    while (calls < ROUNDS * CALLS && !p99s.some((ms) => ms <= P99_MS_MAX)) {
      const latencies: number[] = [];
      for (const end = calls + CALLS; calls < end; calls++) {
        const beganMs = performance.now();
        const status = await logMetric(server.url, calls);
        latencies.push(performance.now() - beganMs);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      latencies.sort((a, b) => a - b);
      const percentile = (share: number) => latencies[Math.ceil(share * CALLS) - 1] ?? Number.NaN;
      const times = [0.5, 0.9, 0.99, 1].map((share) => percentile(share).toFixed(0)).join(", ");
      t.log(`log-metric p50, p90, p99, max: ${times} ms`);
      p99s.push(percentile(0.99));
    }
    const during = { points: drain.delivered - before.points, ms: performance.now() - before.ms };
    await drain.stop();

    const rate = Math.round((during.points / during.ms) * 1_000);
    t.log(`drained ${rate} points/s, ${drain.retries} retries`);
    t.deepEqual([...statuses], [[200, calls]]);
    t.true(Math.min(...p99s) <= P99_MS_MAX, `p99 of each round: ${p99s.join(", ")} ms`);
    t.true(during.points > 0, "it was draining all the time");

    const end = { status: "KILLED", endTimeMs: 1_700_000_100_000 } as const;
    const last = pack(1_000_000, [], { pointsThrough: drain.delivered, end });
    t.deepEqual(await sink.send([last]), [{ kind: "delivered", refused: [] }]);
    t.deepEqual(query(databasePath, "SELECT status FROM runs WHERE run_uuid = ?", RUN_ID), [["KILLED"]]);
    const counts = query(
      databasePath,
      "SELECT run_uuid, count(*) FROM metrics GROUP BY run_uuid ORDER BY run_uuid",
    );
    t.deepEqual(counts, [
      [RUN_ID, String(drain.delivered)],
      [OTHER_RUN_ID, String(calls + 1)],
    ]);
  },
);

async function logMetric(url: string, step: number): Promise<number> {
  const response = await fetch(`${url}/api/2.0/mlflow/runs/log-metric`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      run_id: OTHER_RUN_ID,
      key: "theirs",
      value: step,
      timestamp: 1_700_000_000_000 + step,
      step,
    }),
  });
  await response.arrayBuffer();
  return response.status;
}
