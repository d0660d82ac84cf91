import ava from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { scratchHome } from "../support/home.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = serialTestWith(MLFLOW_3);
const ADMIN = { username: "admin", password: "Correct-Horse-9" };
const NEW_PASSWORD = "Battery-Staple-7";
const server = serverForAll(ava, () => ({ user: ADMIN }));

interface StatusJson {
  readonly lanes: readonly { readonly state: string; readonly last_error: string }[];
}

test("a password that is changed at the server holds the lane, and the renewed secret lets all of it go on, once", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  await home.json([
    "secret",
    "create",
    "mlflow",
    `--username=${ADMIN.username}`,
    `--password=${ADMIN.password}`,
  ]);
  await home.json([
    "experiment-tracker",
    "register",
    "closed",
    "--flavor=mlflow",
    `--tracking_uri=${server().url}`,
    "--tracking_username={{mlflow.username}}",
    "--tracking_password={{mlflow.password}}",
  ]);
  await home.json(["stack", "register", "closed", "-e", "closed", "--set"]);
  const producer = new RawProducer(await home.startDaemonOrFind());
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("before", 1_200) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush", "--timeout=500"])).code, 0);

  const body = JSON.stringify({
    username: ADMIN.username,
    password: NEW_PASSWORD,
    current_password: ADMIN.password,
  });
  const authorization = `Basic ${Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString("base64")}`;
  const headers = { authorization, "content-type": "application/json" };
  const changed = await fetch(`${server().url}/api/2.0/mlflow/users/update-password`, {
    method: "PATCH",
    headers,
    body,
  });
  t.is(changed.status, 200, await changed.text());
  producer.batch(2, runId, { metrics: pointsOf("after", 1_200) });
  producer.batch(3, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n } });
  await producer.acknowledged(3);
  const { lanes } = await until(
    "the lane is held",
    async () => (await home.json(["status"])) as StatusJson,
    (status) => status.lanes[0]?.state === "held",
  );
  t.regex(lanes[0]?.last_error ?? "", /^STEPWELL_NOT_AUTHENTICATED: .* answered 401: /);
  t.false(JSON.stringify(lanes).includes(ADMIN.password));

  t.is((await home.stepwell(["secret", "update", "mlflow", `--password=${NEW_PASSWORD}`])).code, 0);
  t.is((await home.here(["flush", "--timeout=500"])).code, 0);
  const [run] = (await home.json(["runs", "list"])) as { deliveries: { mlflow_run_id: string }[] }[];
  const env = { MLFLOW_TRACKING_USERNAME: ADMIN.username, MLFLOW_TRACKING_PASSWORD: NEW_PASSWORD };
  const client = await RealMlflow.at(t, MLFLOW_3, server().url, env);
  const shown = await client.read(run?.deliveries[0]?.mlflow_run_id ?? "");
  t.is(shown.status, "FINISHED");
  t.deepEqual([shown.history["before"]?.length, shown.history["after"]?.length], [1_200, 1_200]);
  t.is((await client.find("Default")).runs.length, 1);
});
