import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import test from "ava";
import { ROOT, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

test("status --watch goes on and prints one object a line, each as it stands then, until the daemon ends", async (t) => {
  const home = await scratchHome(t);
  const endpoint = await home.startDaemonOrFind();
  const command = [join(ROOT, "build/stepwell.js"), "status", "--watch", "-o", "json"];
  const child = spawn(process.execPath, command, { env: home.env });
  t.teardown(() => child.kill("SIGKILL"));
  const closed = once(child, "close");
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const queued = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { queued_points: number }).queued_points);
  await until("two lines", queued, (lines) => lines.length >= 2);
  t.deepEqual([...new Set(queued())], [0]);
  const producer = new RawProducer(endpoint);
  producer.hello();
  // Nobody takes what is for a tracker that is not there.
  producer.batch(1, newRunId(), { runStart: startOf(["later"]), metrics: pointsOf("loss", 3) });
  await producer.acknowledged(1);
  producer.close();
  await until("a line that tells of what came", queued, (lines) => lines.at(-1) === 3);
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  const [code] = await closed;
  t.is(code, 3, stderr);
});
