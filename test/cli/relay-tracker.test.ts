/** The command and a tracker at a relay that is away: nobody can be asked for it, which is no reason to end. */
import test from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { freePort } from "../support/free-port.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { scratchHome } from "../support/home.js";

test("a program logs to a tracker at a relay, and the daemon outlives what it asks", async (t) => {
  const home = await scratchHome(t);
  const uri = `grpc://127.0.0.1:${await freePort()}`;
  await home.json([
    ...["experiment-tracker", "register", "far", "--flavor=mlflow"],
    ...[`--tracking_uri=${uri}`, "--auth=none"],
  ]);
  const pid = readEndpoint(home.paths)?.pid;
  const script = "stepwell param lr=0.1; stepwell log loss=0.5 --step 1";
  const result = await home.stepwell(["run", "-e", "far", "--", "sh", "-ec", script]);
  t.is(result.code, 0, result.stderr);
  const [run] = (await home.json(["runs", "list"])) as { run_id: string; journaled_points: number }[];
  t.like(run, { status: "FINISHED", journaled_points: 1 });
  t.is(readEndpoint(home.paths)?.pid, pid);
});

test("a tracker at a relay says at once where artifacts, models and reads are to be had, and the run goes on", async (t) => {
  const home = await scratchHome(t);
  const uri = `grpc://127.0.0.1:${await freePort()}`;
  await home.json(["experiment-tracker", "register", "far", "--flavor=mlflow", `--tracking_uri=${uri}`]);
  const where = new RegExp(`only writes to ${uri}. Ask the MLflow server beside that relay`);
  const script =
    "stepwell log loss=0.5 --step 1; stepwell artifact README.md 2>&1 && exit 9; stepwell log loss=0.25 --step 2";
  const result = await home.stepwell(["run", "-e", "far", "--", "sh", "-c", script]);
  t.is(result.code, 0, result.stderr);
  t.regex(result.stdout, where);
  const [run] = (await home.json(["runs", "list"])) as { run_id: string }[];
  const runId = run?.run_id ?? "";
  // What this daemon knows of its own runs it answers itself.
  t.like(await home.json(["runs", "show", runId]), { status: "FINISHED", metrics: { loss: 0.25 } });
  const { stdout } = await home.here(["env", "-e", "far"]);
  const api = `${gatewayAddressIn(stdout)}/api/2.0/mlflow`;
  const own = (await (await fetch(`${api}/runs/get?run_id=${runId}`)).json()) as {
    readonly run: { readonly data: { readonly metrics: readonly { readonly value: number }[] } };
  };
  t.is(own.run.data.metrics[0]?.value, 0.25);
  const began = performance.now();
  for (const [path, body] of [
    [`runs/get?run_id=${"0".repeat(32)}`, undefined],
    ["logged-models", { experiment_id: "0", name: "m", source_run_id: runId }],
    ["registered-models/search", undefined],
  ] as const) {
    const json = {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    };
    const answer = await fetch(`${api}/${path}`, body ? json : {});
    t.false(answer.ok, path);
    t.regex(await answer.text(), where, path);
  }
  t.true(performance.now() - began < 20_000);
});
