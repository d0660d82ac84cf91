/** `stepwell artifact` at a real MLflow server that keeps artifacts for its clients. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ava, { type ExecutionContext } from "ava";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);
/** So many keys that a server's answer about the run has more than a mebibyte. */
const KEYS = 4_000;
const MEBIBYTE = 1024 * 1024;

async function sent(t: ExecutionContext, home: ScratchHome, words: readonly string[]): Promise<void> {
  t.deepEqual(await home.here(["artifact", ...words]), { code: 0, stdout: "", stderr: "" });
}

test("a file is at the server when the command returns, or safe until the server is back, also of a run of many keys", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { home, daemon } = await homeAtServer(t, server().url);
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  const runId = newRunId();
  // Long ones: fewer of them are as many bytes, and a server takes a key as long for a short one.
  const metrics = Array.from({ length: KEYS }, (_, index) =>
    pointsOf(`a metric of this run ${index} `.padEnd(240, "x"), 1),
  ).flat();
  producer.batch(1, runId, { runStart: startOf(), metrics });
  await producer.acknowledged(1);
  const flushed = async () => {
    const { code, stderr } = await home.here(["flush", "--timeout=500"]);
    t.is(code, 0, stderr);
  };
  await flushed();
  const run = `--run=${runId}`;
  const files = ["50 % & ü.bin", "empty.txt", "late.bin"].map((name) => join(home.paths.home, name));
  const [large = "", empty = "", late = ""] = files;
  writeFileSync(large, randomBytes(3_000_000));
  writeFileSync(empty, "");
  writeFileSync(late, randomBytes(70_000));
  await sent(t, home, [large, "--path=made/here", run]);
  await sent(t, home, [empty, run]);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  const shown = (await home.json(["runs", "show", runId])) as { deliveries: { mlflow_run_id: string }[] };
  const idThere = shown.deliveries[0]?.mlflow_run_id ?? "";
  const answer = await fetch(`${server().url}/api/2.0/mlflow/runs/get?run_id=${idThere}`);
  t.true((await answer.arrayBuffer()).byteLength > MEBIBYTE);
  const first: Record<string, unknown> = { "made/here/50 % & ü.bin": 3_000_000, "empty.txt": null };
  // MLflow tells no size of an empty file.
  t.deepEqual(await client.artifacts(idThere), first);
  await server().kill();
  await sent(t, home, [late, "--path=made", run]);
  await home.here(["daemon", "restart"]);
  await server().restart();
  await flushed();
  t.deepEqual(await client.artifacts(idThere), { ...first, "made/late.bin": 70_000 });
});
