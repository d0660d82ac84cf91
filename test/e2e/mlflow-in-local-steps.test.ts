/** The `mlflow` package in steps of local trackers: the seed's step, and one at several trackers. */
import { rmSync } from "node:fs";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { scratchHome } from "../support/home.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);

// What a caller's environment holds, which a step does not see; and MLflow asks another process what a logged model
// imports: ten seconds, for what no test looks at.
const ENVIRONMENT = {
  MLFLOW_TRACKING_URI: "http://127.0.0.1:9/of-the-caller",
  DATABRICKS_TOKEN: "dapi-of-the-caller",
  MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT: "0",
};

const LOCAL_PROGRAM = `
import json, os, sys
import mlflow
import numpy as np
import stepwell
from sklearn.linear_model import LinearRegression
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step

mlflow_settings = MLFlowExperimentTrackerSettings(nested=True, tags={"key": "value"})
x_train = np.arange(40.0).reshape(20, 2)
with open(sys.argv[1], "w") as file: file.write("of the test")
told = {}

@step(experiment_tracker="local", settings={"experiment_tracker:local": mlflow_settings})
def tf_trainer():
    told["environment"] = [key for key in os.environ if key.startswith(("MLFLOW", "DATABRICKS"))]
    mlflow.sklearn.autolog()
    LinearRegression().fit(x_train, x_train[:, 0])
    mlflow.log_param("lr", 0.1)
    mlflow.log_metric("loss", 0.5)
    mlflow.log_artifact(sys.argv[1])

@step(experiment_tracker=True)
def everywhere():
    runs = stepwell.active_run().runs
    told["addresses"] = [run.mlflow_tracking_uri for run in runs]
    told["first"] = mlflow.get_tracking_uri()
    mlflow.log_metric("by mlflow", 1.0)
    for run in runs: mlflow.MlflowClient(run.mlflow_tracking_uri).log_metric(run.run_id, run.trackers[0], 2.0)
    stepwell.log_metric("of both", 3.0)
    stepwell.log_text("text", "of/both.txt")

@pipeline
def digits():
    tf_trainer()
    everywhere()

digits()
print(json.dumps(told), flush=True)
`;

test("rows 54, 55: the seed's step runs as written on a local tracker, and one at several trackers finds each by its own address", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const other = `sqlite:///${home.paths.home}-second.db`;
  t.teardown(() => rmSync(`${home.paths.home}-second.db`, { force: true }));
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["experiment-tracker", "register", "second", "--flavor=mlflow", `--tracking_uri=${other}`]);
  await home.json(["stack", "register", "both", "-e", "local", "-e", "second", "--set"]);
  const file = `${home.paths.home}/seed.txt`;
  const program = await startPython(home, LOCAL_PROGRAM, [file], ENVIRONMENT, [], MLFLOW_3);
  const { code, stdout, stderr } = await program.ended;
  t.is(code, 0, stderr);
  const told = JSON.parse(stdout) as { environment: string[]; addresses: string[]; first: string };
  t.deepEqual(told.environment.sort(), [
    "MLFLOW_EXPERIMENT_NAME",
    ...["MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"],
    "MLFLOW_TRACKING_URI",
  ]);
  t.is(new Set(told.addresses).size, 2);
  t.deepEqual([told.first], told.addresses.slice(0, 1));
  t.is((await home.here(["flush", "--timeout=500"])).code, 0);
  const files: Record<string, number> = {};
  const latest: Record<string, string>[] = [];
  for (const uri of [`sqlite:///${home.paths.artifactStoreFolder}/mlflow.db`, other]) {
    const client = await RealMlflow.at(t, MLFLOW_3, uri);
    const { runs } = await client.find("digits");
    latest.push(...(await Promise.all(runs.map(async (id) => (await client.read(id)).latest))));
    for (const id of runs) Object.assign(files, await client.artifacts(id));
  }
  t.deepEqual(
    latest.filter((each) => "of both" in each).map((each) => ({ ...each })),
    [
      { "by mlflow": "1.0", local: "2.0", "of both": "3.0" },
      { second: "2.0", "of both": "3.0" },
    ],
  );
  t.true(latest.some((each) => each["loss"] === "0.5" && "training_r2_score" in each));
  t.like(files, { "seed.txt": 11, "of/both.txt": 4 });
  t.true("estimator.html" in files, "autologged");
});
