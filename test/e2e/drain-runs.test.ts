import { credentials, makeClientConstructor } from "@grpc/grpc-js";
import test from "ava";
import {
  DaemonServiceService,
  type FlushRequest,
  type FlushResponse,
} from "../../src/gen/stepwell/v1/daemon.js";
import { change } from "../sinks/mlflow-sqlite/database.js";
import { scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

const DaemonClient = makeClientConstructor(DaemonServiceService, "DaemonService");

/** A port that nothing may listen on. */
const NOBODY = "http://127.0.0.1:9";

function drain(endpoint: string, runIds: string[], timeoutMs: number): Promise<FlushResponse> {
  const client = new DaemonClient(endpoint, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
  });
  const flush = client["flush"] as unknown as (
    request: FlushRequest,
    done: (error: Error | null, answer: FlushResponse) => void,
  ) => void;
  return new Promise<FlushResponse>((resolve, reject) =>
    flush.call(client, { timeoutMs, runIds }, (error, answer) => (error ? reject(error) : resolve(answer))),
  ).finally(() => client.close());
}

test("a drain of some runs waits for no other, and says what is not there of its own", async (t) => {
  const home = await scratchHome(t);
  const endpoint = await home.startDaemonOrFind();
  await home.json(["experiment-tracker", "register", "here", "--flavor=mlflow"]);
  await home.json([
    "experiment-tracker",
    "register",
    "away",
    "--flavor=mlflow",
    `--tracking_uri=${NOBODY}`,
    "--auth=none",
  ]);
  const producer = new RawProducer(endpoint);
  const [mine, stuck] = [newRunId(), newRunId()];
  producer.hello();
  producer.batch(1, stuck, { runStart: startOf(["away"]), metrics: pointsOf("loss", 70) });
  producer.batch(2, mine, { runStart: startOf(["here"]), metrics: pointsOf("loss", 30) });
  await producer.acknowledged(2);
  const done = await drain(endpoint, [mine], 120_000);
  t.like(done, { drained: true, lanes: [], deadLetters: 0n });
  const left = await drain(endpoint, [mine, stuck], 500);
  t.false(left.drained);
  t.deepEqual(
    left.lanes.map(({ runId, tracker, queuedPoints }) => ({ runId, tracker, queuedPoints })),
    [{ runId: stuck, tracker: "away", queuedPoints: 70n }],
  );
  t.regex(left.lanes[0]?.lastError ?? "", /STEPWELL_SERVER_UNREACHABLE/);
  const all = await drain(endpoint, [], 500);
  t.false(all.drained, "with no run named all of the home are waited for");
});

test("what a backend refused for good is counted beside a drain that is complete", async (t) => {
  const home = await scratchHome(t);
  const endpoint = await home.startDaemonOrFind();
  const producer = new RawProducer(endpoint);
  const [first, other] = [newRunId(), newRunId()];
  producer.hello();
  producer.batch(1, first, { runStart: startOf(), params: [{ key: "lr", value: "1" }] });
  producer.batch(2, other, { runStart: startOf(), params: [{ key: "lr", value: "1" }] });
  await producer.acknowledged(2);
  t.is((await home.here(["flush"])).code, 0);
  // Another program has set it at the store meanwhile, which the daemon can't know.
  const file = `${home.paths.artifactStoreFolder}/mlflow.db`;
  change(file, `INSERT INTO params (key, value, run_uuid) VALUES ('depth', '9', '${first}')`);
  producer.batch(3, first, { params: [{ key: "depth", value: "2" }] });
  await producer.acknowledged(3);
  const done = await drain(endpoint, [first], 120_000);
  t.true(done.drained);
  t.is(done.deadLetters, 1n);
  t.is((await drain(endpoint, [other], 120_000)).deadLetters, 0n);
});

test("a drain of a run that the home does not have is refused, and so is one of too many runs", async (t) => {
  const home = await scratchHome(t);
  const endpoint = await home.startDaemonOrFind();
  await t.throwsAsync(drain(endpoint, [newRunId()], 1_000), { message: /There is no run/ });
  const many = Array.from({ length: 10_001 }, newRunId);
  await t.throwsAsync(drain(endpoint, many, 1_000), { message: /10001 runs were named/ });
});
