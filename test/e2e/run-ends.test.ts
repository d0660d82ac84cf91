/** Programs outside of steps that end while the daemon is stopped or killed: their runs' status is what they said. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { noneRuns, setUp, spoolsIn, untilRuns } from "../support/ended-runs.js";
import { ROOT, type ScratchHome } from "../support/home.js";
import { PYTHON_CLIENT } from "../support/python-environment.js";
import { type PythonProgram, startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

// One after the other: each starts processes.
const test = anyTest.serial;
const testInPython = serialTestWith(PYTHON_CLIENT);

/** Points that do not fit into a stream, whose window is 1 MiB: the end is still in the program when it gives up. */
const MANY = 150_000;

/** Arguments: how the program ends, and how many points come after a line of input; the first one is acknowledged. */
const PROGRAM = `
import atexit, sys, stepwell

with stepwell.start_run(experiment_name=sys.argv[1]):
    # Behind the run's end, and before the client waits.
    atexit.register(print, "leaves", flush=True)
    stepwell.log_metric("m", 1.0)
    stepwell.flush()
    print("works", flush=True)
    sys.stdin.readline()
    count = int(sys.argv[2])
    stepwell.log_series("m", range(1, count + 1), [2.0] * count)
    if sys.argv[1] == "FAILED": raise ValueError("of the test")
print("left", flush=True)
`;

async function working(
  home: ScratchHome,
  end: string,
  more: Record<string, string>,
  points = 1,
): Promise<PythonProgram> {
  const program = await startPython(home, PROGRAM, [end, `${points}`], more);
  await program.said("works");
  return program;
}

testInPython(
  "a run whose program ends while the daemon is stopped has the status that it said, after all that came",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const more = { STEPWELL_EXIT_TIMEOUT: "3" };
    const [good, bad] = await Promise.all([
      working(home, "FINISHED", more),
      working(home, "FAILED", more, MANY),
    ]);
    daemon.child.kill("SIGSTOP");
    for (const each of [good, bad]) each.child.stdin.write("end\n");
    const [finished, failed] = await Promise.all([good.ended, bad.ended]);
    t.deepEqual([finished.code, failed.code], [0, 1]);
    t.regex(finished.stderr, /1 entry was not acknowledged.* They are in the home's spool/);
    t.regex(failed.stderr, /15\d{4} entries were not acknowledged/);
    t.is(spoolsIn(home).length, 2);
    daemon.child.kill("SIGCONT");
    // What lay in the stream arrives, then what lay in the spool.
    const runs = await untilRuns(home, noneRuns);
    t.deepEqual(runs, [
      ["FAILED", "FAILED", `${MANY + 1}`, "0"],
      ["FINISHED", "FINISHED", "2", "0"],
    ]);
    t.deepEqual(spoolsIn(home), []);
  },
);

testInPython(
  "a run whose program and daemon are both killed while it tries to tell its end ended as it said",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const program = await working(home, "FAILED", { STEPWELL_AUTOSTART: "0" });
    await daemon.end("SIGKILL");
    program.child.stdin.write("end\n");
    await program.said("leaves");
    program.child.kill("SIGKILL");
    await program.ended;
    t.is(spoolsIn(home).length, 1);
    await home.startDaemon();
    t.deepEqual(await untilRuns(home, noneRuns), [["FAILED", "FAILED", "2", "0"]]);
    t.deepEqual(spoolsIn(home), []);
  },
);

testInPython("a program that can tell its end after all leaves no spool", async (t) => {
  const { home, daemon } = await setUp(t);
  const program = await working(home, "FINISHED", { STEPWELL_EXIT_TIMEOUT: "60" });
  daemon.child.kill("SIGSTOP");
  program.child.stdin.write("end\n");
  await program.said("leaves");
  daemon.child.kill("SIGCONT");
  t.deepEqual(await program.ended, { code: 0, stdout: "works\nleft\nleaves\n", stderr: "" });
  t.deepEqual(spoolsIn(home), []);
  t.deepEqual(await untilRuns(home, noneRuns), [["FINISHED", "FINISHED", "2", "0"]]);
});

/** Arguments: the client's module, how the program ends, and whether its event loop runs dry or it exits. */
const IN_NODE = `
const [module, end, way] = process.argv.slice(1);
const { StepwellClient } = await import(module);
const client = new StepwellClient();
const run = client.startRun({ experimentName: end });
run.logMetric("m", 1);
await client.flush();
console.log("works");
process.stdin.once("data", () => {
  run.logMetric("m", 2, { step: 1 });
  const [steps, values] = [new BigInt64Array(${MANY}).map((_, at) => BigInt(at + 2)), new Float64Array(${MANY})];
  run.logSeries("m", steps, values);
  process.stdin.destroy();
  if (end === "FAILED") process.exitCode = 3;
  if (way === "exit") process.exit();
});
`;

async function inNode(t: ExecutionContext, home: ScratchHome, end: string, way: "dry" | "exit") {
  const client = join(ROOT, "build/clients/typescript/src/index.js");
  const args = ["--input-type=module", "-e", IN_NODE, client, end, way];
  const child = spawn(process.execPath, args, { env: home.env, stdio: ["pipe", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  const output = { text: "" };
  child.stderr.on("data", (bytes: Buffer) => {
    output.text += String(bytes);
  });
  await once(child.stdout, "data");
  return { child, output, ended: once(child, "close") };
}

test("the same of programs with the TypeScript client", async (t) => {
  const { home, daemon } = await setUp(t);
  const good = await inNode(t, home, "FINISHED", "dry");
  const bad = await inNode(t, home, "FAILED", "exit");
  daemon.child.kill("SIGSTOP");
  for (const { child } of [good, bad]) child.stdin.write("end\n");
  t.deepEqual([(await good.ended)[0], (await bad.ended)[0]], [0, 3]);
  for (const { output } of [good, bad])
    t.regex(output.text, /entries were not acknowledged.* They are in the home's spool/);
  t.is(spoolsIn(home).length, 2);
  daemon.child.kill("SIGCONT");
  t.deepEqual(await untilRuns(home, noneRuns), [
    ["FAILED", "FAILED", `${MANY + 2}`, "0"],
    ["FINISHED", "FINISHED", `${MANY + 2}`, "0"],
  ]);
  t.deepEqual(spoolsIn(home), []);
});

test("a program with the TypeScript client that can tell its end after all leaves no spool", async (t) => {
  const { home, daemon } = await setUp(t);
  const program = await inNode(t, home, "FINISHED", "exit");
  daemon.child.kill("SIGSTOP");
  program.child.stdin.write("end\n");
  daemon.child.kill("SIGCONT");
  t.deepEqual(await program.ended, [0, null]);
  t.deepEqual([spoolsIn(home), program.output.text], [[], ""]);
  t.deepEqual(await untilRuns(home, noneRuns), [["FINISHED", "FINISHED", `${MANY + 2}`, "0"]]);
});
