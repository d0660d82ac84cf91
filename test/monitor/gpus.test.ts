/** GPUs by a scripted `nvidia-smi`. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/home/clock.js";
import { Gpus } from "../../src/monitor/gpus.js";
import { gpuValues } from "../../src/monitor/values.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

async function scripted(t: ExecutionContext, script: string) {
  const folder = await scratchFolder(t);
  const [command, calls] = [join(folder, "nvidia-smi"), join(folder, "calls")];
  writeFileSync(command, `#!/bin/sh\necho "$$ $*" >>"${calls}"\n${script}\n`);
  chmodSync(command, 0o755);
  const callsOf = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
  return { command, callsOf };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test("one call tells of all GPUs as long as somebody asks, at the interval that is asked for", async (t) => {
  const lines = "0, 37, 1024, 81920, 215.53, 700.00, 61\\n1, [N/A], 0, 81920, [Not Supported], 700.00, 40\\n";
  const { command, callsOf } = await scripted(t, `printf '${lines}'; exec sleep 600`);
  const gpus = new Gpus({ clock: systemClock, log: () => undefined, command });
  t.teardown(() => gpus.rest());
  const read = await until(
    "two GPUs",
    () => gpus.read(10_000),
    ({ length }) => length === 2,
  );
  t.deepEqual(gpuValues(read), {
    gpu_0_utilization_percentage: 37,
    gpu_0_memory_usage_megabytes: 1073.7,
    gpu_0_memory_usage_percentage: 1.3,
    gpu_0_power_usage_watts: 215.5,
    gpu_0_power_usage_percentage: 30.8,
    gpu_0_temperature_celsius: 61,
    gpu_1_memory_usage_megabytes: 0,
    gpu_1_memory_usage_percentage: 0,
    gpu_1_temperature_celsius: 40,
  });
  t.is(callsOf().length, 1);
  t.regex(callsOf()[0] ?? "", / --query-gpu=index,\S+ --format=csv,noheader,nounits -l 10$/);
  const pid = Number.parseInt(callsOf()[0] ?? "", 10);
  gpus.rest();
  await until("the call's end", () => isGone(pid), Boolean);
});

test("a machine without the tool, or without a GPU behind it, is asked once", async (t) => {
  const { command, callsOf } = await scripted(t, "echo No devices were found; exit 9");
  const clock = new SetClock();
  const gpus = new Gpus({ clock, log: () => undefined, command });
  gpus.read(1_000);
  await until("the call", callsOf, ({ length }) => length === 1);
  await until("its end", () => isGone(Number.parseInt(callsOf()[0] ?? "", 10)), Boolean);
  const none = new Gpus({
    clock,
    log: () => t.fail("what is not there is no news"),
    command: `${command}-none`,
  });
  for (let hours = 0; hours < 3; hours++) {
    clock.move(3_600_000);
    t.deepEqual([gpus.read(1_000), none.read(1_000)], [[], []]);
    await new Promise(setImmediate);
  }
  t.is(callsOf().length, 1);
});

test("a tool that hangs is given up, and tried again much later", async (t) => {
  const { command, callsOf } = await scripted(t, "exec sleep 600");
  const clock = new SetClock();
  let warned = 0;
  const log = () => {
    warned += 1;
  };
  const gpus = new Gpus({ clock, log, command });
  t.teardown(() => gpus.rest());
  gpus.read(1_000);
  await until("the call", callsOf, ({ length }) => length === 1);
  clock.move(32_000);
  gpus.read(1_000);
  t.is(warned, 1);
  await until("its end", () => isGone(Number.parseInt(callsOf()[0] ?? "", 10)), Boolean);
  clock.move(9 * 60_000);
  gpus.read(1_000);
  t.is(callsOf().length, 1);
  clock.move(2 * 60_000);
  gpus.read(1_000);
  await until("the second call", callsOf, ({ length }) => length === 2);
});
