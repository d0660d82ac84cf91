/** A relay before a real `mlflow server`, for those without its database. */
import ava from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { scratchHome } from "../support/home.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startRelay } from "../support/relay-process.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);

interface RunJson {
  readonly deliveries: readonly { readonly mlflow_run_id: string; readonly experiment_tracker_url: string }[];
}

async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(
    `${server().url}/api/2.0/mlflow/${path}`,
    body
      ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }
      : {},
  );
  return (await answer.json()) as Record<string, unknown>;
}

test("runs get to a server through relays that are killed, each made once, with all of its points", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const args = [`--upstream=${server().url}`];
  let relay = await startRelay(t, args);
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  const register = ["experiment-tracker", "register", "relay", "--flavor=mlflow"];
  await home.json([...register, `--tracking_uri=grpc://${relay.address}`]);
  const producer = new RawProducer(daemon);
  producer.hello();
  const experimentName = `relayed ${newRunId()}`;
  const runIds = Array.from({ length: 3 }, newRunId);
  let sequence = 0;
  for (const runId of runIds)
    producer.batch(++sequence, runId, {
      runStart: { ...startOf(), experimentName } as ReturnType<typeof startOf>,
      params: [{ key: "lr", value: "0.1" }],
      metrics: pointsOf("first", 1000),
    });
  await producer.acknowledged(sequence);
  t.is((await home.here(["flush", "--timeout=300"])).code, 0);
  for (const runId of runIds) producer.batch(++sequence, runId, { metrics: pointsOf("second", 3000) });
  await producer.acknowledged(sequence);
  const { address } = relay;
  await relay.end("SIGKILL");
  relay = await startRelay(t, args, { listen: address });
  for (const runId of runIds)
    producer.batch(++sequence, runId, {
      metrics: pointsOf("third", 10),
      runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n },
    });
  await producer.acknowledged(sequence);
  const flushed = await home.here(["flush", "--timeout=300"]);
  t.is(flushed.code, 0, flushed.stderr + relay.log());
  const { experiment } = await ask(
    `experiments/get-by-name?experiment_name=${encodeURIComponent(experimentName)}`,
  );
  const { experiment_id: experimentId } = experiment as { experiment_id: string };
  const { runs } = await ask("runs/search", { experiment_ids: [experimentId] });
  t.is((runs as unknown[]).length, runIds.length);
  for (const runId of runIds) {
    const shown = (await home.json(["runs", "show", runId])) as RunJson;
    const [delivery] = shown.deliveries;
    const id = delivery?.mlflow_run_id ?? "";
    t.true(delivery?.experiment_tracker_url.startsWith(server().url), delivery?.experiment_tracker_url);
    for (const [key, count] of [
      ["first", 1000],
      ["second", 3000],
      ["third", 10],
    ] as const) {
      const { metrics } = await ask(`metrics/get-history?run_id=${id}&metric_key=${key}&max_results=25000`);
      t.is((metrics as unknown[]).length, count, key);
    }
    const { run } = await ask(`runs/get?run_id=${id}`);
    t.is((run as { info: { status: string } }).info.status, "FINISHED");
  }
});
