/** The figures. Each measures one subject; they run one after the other. */
import { spawn } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../install.mjs";
import { Feed } from "./feed.mjs";
import { withHome } from "./home.mjs";
import { killedSteps } from "./killed-step.mjs";
import { benchPython } from "./python.mjs";
import { percentile } from "./table.mjs";

const { RESERVE_FILL_MS } = await import("../../build/src/model/limits.js");
const { MLFLOW_3, pythonEnvironment } = await import("../../build/test/support/python-environment.js");

/** The disk's own fsync, which every acknowledgement waits for. */
export async function fsync(context) {
  return await withHome(async (home) => {
    const file = openSync(join(home.folder, "fsync"), "w");
    const timesMs = [];
    for (let index = 0; index < 500; index++) {
      const begin = performance.now();
      writeSync(file, Buffer.alloc(4096, 1), 0, 4096, index * 4096);
      fdatasyncSync(file);
      timesMs.push(performance.now() - begin);
    }
    closeSync(file);
    context.fsyncMs = { p50: percentile(timesMs, 0.5), p99: percentile(timesMs, 0.99) };
    return [
      { name: "the disk's own fsync of 4 KiB, p50", value: context.fsyncMs.p50, unit: "ms" },
      { name: "the disk's own fsync of 4 KiB, p99", value: context.fsyncMs.p99, unit: "ms" },
    ];
  });
}

export async function pythonClient({ scale }) {
  const python = await benchPython();
  return await withHome(async (home) => {
    home.env.PYTHONPATH = join(root, "clients/python/src");
    const found = JSON.parse(await home.run(python, "clients/python/bench/log_calls.py", String(scale)));
    return [
      {
        name: "Python log_metric call, p50",
        value: found.call_p50_us,
        unit: "us",
        atMost: 0.7,
        isOfCpu: true,
      },
      {
        name: "Python log_metric call, p99",
        value: found.call_p99_us,
        unit: "us",
        atMost: 20,
        isOfCpu: true,
      },
      {
        name: "Python log_metric, durable",
        value: found.calls_per_second,
        unit: "calls/s",
        target: 1_000_000,
        isOfCpu: true,
      },
      {
        name: "Python log_series, durable",
        value: found.series_points_per_second,
        unit: "points/s",
        target: 3_000_000,
        isOfCpu: true,
      },
    ];
  });
}

/** What is lost with a step that is killed. */
export async function killedStep(context) {
  return await killedSteps(await benchPython(), context);
}

export async function typescriptClient({ scale }) {
  return await withHome(async (home) => {
    const program = "build/clients/typescript/bench/log-calls.js";
    const found = JSON.parse(await home.run(process.execPath, program, String(Math.max(1, 3 * scale))));
    return [
      { name: "TypeScript logMetric call, p50", value: found.call_ns_p50 / 1000, unit: "us" },
      { name: "TypeScript logMetric call, p99", value: found.call_ns_p99 / 1000, unit: "us" },
      { name: "TypeScript logMetric, durable", value: found.calls_per_second, unit: "calls/s" },
      { name: "TypeScript logSeries, durable", value: found.series_points_per_second, unit: "points/s" },
    ];
  });
}

export async function acknowledgements({ fsyncMs = { p50: 0, p99: 0 }, scale }) {
  return await withHome(async (home) => {
    const { endpoint } = home.endpoint;
    const figures = [];
    const pulse = async (when) => {
      const feed = await Feed.open(endpoint);
      const timesMs = await feed.pulse(Math.round(1000 * scale), 100, 10);
      feed.close();
      figures.push({
        name: `ack at 10,000 points/s, ${when}, p50`,
        value: percentile(timesMs, 0.5),
        unit: "ms",
        atMost: 5 + fsyncMs.p50,
      });
      figures.push({
        name: `ack at 10,000 points/s, ${when}, p99`,
        value: percentile(timesMs, 0.99),
        unit: "ms",
        atMost: 25 + fsyncMs.p99,
      });
    };
    await pulse("idle");
    const backlog = await Feed.open(endpoint);
    await backlog.points(Math.round(6_000_000 * Math.max(scale, 0.5)), 1000, 20);
    await home.addTracker();
    await pulse("during a drain");
    if ((await home.status()).queuedPoints === 0n)
      throw new Error("the drain ended before the measurement did");
    return figures;
  });
}

export async function drain(context) {
  return await withHome(async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint);
    const points = Math.round(5_000_000 * context.scale);
    await feed.points(points, 1000, 20);
    await home.addTracker();
    context.drainPerSecond = points / (await home.untilDrained(undefined, 100));
    const note = `${points.toLocaleString("en")} rows, one run, 20 keys`;
    return [
      {
        name: "drain into SQLite",
        value: context.drainPerSecond,
        unit: "points/s",
        target: 200_000,
        isOfCpu: true,
        note,
      },
    ];
  });
}

