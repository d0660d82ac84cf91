/** The command and a tracker at a relay that is away: nobody can be asked for it, which is no reason to end. */
import test from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { freePort } from "../support/free-port.js";
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
