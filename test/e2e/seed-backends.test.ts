/** The seed's step, settings, client and metadata examples, as written, against each kind of backend. */
import ava, { type ExecutionContext } from "ava";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { serverForAll } from "../support/mlflow-server.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { runPython } from "../support/python-steps.js";
import { type Reaction, ScriptedMlflow } from "../support/scripted-mlflow.js";
import { giveTokens } from "../support/scripted-oauth.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const ADMIN = { username: "admin", password: "Correct-Horse-9" };
const server = serverForAll(ava, () => ({ user: ADMIN }));

// The seed's lines, imports and calls of the mlflow package aside.
const TRAINING = `
import sys, stepwell
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step

experiment_tracker = Client().active_stack.experiment_tracker

@step(experiment_tracker=experiment_tracker.name)
def tf_trainer(x_train):
    stepwell.log_param("lr", 0.1)
    for i in range(100): stepwell.log_metric("loss", 1.0 / (i + 1), step=i)
    return x_train * 2

mlflow_settings = MLFlowExperimentTrackerSettings(nested=True, tags={"key": "value"})

@step(experiment_tracker=experiment_tracker.name, settings={"experiment_tracker.mlflow": mlflow_settings})
def step_one(data):
    stepwell.log_metric("one", float(data))
    return data + 1

@pipeline(name=sys.argv[1])
def training():
    return step_one(tf_trainer(3))

print(training().result)
`;

// Steps of one pipeline run at the same time, as the seed's orchestrators run them.
const PARALLEL = `
import asyncio, json, sys, stepwell
from stepwell import pipeline, step

@step(experiment_tracker=True, settings={"experiment_tracker.mlflow": {"nested": True}})
def part(index):
    stepwell.log_param("index", index)
    for i in range(50): stepwell.log_metric("loss", index / (i + 1), step=i)
    return stepwell.active_run().run_id

@pipeline(name=sys.argv[1])
def parts():
    async def all_of_them():
        return await asyncio.gather(*(asyncio.to_thread(part, index) for index in range(6)))
    return asyncio.run(all_of_them())

parts()
run = stepwell.Client().get_pipeline(sys.argv[1]).last_run
assert run.status == "FINISHED" and len(run.steps) == 6, run.steps
`;

const METADATA = `
import json, sys
from stepwell import Client
last_run = Client().get_pipeline(sys.argv[1]).last_run
print(json.dumps([
    {key: value.value for key, value in last_run.get_step(name).run_metadata.items()}
    for name in ("tf_trainer", "step_one")
]))
`;

interface Metadata {
  readonly experiment_tracker_url: string;
  readonly mlflow_run_id: string;
  readonly mlflow_experiment_id: string;
}

/** What a backend has of a run. */
interface Shown {
  readonly experiment: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Points of each metric. */
  readonly points: Readonly<Record<string, number>>;
}

/** What the tracker is registered with, and how its runs are read. */
interface OpenBackend {
  readonly settings: readonly string[];
  readonly read: (runId: string) => Promise<Shown>;
  /** The ids of an experiment's runs. */
  readonly runsOf: (experiment: string) => Promise<readonly string[]>;
  /** What a link looks like that opens a run. */
  readonly link: (metadata: Metadata) => string;
}

interface BackendRow {
  readonly kind: string;
  open(t: ExecutionContext, home: ScratchHome): Promise<OpenBackend>;
}

/** Reads through MLflow's own client, which is started when it is asked for the first time. */
function readBy(start: () => Promise<RealMlflow>): Pick<OpenBackend, "read" | "runsOf"> {
  let started: Promise<RealMlflow> | undefined;
  const client = () => {
    started ??= start();
    return started;
  };
  return {
    read: async (runId) => {
      const { history, ...shown } = await (await client()).read(runId);
      const points = Object.fromEntries(Object.entries(history).map(([key, all]) => [key, all.length]));
      return { ...shown, points } as Shown;
    },
    runsOf: async (experiment) => (await (await client()).find(experiment)).runs,
  };
}

/** A workspace that appends, says that it is asked too often, and loses the answer to a batch that it took. */
async function scriptedDatabricks(t: ExecutionContext): Promise<ScriptedMlflow> {
  const workspace = await ScriptedMlflow.start(t, { appends: true, greets: false });
  let asked = 0;
  workspace.rule(({ path }): Reaction | undefined => {
    if (!path.endsWith("/runs/log-batch")) return undefined;
    asked += 1;
    if (asked === 3) return "break-after";
    return asked % 4 === 1 ? { status: 429, body: '{"error_code":"REQUEST_LIMIT_EXCEEDED"}' } : undefined;
  });
  return workspace;
}