export async function besideDrain({ scale }) {
  const python = await pythonEnvironment(MLFLOW_3);
  return await withHome(async (home) => {
    await home.addTracker();
    const feed = await Feed.open(home.endpoint.endpoint);
    // The store has to be there, and migrated, before MLflow is timed on it.
    await feed.points(1000, 1000, 1);
    await home.untilDrained();
    const uri = `sqlite:///${home.database}`;
    await home.run(python, "scripts/bench/peers.py", "store", uri, "1");
    await feed.points(Math.round(6_000_000 * Math.max(scale, 0.5)), 1000, 20);
    const seconds = String(Math.max(5, 15 * scale));
    const found = JSON.parse(await home.run(python, "scripts/bench/peers.py", "store", uri, seconds));
    if ((await home.status()).queuedPoints === 0n)
      throw new Error("the drain ended before the measurement did");
    return [
      {
        name: "MLflow's log_metric on that file while it drains, p99",
        value: found.sync_ms_p99,
        unit: "ms",
        atMost: 2000,
      },
      {
        name: "MLflow's log_metric on that file while it drains, failed",
        value: found.failures,
        unit: "calls",
        atMost: 0,
      },
    ];
  });
}

/** MLflow's own ways, on the same machine in the same run. */
export async function peers({ drainPerSecond, scale }) {
  const python = await pythonEnvironment(MLFLOW_3);
  return await withHome(async (home) => {
    const seconds = String(Math.max(3, 10 * scale));
    const store = `sqlite:///${home.folder}/peers.db`;
    const local = JSON.parse(await home.run(python, "scripts/bench/peers.py", "store", store, seconds));
    const port = 20_000 + (process.pid % 20_000);
    const args = [
      "-m",
      "mlflow",
      "server",
      "--backend-store-uri",
      store,
      "--port",
      String(port),
      "--workers",
      "1",
    ];
    const server = spawn(python, args, { env: home.env, cwd: home.folder, stdio: "ignore", detached: true });
    try {
      await untilServes(port);
      const url = `http://127.0.0.1:${port}`;
      const remote = JSON.parse(await home.run(python, "scripts/bench/peers.py", "server", url, seconds));
      const figures = [
        { name: "MLflow log_metric to a local server, p50", value: remote.sync_ms_p50, unit: "ms" },
        { name: "MLflow log_metric to a local server", value: remote.sync_per_second, unit: "calls/s" },
        { name: "MLflow asynchronous log_metric call", value: remote.async_call_ms, unit: "ms" },
        { name: "MLflow asynchronous log_metric, flushed", value: remote.async_per_second, unit: "calls/s" },
        {
          name: "MLflow log_batch of 1,000 to a local server",
          value: remote.batch_per_second,
          unit: "points/s",
        },
        { name: "MLflow log_metric in process on SQLite, p50", value: local.sync_ms_p50, unit: "ms" },
        {
          name: "MLflow log_batch of 1,000 in process on SQLite",
          value: local.batch_per_second,
          unit: "points/s",
        },
      ];
      if (drainPerSecond !== undefined) {
        const value = drainPerSecond / local.batch_per_second;
        figures.push({
          name: "our drain against MLflow's log_batch on SQLite",
          value,
          unit: "times",
          target: 25,
        });
      }
      return figures;
    } finally {
      if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
    }
  });
}

async function untilServes(port) {
  for (let attempt = 0; attempt < 300; attempt++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return;
    await sleep(200);
  }
  throw new Error("mlflow server does not answer");
}

export async function memoryOfLargeBatches({ scale }) {
  return await memoryOf(10_000_000 * scale, 1000);
}

export async function memoryOfSmallBatches({ scale }) {
  return await memoryOf(10_000_000 * scale, 10);
}

/** Memory with a backlog, after SIGKILL and a start with it, and while it drains. */
async function memoryOf(points, perBatch) {
  return await withHome(async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint);
    await feed.points(points, perBatch, 20);
    const peak = home.memory();
    const look = () => {
      const now = home.memory();
      peak.anonymous = Math.max(peak.anonymous, now.anonymous);
      peak.resident = Math.max(peak.resident, now.resident);
    };
    feed.abandon();
    process.kill(home.endpoint.pid, "SIGKILL");
    await sleep(200);
    const begin = performance.now();
    await home.stepwell("daemon", "start");
    const readySeconds = (performance.now() - begin) / 1000;
    look();
    await home.addTracker();
    await home.untilDrained(look);
    const what = `${points.toLocaleString("en")} points queued in batches of ${perBatch.toLocaleString("en")}`;
    return [
      { name: `${what}: peak RssAnon`, value: peak.anonymous, unit: "MB", atMost: 150 },
      { name: `${what}: peak VmRSS`, value: peak.resident, unit: "MB", atMost: 250 },
      { name: `${what}: ready after SIGKILL`, value: readySeconds, unit: "s", atMost: 1, isOfCpu: true },
    ];
  });
}

export async function idle({ scale }) {
  return await withHome(async (home) => {
    // What a start leaves to be collected, and the making of the reserve half a minute later, is no idling.
    await sleep(RESERVE_FILL_MS + 10_000);
    const seconds = Math.max(10, 60 * scale);
    const ticks = () => {
      const fields = home.statFields();
      return Number(fields[13]) + Number(fields[14]);
    };
    const before = ticks();
    await sleep(seconds * 1000);
    const share = ((ticks() - before) / 100 / seconds) * 100;
    return [
      { name: "idle daemon, VmRSS", value: home.memory().resident, unit: "MB", atMost: 80 },
      { name: "idle daemon, CPU", value: share, unit: "%", atMost: 0.1, isOfCpu: true },
    ];
  });
}
