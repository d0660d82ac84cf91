/** The Python client in a notebook's kernel, however that ends, and in a user's tests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { registerTracker, untilRuns } from "../support/ended-runs.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { PYTHON_ENVIRONMENT_MS_MAX, type PythonRequirements } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

const NOTEBOOKS: PythonRequirements = {
  name: "notebooks",
  requirements: [
    ...["grpclib==0.4.9", "protobuf==6.33.6", "nbclient==0.11.0", "nbformat==5.11.1", "ipykernel==7.4.0"],
    // The last that pytest-forked goes with.
    ...["pytest==8.3.5", "pytest-forked==1.7.5", "pytest-xdist==3.8.0"],
  ],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};

const test = serialTestWith(NOTEBOOKS);
const NOTEBOOK = readFileSync(join(ROOT, "test/e2e/notebook_program.py"), "utf8");

const home = homeForAll(anyTest, registerTracker);

async function ran(
  t: ExecutionContext,
  text: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  cwd?: string,
) {
  const env = { ...more, STEPWELL_QUIET: "0" };
  const { child, ended } = await startPython(home(), text, args, env, [], NOTEBOOKS, cwd);
  child.stdin.end();
  const end = await ended;
  t.is(end.code, 0, `${end.stdout}\n${end.stderr}`);
  return end;
}

const ENDS = { shutdown: "FINISHED", restart: "FINISHED", error: "FAILED", kill: "KILLED" };
/** What the cells wrote, by how the kernel ended. */
let notebooks: Promise<Record<string, readonly string[]>> | undefined;

for (const [how, status] of Object.entries(ENDS))
  test(`a notebook's run that is open when its kernel ends by ${how} is ${status}, with all its points`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    // A kernel each, and one program that drives them.
    notebooks ??= ran(t, NOTEBOOK, Object.keys(ENDS)).then(({ stdout }) => JSON.parse(stdout));
    const [begin = "", ...others] = (await notebooks)[how] ?? [];
    t.regex(begin, new RegExp(`^stepwell: run ${how} begins\\. Look: stepwell runs show [0-9a-f]{32}\\n$`));
    // What its last cell printed, or nothing where that failed: no cell shows a warning.
    t.regex(others.join(""), /^(?:\d+\n)?$/);
    const its = (runs: unknown[][]) => runs.filter(([experiment]) => experiment === how);
    const runs = await untilRuns(home(), (found) => {
      const [run, ...more] = its(found);
      return more.length === 0 && run?.[1] === status && run[2] === "1000";
    });
    t.is(its(runs).length, 1);
  });

const TESTS = `
import os, pytest, stepwell

WAY = os.environ["WAY"]

def test_logs():
    with stepwell.start_run(experiment_name=WAY + " logs"):
        stepwell.log_metric("loss", 1.0)

@pytest.mark.xfail(strict=True)
def test_fails():
    with stepwell.start_run(experiment_name=WAY + " fails"):
        stepwell.log_metric("loss", 1.0)
        assert False

def test_output_is_its_own(capfd):
    with stepwell.start_run(experiment_name=WAY + " captured"):
        stepwell.log_metric("loss", 1.0)
    print("mine")
    out, err = capfd.readouterr()
    assert out == "mine\\n"
    assert err.startswith("stepwell: run ") and len(err.splitlines()) == 1
`;

test("tests of a user's log what they log, with each way of pytest's, and no warning of it is an error", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const folder = await scratchFolder(t);
  writeFileSync(join(folder, "test_user.py"), TESTS);
  const run = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))";
  for (const options of [["-Werror"], ["-s"], ["--forked"], ["-n2"]]) {
    const way = options.join(" ");
    const args = ["-q", "-p", "no:cacheprovider", ...options, "test_user.py"];
    const { stdout } = await ran(t, run, args, { WAY: way }, folder);
    t.regex(stdout, /\n2 passed, 1 xfailed/, stdout);
    const its = (runs: unknown[][]) =>
      runs.filter(([experiment]) => String(experiment).startsWith(`${way} `));
    const isWhole = ([, status, points]: unknown[]) => status !== "RUNNING" && points === "1";
    const runs = await untilRuns(home(), (found) => its(found).length === 3 && its(found).every(isWhole));
    t.deepEqual(
      its(runs).map((each) => each.slice(0, 3)),
      [
        [`${way} captured`, "FINISHED", "1"],
        [`${way} fails`, "FAILED", "1"],
        [`${way} logs`, "FINISHED", "1"],
      ],
    );
  }
});
