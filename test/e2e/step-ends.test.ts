/** Steps that end, or begin, while the daemon is stopped, killed or away: their status is what they said. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import anyTest, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import {
  noneRuns,
  notesIn,
  runsIn,
  setUp,
  untilJournaled,
  untilNotes,
  untilRuns,
} from "../support/ended-runs.js";
import { ROOT, type ScratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, type StreamEnd, startOf } from "../support/producer.js";
import { PYTHON_CLIENT } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { StepsClient, stepOf } from "../support/steps-client.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;
const testInPython = serialTestWith(PYTHON_CLIENT);

/**
 * Arguments: how the step ends, how long a call may take from its end on, and, if so, "begin" for from its begin on.
 * It goes on with each line of its standard input.
 */
const STEP = `
import sys, stepwell, stepwell.calls
from stepwell import limits, step

def hurry():
    seconds = float(sys.argv[2])
    limits.CALL_SECONDS = limits.STEP_FLUSH_SECONDS = seconds
    stepwell.calls.call_daemon.__defaults__ = (seconds,)

if sys.argv[3:] == ["begin"]: hurry()

@step(experiment_tracker="tracker", name=sys.argv[1])
def work():
    stepwell.log_metric("m", 1.0)
    print("works", flush=True)
    sys.stdin.readline()
    hurry()
    if sys.argv[1] == "FAILED": raise ValueError("of the test")
    return "result"

print(work(), flush=True)
`;

testInPython(
  "a step that ends while the daemon is stopped has the status that it said, and its result",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const [good, bad] = await Promise.all(
      ["FINISHED", "FAILED"].map((end) =>
        startPython(home, STEP, [end, "2"], { STEPWELL_EXIT_TIMEOUT: "1" }),
      ),
    );
    await Promise.all([good?.said("works"), bad?.said("works")]);
    await untilJournaled(home, 2);
    daemon.child.kill("SIGSTOP");
    for (const each of [good, bad]) each?.child.stdin.write("end\n");
    t.like(await good?.ended, { code: 0, stdout: "works\nresult\n" });
    t.is((await bad?.ended)?.code, 1);
    t.is(notesIn(home).length, 2);
    daemon.child.kill("SIGCONT");
    t.deepEqual(await untilRuns(home, noneRuns), [
      ["FAILED", "FAILED", "1", "0"],
      ["FINISHED", "FINISHED", "1", "0"],
    ]);
  },
);

testInPython(
  "a step whose daemon is killed as it ends, and which is killed itself while it tries to tell, ended as it said",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const step = await startPython(home, STEP, ["FINISHED", "60"], { STEPWELL_AUTOSTART: "0" });
    await step.said("works");
    await untilJournaled(home, 1);
    await daemon.end("SIGKILL");
    step.child.stdin.write("end\n");
    await untilNotes(home, 1);
    step.child.kill("SIGKILL");
    await step.ended;
    await home.startDaemon();
    t.deepEqual(await untilRuns(home, noneRuns), [["FINISHED", "FINISHED", "1", "0"]]);
    await untilNotes(home, 0);
  },
);

testInPython("a step whose begin came to nobody begins nothing later, behind its back", async (t) => {
  const { home, daemon } = await setUp(t);
  daemon.child.kill("SIGSTOP");
  const step = await startPython(home, STEP, ["FINISHED", "2", "begin"]);
  await step.said("works");
  daemon.child.kill("SIGCONT");
  step.child.stdin.write("end\n");
  t.like(await step.ended, { code: 0, stdout: "works\nresult\n" });
  t.deepEqual(await runsIn(home), [["FINISHED", "FINISHED", "1", "0"]]);
});

const INTERRUPTED = `
import sys, stepwell
from stepwell import Client, step

@step(experiment_tracker="tracker")
def never(): print("ran")

# Says when a call goes out to the daemon.
def say(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "call_daemon": print("asks", flush=True)

sys.setprofile(say)
try: never()
except KeyboardInterrupt: print("interrupted", flush=True)
# Python drops a profile function that was interrupted itself.
sys.setprofile(say)
sys.stdin.readline()
try: print(Client().get_pipeline("never").last_run.status)
except stepwell.StepwellError as error: print(error.code)
`;

testInPython("a step that is interrupted while it waits for its begin begins nothing", async (t) => {
  const { home, daemon } = await setUp(t);
  daemon.child.kill("SIGSTOP");
  const step = await startPython(home, INTERRUPTED, []);
  await step.said("asks");
  // The request gets as far as it can: to the socket of a daemon that is stopped.
  await sleep(1_000);
  step.child.kill("SIGINT");
  await step.said("interrupted");
  daemon.child.kill("SIGCONT");
  await sleep(1_000);
  step.child.stdin.write("ask\n");
  const { code, stdout } = await step.ended;
  t.is(code, 0);
  t.regex(stdout, /^(asks\n)+interrupted\n(asks\n)+STEPWELL_PIPELINE_UNKNOWN\n$/);
});

