/** What /proc says, in folders that stand in for it, and of real processes. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { cpuOf, networkOf, readMachine } from "../../src/monitor/machine-reading.js";
import { ProcessTable } from "../../src/monitor/process-table.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

test("processors are busy but when they idle or wait for a disk, and guests count once", (t) => {
  t.deepEqual(cpuOf("cpu  100 10 50 800 40 0 0 0 30 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"), {
    busy: 160,
    total: 1_000,
  });
  t.is(cpuOf("intr 1"), undefined);
});

test("bytes of all interfaces count together", (t) => {
  const head = "Inter-|   Receive                  |  Transmit\n face |bytes    packets|bytes    packets\n";
  const lines = "    lo: 100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n  eth0:1000 5 0 0 0 0 0 0 50 6 0 0 0 0 0 0\n";
  t.deepEqual(networkOf(head + lines), { received: 1_100, sent: 250 });
});

test("without /proc Node tells of processors, memory and the disk", async (t) => {
  const { cpu, memory, disk, network } = await readMachine("/none");
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
  const table = await ProcessTable.read(proc);
  t.deepEqual(await table?.usageOf([10]), {
    ...{ processes: 3, threads: 15, cpuSeconds: 2.27, residentBytes: 3 * 1_024_000 },
    io: { read: 3 * 4_096, written: 3 * 8_192 },
  });
  // A root below another one counts once.
  t.is((await table?.usageOf([11, 10]))?.processes, 3);
  t.is(await table?.usageOf([77]), undefined);
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
