/**
 * Programs with frameworks that log to MLflow by themselves, with a model registry and traces: through the gateway and in
 * steps they leave what they leave when they speak to the server themselves, whatever becomes of the server meanwhile.
 */
import { join } from "node:path";
import ava, { type ExecutionContext } from "ava";
import { CutProxy } from "../support/cut-proxy.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { Programs, type Said } from "../support/gateway-programs.js";
import { ROOT, type ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { MlflowServer } from "../support/mlflow-server.js";
import { hasPython, MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
/** A server, the daemon's way to it, which can be cut, and the gateway's address. */
interface Stage {
  readonly server: MlflowServer;
  readonly way: CutProxy;
  readonly home: ScratchHome;
  readonly address: string;
  /** It imports the frameworks once, for both ways. */
  readonly python: Programs;
}

let stage: Stage | undefined;
const teardowns: (() => unknown)[] = [];
ava.before("the stage", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  if (!hasPython(MLFLOW_3)) return;
  const server = await MlflowServer.start();
  teardowns.push(() => server.remove());
  const way = await CutProxy.start(server.url);
  teardowns.push(() => way.cut());
  const { home } = await homeAtServer({ teardown: (work) => void teardowns.push(work) }, way.url);
  const python = await Programs.start("test/e2e/framework_programs.py");
  teardowns.push(() => python.end());
  stage = { server, way, home, python, address: gatewayAddressIn((await home.here(["env"])).stdout) };
});
ava.after.always("the stage goes", async () => {
  for (const work of teardowns.reverse()) await work();
});
function onStage(): Stage {
  if (!stage) throw new Error("the stage is set before the first test");
  return stage;
}

const PROGRAMS = [
  ...(["lightning", "nested", "asynchronous", "files", "hugging_face", "keras"] as const),
  ...(["system", "inputs"] as const),
  ...(["sklearn", "lightgbm", "registered", "tracing", "refusals"] as const),
] as const;
type Program = (typeof PROGRAMS)[number];

interface Left {
  readonly said: Said;
  readonly shown: Shown;
}

interface Shown {
  readonly runs: readonly unknown[];
  readonly models: readonly unknown[];
  readonly versions: readonly unknown[];
  readonly traces: readonly unknown[];
}

async function show(experiment: string): Promise<Shown> {
  const { python, server } = onStage();
  const { result, error } = await python.do({ uri: server.url, show: experiment });
  if (!result) throw new Error(`${experiment}: ${error}`);
  return result as unknown as Shown;
}

const seen = new Map<Program, Left>();

/** What a program says and leaves where it speaks to the server itself. */
async function directOf(program: Program): Promise<Left> {
  const known = seen.get(program);
  if (known) return known;
  const { python, server } = onStage();
  const experiment = `direct ${program}`;
  const said = await python.do({ do: program, uri: server.url, experiment });
  const left = { said, shown: await show(experiment) };
  seen.set(program, left);
  return left;
}

async function flush(t: ExecutionContext): Promise<void> {
  const { code, stderr } = await onStage().home.here(["flush", "--timeout=300"]);
  t.is(code, 0, stderr);
}

/** A program said the same, and left the same. */
async function checkLeft(
  t: ExecutionContext,
  program: Program,
  said: Said,
  experiment: string,
): Promise<void> {
  const wanted = await directOf(program);
  t.is(wanted.said.error, undefined, program);
  t.is(said.error, undefined, program);
  t.deepEqual(said.result, wanted.said.result, program);
  const shown = await show(experiment);
  t.true(shown.runs.length > 0, program);
  t.deepEqual(shown, wanted.shown, program);
}

for (const program of PROGRAMS) {
  test(`${program}: the store is as without the gateway`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const { python, address } = onStage();
    const experiment = `through ${program}`;
    const said = await python.do({ do: program, uri: address, experiment });
    await flush(t);
    await checkLeft(t, program, said, experiment);
  });
}

/** A model says its own id, its run is there, it predicts, and what was measured of it is found. */
const LOADED = [true, true, 1, 0.5];
const MOMENTS = ["at the start", "in the middle", "at the end"] as const;
/** What needs nothing of a server that it has not said before. */
const WITHOUT_A_SERVER = [
  ...(["lightning", "nested", "asynchronous", "files", "hugging_face", "system", "inputs"] as const),
  ...(["sklearn", "lightgbm"] as const),
] as const satisfies readonly Program[];

for (const moment of MOMENTS) {
  test(`a server that is away ${moment} costs programs nothing, and has all of it later, once`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const { python, server, way, address } = onStage();
    t.teardown(() => way.mend());
    const experimentOf = (program: Program) => `${program} ${moment}`;
    const said = new Map<Program, Said>();
    for (const program of WITHOUT_A_SERVER) {
      await directOf(program);
      if (moment === "at the start") await way.cut();
      else await way.mend();
      const task = { do: program, uri: address, experiment: experimentOf(program) };
      const ended = await python.do(task, async () => {
        if (moment === "in the middle") await way.cut();
      });
      said.set(program, ended);
      await way.cut();
    }
    await way.mend();
    await flush(t);
    for (const [program, ended] of said) {
      t.true((ended.seconds ?? 0) < 60, `${program} took ${ended.seconds} s`);
      await checkLeft(t, program, ended, experimentOf(program));
    }
    if (moment !== "at the start") return;
    // Whoever loads the models from the server goes on with the ids that the server knows.
    const of = { do: "colleague", uri: server.url, experiment: experimentOf("sklearn") };
    const { result, error } = await python.do(of);
    t.deepEqual([result, error], [{ done: [LOADED, LOADED] }, undefined]);
  });
}

test("what can't be done without the server is refused at once where that has been away, and holds up nothing", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { python, way, address } = onStage();
  t.teardown(() => way.mend());
  const experiment = "alone";
  const {
    result,
    error,
    seconds = 0,
  } = await python.do({ do: "alone", uri: address, experiment }, () => way.cut());
  t.is(error, undefined);
  const names = ["register", "registered", "model", "traces"];
  const refused = Object.fromEntries(names.map((name) => [name, "TEMPORARILY_UNAVAILABLE"]));
  t.deepEqual(result, { ...refused, found: 1 });
  // By itself MLflow's client would ask for four minutes, each time.
  t.true(seconds < 120, `${seconds} s`);
  await way.mend();
  await flush(t);
  const { runs, traces } = await show(experiment);
  t.like(runs, [{ status: "FINISHED", latest: { m: "19.0" } }]);
  t.is(traces.length, 20);
});

test("rows F1 to F3: frameworks in a step leave what they leave without one, with the server away from the middle on", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { python, way, home } = onStage();
  t.teardown(() => way.mend());
  const inStep = {
    tracker: "remote",
    client: join(ROOT, "clients/python/src"),
    environment: {
      STEPWELL_HOME: home.paths.home,
      STEPWELL_COMMAND: `${process.execPath} ${join(ROOT, "build/stepwell.js")}`,
    },
  };
  const programs = ["hugging_face", "files", "nested"] as const;
  for (const program of programs) {
    await way.mend();
    const said = await python.do({ do: program, ...inStep, experiment: `step ${program}` }, () => way.cut());
    await way.mend();
    await flush(t);
    await checkLeft(t, program, said, `step ${program}`);
  }
});