test("steps begin and end while the journal is full, and their run follows when there is room", async (t) => {
  const { home, daemon } = await setUp(t, { env: { STEPWELL_JOURNAL_QUOTA_BYTES: `${8 * 1024 * 1024}` } });
  const { endpoint } = daemon.endpoint;
  const producer = new RawProducer(endpoint);
  producer.hello();
  const runId = newRunId();
  producer.batch(1, runId, { runStart: startOf(["later"]) });
  const points = pointsOf("loss", 1000);
  let end: StreamEnd | undefined;
  void producer.ended.then((ended) => {
    end = ended;
  });
  for (let sequence = 2; !end && sequence < 2_000; sequence++) {
    producer.batch(sequence, runId, { metrics: points });
    if (sequence % 20 === 0) await sleep(20);
  }
  await until(
    "the stream ends",
    () => end,
    (seen) => seen?.code === "STEPWELL_JOURNAL_FULL",
  );
  const steps = new StepsClient(t, endpoint);
  const [good, bad] = [stepOf({ pipelineName: "good" }), stepOf({ pipelineName: "bad" })];
  for (const step of [good, bad])
    t.regex((await steps.start(step)).trackings[0]?.runId ?? "", /^[0-9a-f]{32}$/);
  await steps.finish(good, "FINISHED");
  await steps.finish(bad, "FAILED");
  t.is((await steps.pipeline("good")).lastRun?.status, RunStatus.RUN_STATUS_FINISHED);
  const elsewhere = `--tracking_uri=sqlite:///${home.paths.home}/later.db`;
  await home.json(["experiment-tracker", "register", "later", "--flavor=mlflow", elsewhere]);
  t.deepEqual(await untilRuns(home, (runs) => runs.length === 2 && noneRuns(runs)), [
    ["bad", "FAILED", "0", "0"],
    ["good", "FINISHED", "0", "0"],
  ]);
});

/** `stepwell run` of a program that waits for a line, and what it writes first. */
async function started(
  t: ExecutionContext,
  home: ScratchHome,
  exitCode: number,
  more: Readonly<Record<string, string>> = {},
) {
  const script = `echo works; read line; exit ${exitCode}`;
  const words = ["run", "--experiment-name", `exits with ${exitCode}`, "--", "sh", "-c", script];
  const child = spawn(process.execPath, [join(ROOT, "build/stepwell.js"), ...words], {
    env: { ...home.env, STEPWELL_AUTOSTART: "0", ...more },
    stdio: ["pipe", "pipe", "pipe"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return { child, ended: once(child, "exit") };
}

test("a program whose command can't tell its end, or is asked to end meanwhile, ended as it did", async (t) => {
  const { home, daemon } = await setUp(t);
  const [good, bad] = [await started(t, home, 0), await started(t, home, 3)];
  daemon.child.kill("SIGSTOP");
  for (const { child } of [good, bad]) child.stdin.write("\n");
  await untilNotes(home, 2);
  good.child.kill("SIGTERM");
  bad.child.kill("SIGKILL");
  daemon.child.kill("SIGCONT");
  t.deepEqual(await good.ended, [0, null]);
  t.deepEqual(await untilRuns(home, noneRuns), [
    ["exits with 0", "FINISHED", "0", "0"],
    ["exits with 3", "FAILED", "0", "0"],
  ]);
  await untilNotes(home, 0);
});

test("a program whose daemon is gone when it ends keeps its exit code; the next daemon knows its end", async (t) => {
  const { home, daemon } = await setUp(t);
  const program = await started(t, home, 3);
  await daemon.end("SIGKILL");
  program.child.stdin.write("\n");
  t.deepEqual(await program.ended, [3, null]);
  await home.startDaemon();
  t.deepEqual(await untilRuns(home, noneRuns), [["exits with 3", "FAILED", "0", "0"]]);
  await untilNotes(home, 0);
});

testInPython(
  "a step and a program that know the daemon's endpoint alone wait for it longer, and leave no note",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const given = { STEPWELL_ENDPOINT: daemon.endpoint.endpoint };
    const step = await startPython(home, STEP, ["FINISHED", "5"], given);
    await step.said("works");
    const program = await started(t, home, 3, given);
    await untilJournaled(home, 1);
    await daemon.end("SIGKILL");
    step.child.stdin.write("end\n");
    program.child.stdin.write("\n");
    // Longer than what either waits for where it has left a note.
    await sleep(30_000);
    t.deepEqual(notesIn(home), []);
    await home.startDaemon();
    t.like(await step.ended, { code: 0, stdout: "works\nresult\n" });
    t.deepEqual(await program.ended, [3, null]);
    t.deepEqual(await untilRuns(home, noneRuns), [
      ["FINISHED", "FINISHED", "1", "0"],
      ["exits with 3", "FAILED", "0", "0"],
    ]);
  },
);
