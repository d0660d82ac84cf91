/** What /proc says, in folders that stand in for it, and of real processes. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { cpuOf, type MachineReading, machineReader, Networks } from "../../src/monitor/machine-reading.js";
import { memoryLimitOf } from "../../src/monitor/memory-limit.js";
import { ProcessTable } from "../../src/monitor/process-table.js";
import { machineValues, processValues } from "../../src/monitor/values.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

test("processors are busy but when they idle or wait for a disk, and guests count once", (t) => {
  t.deepEqual(cpuOf("cpu  100 10 50 800 40 0 0 0 30 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"), {
    busy: 160,
    total: 1_000,
  });
  t.is(cpuOf("intr 1"), undefined);
});

test("bytes of all interfaces count together, and what one took stays when it vanishes or counts anew", (t) => {
  const head = "Inter-|   Receive                  |  Transmit\n face |bytes    packets|bytes    packets\n";
  const lines = "    lo: 100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n  eth0:1000 5 0 0 0 0 0 0 50 6 0 0 0 0 0 0\n";
  const networks = new Networks();
  t.deepEqual(networks.take(head + lines), { received: 1_100, sent: 250 });
  const one = (name: string, received: number, sent: number) =>
    `${name.padStart(6)}: ${received} 5 0 0 0 0 0 0 ${sent} 6 0 0 0 0 0 0\n`;
  t.deepEqual(networks.take(head + one("lo", 150, 200)), { received: 1_150, sent: 250 });
  // Another container's begins at 0, and so does a card that was reset.
  t.deepEqual(networks.take(head + one("lo", 10, 200) + one("veth1", 7, 8)), { received: 1_167, sent: 258 });
  t.deepEqual(networks.take("nothing of the kind"), { received: 1_167, sent: 258 });
});

test("without /proc Node tells of processors, memory and the disk", async (t) => {
  const { cpu, memory, disk, network } = await machineReader("/none")();
  t.true(cpu.total > cpu.busy && cpu.busy > 0);
  t.true(memory.usedBytes > 0 && memory.usedBytes < memory.totalBytes);
  t.true(disk === undefined || disk.usedBytes > 0);
  t.is(network, undefined);
  t.is(await ProcessTable.read("/none"), undefined);
});

/** A process of a folder that stands in for /proc. */
function putProcess(proc: string, pid: number, parent: number, ticks: number): void {
  const folder = join(proc, `${pid}`);
  mkdirSync(folder, { recursive: true });
  const fields = ["S", parent, ...new Array(9).fill(0), ticks, 2, 3, 4, 20, 0, 5, 0, 1];
  writeFileSync(join(folder, "stat"), `${pid} (a (b) c) ${fields.join(" ")}`);
  writeFileSync(join(folder, "status"), "Name:\tx\nVmPeak:\t   99 kB\nVmRSS:\t   1000 kB\n");
  writeFileSync(
    join(folder, "io"),
    "rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n",
  );
}

test("a tree's processes count with what their children took, and others don't", async (t) => {
  const proc = await scratchFolder(t);
  putProcess(proc, 10, 1, 100);
  putProcess(proc, 11, 10, 50);
  putProcess(proc, 12, 11, 50);
  putProcess(proc, 20, 1, 9_999);
  const table = await ProcessTable.read(proc, 1, proc);
  t.deepEqual(await table?.usageOf([10]), {
    ...{ processes: 3, threads: 15, cpuSeconds: 2.27, residentBytes: 3 * 1_024_000 },
    memoryLimitBytes: undefined,
    io: { read: 3 * 4_096, written: 3 * 8_192 },
  });
  // A root below another one counts once.
  t.is((await table?.usageOf([11, 10]))?.processes, 3);
  t.is(await table?.usageOf([77]), undefined);
  // A daemon that the first of them started is nothing of theirs.
  t.is((await (await ProcessTable.read(proc, 11, proc))?.usageOf([10]))?.processes, 1);
});

/** A group's limit, in a folder that stands in for the kernel's. */
function putLimit(groups: string, path: string, limit: string): void {
  mkdirSync(join(groups, path, ".."), { recursive: true });
  writeFileSync(join(groups, path), `${limit}\n`);
}

test("the least limit of memory over a process counts, of control groups of either version", async (t) => {
  const [proc, groups] = [await scratchFolder(t), await scratchFolder(t)];
  putProcess(proc, 10, 1, 100);
  const limitFor = (text: string) => {
    writeFileSync(join(proc, "10", "cgroup"), text);
    return memoryLimitOf(10, proc, groups);
  };
  putLimit(groups, "memory.max", "max");
  putLimit(groups, "slurm/job_1/memory.max", "4000");
  putLimit(groups, "slurm/job_1/step_0/memory.max", "max");
  putLimit(groups, "memory/memory.limit_in_bytes", "9223372036854771712");
  putLimit(groups, "memory/docker/1/memory.limit_in_bytes", "2000");
  t.is(limitFor("0::/slurm/job_1/step_0\n"), 4_000);
  t.is(limitFor("0::/other\n"), undefined);
  t.is(limitFor("9:cpu,cpuacct:/slurm/job_1\n8:memory:/docker/1\n0::/\n"), 2_000);
  // A container sees the groups of its host nowhere but in their names.
  t.is(limitFor("8:memory:/docker/of/the/host\n"), undefined);
  t.is(limitFor("0::/../../slurm/job_1\n"), undefined);
  putLimit(groups, "memory.max", "3000");
  t.is(limitFor("0::/../../slurm/job_1\n"), 3_000);
  t.is(limitFor("0::/slurm/job_1/step_0\n"), 3_000);
  t.is(limitFor("garbage"), undefined);
  t.is(memoryLimitOf(11, proc, groups), undefined);
  // What the processes take is told as a part of it.
  writeFileSync(join(proc, "10", "cgroup"), "0::/slurm/job_1\n");
  const reading = await (await ProcessTable.read(proc, 1, groups))?.usageOf([10]);
  t.is(reading?.memoryLimitBytes, 3_000);
  if (!reading) return t.fail();
  const now = { reading: { ...reading, residentBytes: 1_500 }, atMs: 0 };
  t.is(processValues(now, now, undefined, 1e9)["process/memory_usage_percentage"], 50);
  t.is(processValues(now, now, undefined, 2_000)["process/memory_usage_percentage"], 75);
});

test("processors are never more than busy, whatever their counters do", (t) => {
  const at = (busy: number, total: number): MachineReading => ({
    ...{ cpu: { busy, total }, memory: { usedBytes: 1, totalBytes: 2 }, disk: undefined, network: undefined },
  });
  const between = (before: MachineReading, now: MachineReading) =>
    machineValues(before, before, now)["cpu_utilization_percentage"];
  t.is(between(at(10, 100), at(60, 200)), 50);
  // Time that waits for a disk may go back.
  t.is(between(at(10, 100), at(130, 200)), 100);
  t.is(between(at(50, 100), at(20, 200)), 0);
  // A processor was taken away.
  t.is(between(at(50, 100), at(20, 40)), undefined);
});

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("what children of a process took stays in its tree when they end", async (t) => {
  const burn = "while (process.cpuUsage().user < 120_000);";
  const child = spawn("sh", ["-c", `"${process.execPath}" -e '${burn}'; echo over; exec sleep 600`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const usage = await until(
    "its usage",
    async () => await (await ProcessTable.read())?.usageOf([child.pid ?? 0]),
    (seen) => seen !== undefined,
  );
  t.is(usage?.processes, 1);
  t.true((usage?.cpuSeconds ?? 0) >= 0.1, `${usage?.cpuSeconds} s`);
});
