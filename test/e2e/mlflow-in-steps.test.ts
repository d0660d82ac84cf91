/** The `mlflow` package in steps, as programs use it, against a real server: all of it goes through the daemon. */
import ava, { type ExecutionContext } from "ava";
import { RealMlflow, type ShownRun } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { serverForAll } from "../support/mlflow-server.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const ADMIN = { username: "admin", password: "Correct-Horse-9" };
const server = serverForAll(ava, () => ({ user: ADMIN }));

// What a caller's environment holds; none of it may be seen in a step, or lead it elsewhere.
const INHERITED = {
  MLFLOW_TRACKING_URI: "http://127.0.0.1:9/of-the-caller",
  MLFLOW_TRACKING_USERNAME: "somebody",
  MLFLOW_TRACKING_PASSWORD: "of-the-caller",
  MLFLOW_RUN_ID: "0123456789abcdef0123456789abcdef",
  MLFLOW_EXPERIMENT_ID: "4711",
  MLFLOW_REGISTRY_URI: "http://127.0.0.1:9/registry",
  DATABRICKS_TOKEN: "dapi-of-the-caller",
};

/** MLflow asks another process what a logged model imports: ten seconds, for what no test looks at. */
const QUICK = { MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT: "0" };

const ENVIRONMENT = { ...INHERITED, ...QUICK };

// The seed's step and settings, with a framework that is in the tests' environment.
const PROGRAM = `
import json, os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
import stepwell
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step

experiment_tracker = Client().active_stack.experiment_tracker
mlflow_settings = MLFlowExperimentTrackerSettings(nested=True, tags={"key": "value"})
nested = {"settings": {"experiment_tracker.mlflow": mlflow_settings}}
caller = dict(os.environ)
told = {}
together = threading.Barrier(3, timeout=300)

@step(experiment_tracker=experiment_tracker.name, **nested)
def first(index):
    assert "mlflow" not in sys.modules
    together.wait()
    import mlflow
    mlflow.log_metric("index", index)
    together.wait()
    with mlflow.start_run(nested=True, run_name=f"below {index}"):
        mlflow.log_metric("below", index)
    mlflow.log_metric("later", index)

@pipeline
def parallel():
    with ThreadPoolExecutor(3) as pool:
        for call in [pool.submit(copy_context().run, first, index) for index in range(3)]: call.result()

parallel()
assert dict(os.environ) == caller

import mlflow
import numpy as np
from sklearn.linear_model import LinearRegression

x_train = np.arange(40.0).reshape(20, 2)
with open(sys.argv[1], "w") as file: file.write("of the test")

@step(experiment_tracker=experiment_tracker.name)
def tf_trainer(x_train, y_train):
    mlflow.sklearn.autolog()
    model = LinearRegression().fit(x_train, y_train)
    mlflow.log_param("lr", 0.1)
    mlflow.log_metric("loss", 0.5)
    mlflow.log_artifact(sys.argv[1])
    return model

@step(experiment_tracker=experiment_tracker.name, **nested)
def step_one(model):
    told["environment"] = {key: value for key, value in os.environ.items() if "MLFLOW" in key or "DATABRICKS" in key}
    told["uri"], told["registry"] = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    told["active"] = mlflow.active_run().info.run_id
    LinearRegression().fit(x_train, x_train[:, 0])
    mlflow.MlflowClient().create_registered_model("of the test")
    mlflow.log_metric("one", 1.0)
    stepwell.log_text("text", "texts/a.txt")
    stepwell.log_table({"question": ["a"]}, "table.json")
    stepwell.log_table({"question": ["b"]}, "table.json")
    mlflow.start_run(nested=True, run_name="left open")
    return model.coef_.shape

@step(experiment_tracker=experiment_tracker.name, **nested)
def bad():
    mlflow.log_metric("bad", 1.0)
    mlflow.end_run()
    raise ValueError("of the test")

@step
def untracked():
    return mlflow.get_tracking_uri(), mlflow.active_run()

@pipeline
def digits():
    shape = step_one(tf_trainer(x_train, x_train[:, 0]))
    try: bad()
    except ValueError: pass
    return shape, untracked()

before = {**os.environ}
told["result"] = digits().result
told["after"] = [mlflow.get_tracking_uri(), {**os.environ} == before]
last_run = Client().get_pipeline("digits").last_run
told["ids"] = {name: last_run.get_step(name).run_metadata["mlflow_run_id"].value for name in ("step_one", "bad")}
print(json.dumps(told), flush=True)

@step(experiment_tracker=experiment_tracker.name)
def goes_on():
    mlflow.log_metric("before", 1.0)
    print("in the midst", flush=True)
    sys.stdin.readline()
    for i in range(20): mlflow.log_metric("after", float(i), step=i)
    mlflow.log_param("also", "this")
    mlflow.log_text("by mlflow", "texts/mlflow.txt")
    stepwell.log_text("by stepwell", "texts/stepwell.txt")
    with mlflow.start_run(nested=True, run_name="without a server"): mlflow.log_metric("below", 1.0)
    return "result"

print(goes_on(), flush=True)
`;

interface Told {
  readonly environment: Readonly<Record<string, string>>;
  readonly uri: string;
  readonly registry: string;
  readonly active: string;
  readonly result: unknown;
  readonly after: unknown;
  readonly ids: Readonly<Record<string, string>>;
}