function databricks({ store, url }: ScriptedMlflow, credentials: readonly string[]): OpenBackend {
  return {
    settings: ["--tracking_uri=databricks", `--databricks_host=${url}`, ...credentials],
    read: async (runId) => {
      const run = store.runs.find(({ id }) => id === runId);
      if (!run) throw new Error(`there is no run ${runId}`);
      const [experiment = ""] = [...store.experiments].find(([, id]) => id === run.experimentId) ?? [];
      const points: Record<string, number> = {};
      for (const point of run.points) {
        const { key } = JSON.parse(point) as { key: string };
        points[key] = (points[key] ?? 0) + 1;
      }
      const [params, tags] = [Object.fromEntries(run.params), Object.fromEntries(run.tags)];
      return { experiment: experiment.replace(/^\//, ""), status: run.status, params, tags, points };
    },
    runsOf: async (experiment) => {
      const experimentId = store.experiments.get(`/${experiment}`);
      return store.runs.filter((run) => run.experimentId === experimentId).map(({ id }) => id);
    },
    link: (it) => `${url}/ml/experiments/${it.mlflow_experiment_id}/runs/${it.mlflow_run_id}`,
  };
}

const BACKENDS: readonly BackendRow[] = [
  {
    kind: "a local store",
    open: async (t, home) => {
      const path = `${home.paths.artifactStoreFolder}/mlflow.db`;
      const client = () => RealMlflow.start(t, MLFLOW_3, path);
      return { settings: [], ...readBy(client), link: () => `sqlite:///${path}` };
    },
  },
  {
    kind: "a server with proxied artifacts and basic auth",
    open: async (t, home) => {
      const { username, password } = ADMIN;
      await home.json([
        "secret",
        "create",
        "mlflow_secret",
        `--username=${username}`,
        `--password=${password}`,
      ]);
      const env = { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password };
      const { url } = server();
      return {
        settings: [
          `--tracking_uri=${url}`,
          "--tracking_username={{mlflow_secret.username}}",
          "--tracking_password={{mlflow_secret.password}}",
        ],
        ...readBy(() => RealMlflow.at(t, MLFLOW_3, url, env)),
        link: (it) => `${url}/#/experiments/${it.mlflow_experiment_id}/runs/${it.mlflow_run_id}`,
      };
    },
  },
  {
    kind: "a scripted Databricks by host and token",
    open: async (t) => databricks(await scriptedDatabricks(t), ["--tracking_token=dapi-1"]),
  },
  {
    kind: "a scripted Databricks by OAuth",
    open: async (t, home) => {
      const scripted = await scriptedDatabricks(t);
      giveTokens(scripted, { id: "sp-id", secret: "sp-secret" });
      await home.json(["secret", "create", "principal", "--id=sp-id", "--secret=sp-secret"]);
      return databricks(scripted, [
        "--databricks_client_id={{principal.id}}",
        "--databricks_client_secret={{principal.secret}}",
      ]);
    },
  },
];

for (const backend of BACKENDS) {
  test(`the seed's examples run as written against ${backend.kind}`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchHome(t);
    const { settings, read, runsOf, link } = await backend.open(t, home);
    await home.json([
      "experiment-tracker",
      "register",
      "mlflow_experiment_tracker",
      "--flavor=mlflow",
      ...settings,
    ]);
    await home.json(["stack", "register", "custom_stack", "-e", "mlflow_experiment_tracker", "--set"]);
    const run = (text: string, name = "digits") => runPython(home, text, [name]);

    const trained = await run(TRAINING);
    t.deepEqual(trained, { code: 0, stdout: "7\n", stderr: "" });
    t.deepEqual(await run(PARALLEL, "parts"), { code: 0, stdout: "", stderr: "" });
    const flushed = await home.here(["flush", "--timeout=500"]);
    t.is(flushed.code, 0, flushed.stderr);
    const [trainer, one] = JSON.parse((await run(METADATA)).stdout) as [Metadata, Metadata];
    t.is(trainer.experiment_tracker_url, link(trainer));
    t.is(one.experiment_tracker_url, link(one));
    const [parent, child] = [await read(trainer.mlflow_run_id), await read(one.mlflow_run_id)];
    t.like(parent, {
      experiment: "digits",
      status: "FINISHED",
      params: { lr: "0.1" },
      points: { loss: 100 },
    });
    t.like(child, { experiment: "digits", status: "FINISHED", params: {}, points: { one: 1 } });
    t.is(child.tags["mlflow.parentRunId"], trainer.mlflow_run_id);
    t.is(child.tags["key"], "value");
    t.is(parent.tags["key"], "value");
    t.truthy(parent.tags["stepwell"]);
    t.is(parent.tags["stepwell.end_reason"], undefined);
    t.is((await runsOf("digits")).length, 2);

    const parts = await Promise.all((await runsOf("parts")).map(async (id) => ({ id, ...(await read(id)) })));
    const [above, ...others] = parts.filter(({ params }) => params["index"] === undefined);
    t.deepEqual([above?.status, others.length], ["FINISHED", 0]);
    const below = parts.filter((part) => part !== above);
    t.is(new Set(below.map(({ params }) => params["index"])).size, 6);
    t.is(below.length, 6);
    for (const { status, points, tags } of below)
      t.deepEqual([status, points, tags["mlflow.parentRunId"]], ["FINISHED", { loss: 50 }, above?.id]);
  });
}
