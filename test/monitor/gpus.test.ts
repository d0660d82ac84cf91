/** GPUs by a scripted `nvidia-smi`. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/home/clock.js";
import { Gpus } from "../../src/monitor/gpus.js";
import { gpuValues } from "../../src/monitor/values.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

const NO_DEVICES = "/none";

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
  const gpus = new Gpus({ clock: systemClock, log: () => undefined, command, devices: NO_DEVICES });
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
  let told = 0;
  const log = () => {
    told += 1;
  };
  const gpus = new Gpus({ clock, log, command, devices: NO_DEVICES });
  await gpus.read(1_000);
  await until("its end is heard of", () => told, Boolean);
  const none = new Gpus({
    clock,
    log: () => t.fail("what is not there is no news"),
    command: `${command}-none`,
    devices: NO_DEVICES,
  });
  for (let hours = 0; hours < 3; hours++) {
    clock.move(3_600_000);
    t.deepEqual([await gpus.read(1_000), await none.read(1_000)], [[], []]);
    await new Promise(setImmediate);
  }
  t.is(callsOf().length, 1);
});

test("who asks again after nobody did finds a driver that came meanwhile", async (t) => {
  const { command, callsOf } = await scripted(t, "echo No devices were found; exit 9");
  const gpus = new Gpus({ clock: systemClock, log: () => undefined, command, devices: NO_DEVICES });
  t.teardown(() => gpus.rest());
  await gpus.read(1_000);
  await until("the call", callsOf, ({ length }) => length === 1);
  gpus.rest();
  writeFileSync(command, "#!/bin/sh\necho '0, 1, 2, 3, 4, 5, 6'; exec sleep 600\n");
  const read = await until(
    "the GPU",
    () => gpus.read(1_000),
    ({ length }) => length === 1,
  );
  t.is(read[0]?.celsius, 6);
});

test("an old tool is asked for what it knows, and lines that are none of its own tell nothing", async (t) => {
  const knows =
    'case "$*" in *enforced*) echo "Field \\"enforced.power.limit\\" is not a valid field to query."; exit 2;; esac';
  const lines = "Tue Nov 30\\n0, 5, 1, 2, 215.5, 61\\n1, 5, 1, 2, 215,5, 61,0\\n";
  const { command, callsOf } = await scripted(t, `${knows}; printf '${lines}'; exec sleep 600`);
  const gpus = new Gpus({ clock: systemClock, log: () => undefined, command, devices: NO_DEVICES });
  t.teardown(() => gpus.rest());
  const read = await until(
    "the GPU",
    () => gpus.read(10_000),
    ({ length }) => length > 0,
  );
  t.deepEqual(
    read.map(({ index, powerWatts, powerLimitWatts, celsius }) => [
      index,
      powerWatts,
      powerLimitWatts,
      celsius,
    ]),
    [[0, 215.5, undefined, 61]],
  );
  t.is(callsOf().length, 2);
});

test("AMD's GPUs are told as their driver does, where NVIDIA has none", async (t) => {
  const devices = await scratchFolder(t);
  const put = (card: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(devices, card, "device", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${text}\n`);
    }
  };
  const whole = {
    ...{ vendor: "0x1002", gpu_busy_percent: "37" },
    ...{ mem_info_vram_used: "1024000000", mem_info_vram_total: "64000000000" },
  };
  const hot = { "hwmon/hwmon7/power1_cap": "500000000", "hwmon/hwmon7/temp1_input": "61000" };
  put("card10", { ...whole, ...hot, "hwmon/hwmon7/power1_input": "125500000" });
  put("card2", { ...whole, "hwmon/hwmon3/power1_average": "7000000" });
  put("card2-DP-1", { vendor: "0x1002" });
  put("card1", { vendor: "0x10de" });
  // One that sleeps tells nothing.
  put("card11", { vendor: "0x1002", gpu_busy_percent: "" });
  const { command } = await scripted(t, "exit 9");
  const gpus = new Gpus({ clock: systemClock, log: () => undefined, command, devices });
  t.teardown(() => gpus.rest());
  const read = await until(
    "the GPUs",
    () => gpus.read(10_000),
    ({ length }) => length > 0,
  );
  t.deepEqual(gpuValues(read), {
    gpu_0_utilization_percentage: 37,
    gpu_0_memory_usage_megabytes: 1_024,
    gpu_0_memory_usage_percentage: 1.6,
    gpu_0_power_usage_watts: 7,
    gpu_1_utilization_percentage: 37,
    gpu_1_memory_usage_megabytes: 1_024,
    gpu_1_memory_usage_percentage: 1.6,
    gpu_1_power_usage_watts: 125.5,
    gpu_1_power_usage_percentage: 25.1,
    gpu_1_temperature_celsius: 61,
  });
  // Where NVIDIA's tool tells of some, or hangs, a graphics unit of AMD's processors changes no numbers.
  const other = await scripted(t, "echo '0, 1, 2, 3, 4, 5, 6'; exec sleep 600");
  const both = new Gpus({ clock: systemClock, log: () => undefined, command: other.command, devices });
  t.teardown(() => both.rest());
  const first = await until(
    "NVIDIA's",
    () => both.read(10_000),
    ({ length }) => length > 0,
  );
  t.is(first.length, 1);
});

test("a tool that hangs is given up, and tried again much later", async (t) => {
  const { command, callsOf } = await scripted(t, "exec sleep 600");
  const clock = new SetClock();
  let warned = 0;
  const log = () => {
    warned += 1;
  };
  const gpus = new Gpus({ clock, log, command, devices: NO_DEVICES });
  t.teardown(() => gpus.rest());
  await gpus.read(1_000);
  await until("the call", callsOf, ({ length }) => length === 1);
  clock.move(32_000);
  await gpus.read(1_000);
  t.is(warned, 1);
  await until("its end", () => isGone(Number.parseInt(callsOf()[0] ?? "", 10)), Boolean);
  clock.move(9 * 60_000);
  await gpus.read(1_000);
  t.is(callsOf().length, 1);
  clock.move(2 * 60_000);
  // The end of the first one is heard of behind it.
  const calls = async () => [await gpus.read(1_000), callsOf()][1] ?? [];
  await until("the second call", calls, ({ length }) => length === 2);
});
