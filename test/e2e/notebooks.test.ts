/** The Python client in a notebook's kernel, however that ends, and in a user's tests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { setUp, untilRuns } from "../support/ended-runs.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT, type ScratchHome } from "../support/home.js";
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

async function ran(
  t: ExecutionContext,
  home: ScratchHome,
  text: string,
  args: readonly string[],
  cwd?: string,
) {
  const { child, ended } = await startPython(home, text, args, { STEPWELL_QUIET: "0" }, [], NOTEBOOKS, cwd);
  child.stdin.end();
  const end = await ended;
  t.is(end.code, 0, `${end.stdout}\n${end.stderr}`);
  return end;
}

const ENDS = { shutdown: "FINISHED", restart: "FINISHED", error: "FAILED", kill: "KILLED" };

for (const [how, status] of Object.entries(ENDS))
  test(`a notebook's run that is open when its kernel ends by ${how} is ${status}, with all its points`, async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await setUp(t);
    const { stdout } = await ran(t, home, NOTEBOOK, [how, "in a notebook"]);
    const [begin = "", ...others] = JSON.parse(stdout) as string[];
    t.regex(begin, new RegExp(`^stepwell: run ${how} begins\\. Look: stepwell runs show [0-9a-f]{32}\\n$`));
    // What its last cell printed, or nothing where that failed: no cell shows a warning.
    t.regex(others.join(""), /^(?:\d+\n)?$/);
    const [[, found, points] = [], ...more] = await untilRuns(
      home,
      ([run]) => run?.[1] === status && run[2] === "1000",
    );
    t.deepEqual([found, points, more], [status, "1000", []]);
  });

const TESTS = `
import pytest, stepwell

def test_logs():
    with stepwell.start_run(experiment_name="logs"):
        stepwell.log_metric("loss", 1.0)

@pytest.mark.xfail(strict=True)
def test_fails():
    with stepwell.start_run(experiment_name="fails"):
        stepwell.log_metric("loss", 1.0)
        assert False

def test_output_is_its_own(capfd):
    with stepwell.start_run(experiment_name="captured"):
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
    const home = await setUp(t);
    const which: string[] = [];
    const args = ["-q", "-p", "no:cacheprovider", ...options, ...which, "test_user.py"];
    const { stdout } = await ran(t, home, run, args, folder);
    t.regex(stdout, /\n2 passed, 1 xfailed/, stdout);
    const isWhole = ([, status, points]: unknown[]) => status !== "RUNNING" && points === "1";
    const runs = await untilRuns(home, (found) => found.length === 3 && found.every(isWhole));
    t.deepEqual(
      runs.map((each) => each.slice(0, 3)),
      [
        ["captured", "FINISHED", "1"],
        ["fails", "FAILED", "1"],
        ["logs", "FINISHED", "1"],
      ],
      options.join(" "),
    );
  }
});
