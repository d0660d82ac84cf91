/** A job of 4 ranks that share one run: real processes, with the variables of torchrun, read back by MLflow. */
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { scratchHome } from "../support/home.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { testWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = testWith(MLFLOW_3);

const RANK = `
import os, signal, sys, stepwell
rank, attempt = os.environ["RANK"], sys.argv[1]
with stepwell.start_run("job", "shared", shared=True, rank_keys=True, tags={"team": "vision"}) as run:
    stepwell.log_param("lr", 0.1)
    stepwell.log_metric("loss", float(rank), step=int(attempt))
    stepwell.log_metrics({"a": 1.0}, step=int(attempt))
    stepwell.log_series("s", [int(attempt)], [2.0])
    stepwell.flush()
    print(run.run_id, flush=True)
    said = sys.stdin.readline().strip()
    if said == "fail": raise SystemExit(3)
`;

// As torchrun starts a program: it is the parent of each rank, and starts one that was killed again.
const LAUNCHER = `
import os, subprocess, sys
def start(rank, attempt):
    environment = {**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "4",
        "LOCAL_WORLD_SIZE": "4", "GROUP_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500",
        "TORCHELASTIC_RUN_ID": "none", "TORCHELASTIC_RESTART_COUNT": str(attempt)}
    command = [sys.executable, "-c", sys.argv[1], str(attempt)]
    # A shell between them, as with torchrun --no-python.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"] if rank == 3 else []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen([*shell, *command], env=environment, text=True, **pipes)
ranks = {rank: start(rank, 0) for rank in (2, 1, 3, 0)}
ids = {rank: process.stdout.readline().strip() for rank, process in ranks.items()}
for killed in (1, 2):
    ranks[killed].kill(); ranks[killed].wait()
ranks[2] = start(2, 1)
ids["again"] = ranks[2].stdout.readline().strip()
print(*set(ids.values()), flush=True)
# Rank 0 decides, whoever ends last.
for rank, says in ((2, "end"), (0, "end"), (3, "fail")):
    ranks[rank].communicate(says + "\\n")
`;

test("4 ranks, one killed, one killed and started again: one run with a true status, and each rank's own end", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const launched = await startPython(home, LAUNCHER, [RANK], { STEPWELL_QUIET: "1" });
  const { code, stdout, stderr } = await launched.ended;
  t.deepEqual([code, stderr], [0, ""]);
  const runIds = stdout.trim().split(" ");
  t.is(runIds.length, 1, stdout);
  const runId = runIds[0] ?? "";
  const ends = { 0: "FINISHED", 1: "KILLED", 2: "FINISHED", 3: "FAILED" };
  const tags = Object.fromEntries(Object.entries(ends).map(([rank, end]) => [`stepwell.rank.${rank}`, end]));
  const shown = async () => (await home.json(["runs", "show", runId])) as { tags: Record<string, string> };
  await until("rank 1 is gone", shown, (run) => run.tags["stepwell.rank.1"] === "KILLED");
  t.is((await home.here(["flush", "--timeout=500"])).code, 0);
  const client = await RealMlflow.start(t, MLFLOW_3, `${home.paths.artifactStoreFolder}/mlflow.db`);
  t.deepEqual((await client.find("shared")).runs, [runId]);
  const run = await client.read(runId);
  t.like(run, { name: "job", status: "FINISHED", params: { lr: "0.1" }, tags: { team: "vision", ...tags } });
  t.is(run.tags["stepwell.end_reason"], undefined);
  const attempts = { 0: ["0"], 1: ["0"], 2: ["0", "1"], 3: ["0"] };
  const steps = Object.entries(run.history).map(([key, points]) => [key, points.map(([step]) => step)]);
  const expected = Object.entries(attempts).flatMap(([rank, of]) =>
    ["a", "loss", "s"].map((key) => [`rank-${rank}/${key}`, of]),
  );
  t.deepEqual(Object.fromEntries(steps), Object.fromEntries(expected));
});