async function homeWithCredentials(t: ExecutionContext): Promise<ScratchHome> {
  const home = await scratchHome(t);
  const { username, password } = ADMIN;
  await home.json(["secret", "create", "mlflow_secret", `--username=${username}`, `--password=${password}`]);
  const credentials = ["username", "password"].map((key) => `--tracking_${key}={{mlflow_secret.${key}}}`);
  const uri = `--tracking_uri=${server().url}`;
  await home.json(["experiment-tracker", "register", "remote", "--flavor=mlflow", uri, ...credentials]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  return home;
}

/** What the server has of an experiment, by the runs' names. */
async function runsOf(client: RealMlflow, experiment: string): Promise<Map<string, ShownRun>> {
  const { runs } = await client.find(experiment);
  const shown = await Promise.all(runs.map((runId) => client.read(runId)));
  return new Map(shown.map((run) => [run.name, run]));
}

const valuesOf = ({ history }: ShownRun) =>
  Object.fromEntries(
    Object.entries(history).map(([key, points]) => [key, points.map(([, , value]) => value)]),
  );

test("rows 54, 56, 58 to 63, 66, 97, 101, F2, F3: the seed's step runs as written, in threads and without its server, and leaves nothing behind", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await homeWithCredentials(t);
  const file = `${home.paths.home}/seed.txt`;
  const program = await startPython(home, PROGRAM, [file], ENVIRONMENT, [], MLFLOW_3);
  const { child, ended } = program;
  await program.said("in the midst");
  await server().kill();
  try {
    child.stdin.write("go on\n");
    const { code, stdout, stderr } = await ended;
    t.is(code, 0, stderr);
    t.true(stdout.endsWith("in the midst\nresult\n"), stdout);
    checkTold(t, JSON.parse(stdout.slice(0, stdout.indexOf("\n"))) as Told);
  } finally {
    await server().restart();
  }
  const flushed = await home.stepwell(["flush", "--timeout=500"]);
  t.is(flushed.code, 0, flushed.stderr);
  const env = { MLFLOW_TRACKING_USERNAME: ADMIN.username, MLFLOW_TRACKING_PASSWORD: ADMIN.password };
  const client = await RealMlflow.at(t, MLFLOW_3, server().url, env);
  checkParallel(t, await runsOf(client, "parallel"));
  await checkDigits(t, client);
  const later = await runsOf(client, "goes_on");
  t.is(later.size, 2);
  const [run] = [...later.values()].filter(({ name }) => name !== "without a server");
  t.like(run, { status: "FINISHED", params: { also: "this" } });
  t.deepEqual(run && valuesOf(run), {
    before: ["1.0"],
    after: Array.from({ length: 20 }, (_, i) => `${i}.0`),
  });
  const { runs } = await client.find("goes_on");
  const texts = await Promise.all(runs.map((runId) => client.artifacts(runId)));
  t.deepEqual(Object.assign({}, ...texts), { "texts/mlflow.txt": 9, "texts/stepwell.txt": 11 });
  t.like(later.get("without a server"), { status: "FINISHED", latest: { below: "1.0" } });
});

function checkTold(t: ExecutionContext, told: Told): void {
  t.regex(told.uri, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{20,}$/);
  t.is(told.registry, told.uri);
  t.deepEqual(told.environment, {
    MLFLOW_TRACKING_URI: told.uri,
    MLFLOW_EXPERIMENT_NAME: "digits",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: "true",
    ...QUICK,
  });
  const theirs = INHERITED.MLFLOW_TRACKING_URI;
  t.deepEqual(told.result, [[2], [theirs, null]]);
  t.deepEqual(told.after, [theirs, true]);
  t.is(told.active, told.ids["step_one"] ?? "");
}

/** Three steps that import MLflow at the same time: each has its own run, and those below it theirs. */
function checkParallel(t: ExecutionContext, runs: ReadonlyMap<string, ShownRun>): void {
  t.is(runs.size, 7);
  for (const [name, run] of runs) {
    const [index = ""] = Object.values(run.latest);
    const isStep = name.startsWith("first");
    if (isStep) t.deepEqual(run.latest, { index, later: index }, name);
    if (name.startsWith("below")) t.deepEqual(run.latest, { below: `${name.slice(6)}.0` });
    t.is(run.status, "FINISHED", name);
  }
}

async function checkDigits(t: ExecutionContext, client: RealMlflow): Promise<void> {
  const runs = await runsOf(client, "digits");
  t.is(runs.size, 4);
  const [shared] = [...runs.values()].filter(({ name }) => name.startsWith("digits"));
  t.like(shared, { status: "FAILED", params: { lr: "0.1", fit_intercept: "True" }, latest: { loss: "0.5" } });
  t.true(Object.keys(shared?.latest ?? {}).includes("training_r2_score"), "autologged");
  const [one, bad, left] = ["step_one", "bad", "left open"].map((name) => runs.get(name));
  t.like(one, { status: "FINISHED", params: {}, latest: { one: "1.0" } });
  t.is(Object.keys(one?.latest ?? {}).length, 1, "autologging was of the step before alone");
  const { "mlflow.loggedArtifacts": tables = "", key } = one?.tags ?? {};
  t.deepEqual([JSON.parse(tables), key], [[{ path: "table.json", type: "table" }], "value"]);
  t.like(bad, { status: "FAILED", latest: { bad: "1.0" } });
  t.is(left?.status, "FINISHED");
  const { runs: ids } = await client.find("digits");
  const files = await Promise.all(ids.map((id) => client.artifacts(id)));
  const all = Object.assign({}, ...files) as Record<string, number>;
  t.like(all, { "seed.txt": 11, "texts/a.txt": 4, "table.json": 45 });
  t.true("estimator.html" in all);
}
