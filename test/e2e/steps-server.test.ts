/** Python steps, each a process of its own, and a real server that is crowded, stopped or gone. */
import ava, { type ExecutionContext } from "ava";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { runPython, startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);
const POINTS = 400;

// Arguments: the experiment, the step's number, and how it ends.
const STEP = `
import os, signal, sys, time, stepwell
from stepwell import MLFlowExperimentTrackerSettings, step

experiment, index, end = sys.argv[1:]

@step(experiment_tracker="remote", settings={
    "experiment_tracker": MLFlowExperimentTrackerSettings(experiment_name=experiment, nested=end == "nested")})
def work():
    stepwell.log_param("index", index)
    for i in range(${POINTS}):
        stepwell.log_metric("loss", float(i), step=i, timestamp=1000 + i)
    if end == "FAILED": raise ValueError("of the test")
    if end == "KILLED": os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)
    return f"result {index}"

print(work())
`;

async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { home } = await homeAtServer(t, server().url);
  return { home, experiment: `steps ${newRunId()}` };
}

async function drain(t: ExecutionContext, home: ScratchHome): Promise<void> {
  for (let code = 4; code === 4; ) {
    ({ code } = await home.here(["flush", "--timeout=30"]));
    t.true([0, 4].includes(code), `flush ended with ${code}`);
  }
}

/** What the server has of an experiment: status and points of its runs, by the step's number; parents by "". */
async function shown(t: ExecutionContext, experiment: string): Promise<Map<string, [string, unknown][]>> {
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  const found = new Map<string, [string, unknown][]>();
  for (const runId of (await client.find(experiment)).runs) {
    const { params, status, history } = await client.read(runId);
    const index = params["index"] ?? "";
    found.set(index, [...(found.get(index) ?? []), [status, history["loss"]]]);
  }
  return found;
}

const ALL_POINTS = Array.from({ length: POINTS }, (_, i) => [`${i}`, `${1000 + i}`, `${i}.0`]);

test("twelve step processes at once and a server with one worker: every entry once, true statuses, a run each", async (t) => {
  const { home, experiment } = await setUp(t);
  const ends = ["FINISHED", "FAILED", "KILLED"];
  const endOf = (index: number) => ends[index % 3] ?? "";
  const steps = Array.from({ length: 12 }, (_, index) => index);
  const codes = await Promise.all(
    steps.map(async (index) => (await runPython(home, STEP, [experiment, `${index}`, endOf(index)])).code),
  );
  t.deepEqual(
    codes,
    steps.map((index) => [0, 1, 143][index % 3]),
  );
  await drain(t, home);
  const found = await shown(t, experiment);
  t.is(found.size, steps.length);
  for (const index of steps) t.deepEqual(found.get(`${index}`), [[endOf(index), ALL_POINTS]]);
});

for (const [kind, leave, comeBack] of [
  ["is stopped and answers nothing", () => server().pause(), () => server().resume()],
  ["is gone", () => server().kill(), () => server().restart()],
] as const) {
  test(`steps begin, log and end with their results while the server ${kind}; all arrives when it is back`, async (t) => {
    const { home, experiment } = await setUp(t);
    await leave();
    try {
      // Nothing can come from the server before these are over: a step that waits for it
      // would not end, or say that it gave up.
      const good = await runPython(home, STEP, [experiment, "good", "nested"]);
      t.deepEqual(good, { code: 0, stdout: "result good\n", stderr: "" });
      t.is((await runPython(home, STEP, [experiment, "bad", "FAILED"])).code, 1);
      t.is((await home.here(["flush", "--timeout=1"])).code, 4, "nothing is called delivered");
    } finally {
      await comeBack();
    }
    await drain(t, home);
    const found = await shown(t, experiment);
    t.deepEqual(found.get("good"), [["FINISHED", ALL_POINTS]]);
    t.deepEqual(found.get("bad"), [["FAILED", ALL_POINTS]]);
    t.deepEqual(found.get(""), [["FINISHED", undefined]], "the good one's parent");
    t.is(found.size, 3);
  });
}

// Arguments: the pipeline's name, and whether its second step logs on after the line that it waits for.
const PIPELINE = `
import sys, stepwell
from stepwell import pipeline, step

@step(experiment_tracker="remote")
def one():
    for i in range(100): stepwell.log_metric("one", float(i), step=i)

@step(experiment_tracker="remote")
def two():
    for i in range(100): stepwell.log_metric("two", float(i), step=i)
    stepwell.flush()
    print("in the midst", flush=True)
    sys.stdin.readline()
    for i in range(100, 200):
        if sys.argv[2] == "logs": stepwell.log_metric("two", float(i), step=i)
    return "result"

@step(experiment_tracker="remote")
def three():
    for i in range(100): stepwell.log_metric("three", float(i), step=i)

@pipeline(name=sys.argv[1])
def whole():
    one()
    result = two()
    three()
    return result

print(whole().result)
`;

test("a server that goes in the midst of a step fails neither it nor what follows, and has one run when it is back", async (t) => {
  const { home, experiment } = await setUp(t);
  const nameOf = (kind: string) => `${experiment} ${kind}`;
  const kinds = ["logs", "is silent"];
  const programs = await Promise.all(kinds.map((kind) => startPython(home, PIPELINE, [nameOf(kind), kind])));
  await Promise.all(programs.map((program) => program.said("in the midst")));
  await server().kill();
  try {
    for (const { child, ended } of programs) {
      child.stdin.write("end\n");
      t.deepEqual(await ended, { code: 0, stdout: "in the midst\nresult\n", stderr: "" });
    }
  } finally {
    await server().restart();
  }
  await drain(t, home);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  for (const kind of kinds) {
    const { runs } = await client.find(nameOf(kind));
    const shownRuns = await Promise.all(runs.map((runId) => client.read(runId)));
    const points = shownRuns.map(({ status, history }) => [
      status,
      ...["one", "two", "three"].map((key) => history[key]?.length),
    ]);
    t.deepEqual(points, [["FINISHED", 100, kind === "logs" ? 200 : 100, 100]]);
  }
});
