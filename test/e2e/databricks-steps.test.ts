/** The seed's step, as it calls MLflow, against a Databricks workspace: by a service principal that only the daemon knows. */
import type { ExecutionContext } from "ava";
import { registerWorkspace } from "../support/databricks-home.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { giveArtifacts } from "../support/scripted-artifacts.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { giveTokens } from "../support/scripted-oauth.js";
import { pointsOf } from "../support/scripted-store.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);

const PROGRAM = `
import json, os
import mlflow
import numpy as np
from sklearn.linear_model import LinearRegression
from stepwell import Client, pipeline, step

experiment_tracker = Client().active_stack.experiment_tracker

@step(experiment_tracker=experiment_tracker.name)
def tf_trainer(x_train, y_train):
    mlflow.sklearn.autolog(log_models=False)
    model = LinearRegression().fit(x_train, y_train)
    mlflow.log_param("lr", 0.1)
    for i in range(3): mlflow.log_metric("loss", 1.0 / (i + 1), step=i)
    with open("notes.txt", "w") as file: file.write("of the test")
    mlflow.log_artifact("notes.txt", "notes")
    with mlflow.start_run(nested=True, run_name="below"): mlflow.log_text("small", "below.txt")
    told = mlflow.artifacts.load_text(mlflow.get_artifact_uri("notes/notes.txt"))
    names = [each.path for each in mlflow.MlflowClient().list_artifacts(mlflow.active_run().info.run_id)]
    secrets = [name for name, value in os.environ.items() if name.startswith("DATABRICKS_") or "sp-secret" in value]
    return [told, sorted(names), secrets]

@pipeline
def digits():
    return tf_trainer(np.arange(40.0).reshape(20, 2), np.arange(20.0))

print(json.dumps(digits().result))
`;

async function homeAt(t: ExecutionContext, workspace: ScriptedMlflow): Promise<ScratchHome> {
  const home = await scratchHome(t);
  await registerWorkspace(home, workspace);
  return home;
}

test("rows 60, 61: metrics, params, nested runs and artifacts of a step are in the workspace, and no credential was in the step", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const workspace = await ScriptedMlflow.start(t, { appends: true, greets: false });
  giveTokens(workspace, { id: "sp-id", secret: "sp-secret" });
  const stored = giveArtifacts(workspace);
  const home = await homeAt(t, workspace);
  const quick = { MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT: "0" };
  const { child, ended } = await startPython(home, PROGRAM, [], quick, [], MLFLOW_3, home.paths.home);
  child.stdin.end();
  const { code, stdout, stderr } = await ended;
  t.is(code, 0, stderr);
  const [told, names, secrets] = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as [
    string,
    string[],
    string[],
  ];
  t.is(told, "of the test");
  t.true(names.includes("notes") && names.includes("estimator.html"), String(names));
  t.deepEqual(secrets, []);
  t.is((await home.here(["flush", "--timeout=300"])).code, 0);
  const { runs, experiments } = workspace.store;
  t.deepEqual([...experiments.keys()], ["/digits"]);
  t.is(runs.length, 2);
  const [run, below] = runs;
  t.like(run, { status: "FINISHED" });
  t.is(run?.params.get("lr"), "0.1");
  t.is(run?.params.get("fit_intercept"), "True");
  const points = run ? pointsOf(run) : [];
  const losses = points.filter(({ key }) => key === "loss").map(({ step, value }) => [step, value]);
  t.deepEqual(losses, [
    [0, 1],
    [1, 0.5],
    [2, 1 / 3],
  ]);
  t.true(
    points.some(({ key }) => key === "training_r2_score"),
    "autologged",
  );
  t.is(below?.tags.get("mlflow.parentRunId"), run?.id);
  t.is(stored.files.get(`${run?.id}/notes/notes.txt`)?.body, "of the test");
  t.is(stored.files.get(`${below?.id}/below.txt`)?.body, "small");
  // A signed address is its own credential, and the workspace's is none of the storage's business.
  const signed = workspace.seen.filter(({ path }) => path.startsWith("/signed/"));
  t.true(signed.length > 0 && signed.every(({ headers }) => headers.authorization === undefined));
});
