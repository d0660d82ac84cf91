/** Short runs, as a sweep makes them: a start, one param, one point, an end; beside MLflow's own client. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { withHome } from "./home.mjs";

const { MLFLOW_3, pythonEnvironment } = await import("../../build/test/support/python-environment.js");
const PRODUCER = fileURLToPath(new URL("./short-run-producer.mjs", import.meta.url));
const PROCESSES = 40;

/** Lets so many processes log so many runs each at the same time; answers runs a second until the last acknowledgement. */
export async function acknowledgedPerSecond(home, processes, runs, batchesOfRun) {
  const args = [PRODUCER, home.endpoint.endpoint, String(runs), String(batchesOfRun)];
  const producers = Array.from({ length: processes }, () =>
    spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const ended = producers.map(async (producer) => {
    const [code] = await once(producer, "exit");
    if (code !== 0) throw new Error(`a producer ended with ${code}`);
  });
  try {
    await Promise.race([
      Promise.all(producers.map(({ stdout }) => once(stdout, "data"))),
      Promise.all(ended),
    ]);
    const begin = performance.now();
    for (const { stdin } of producers) stdin.end("go\n");
    await Promise.all(ended);
    return (processes * runs) / ((performance.now() - begin) / 1000);
  } finally {
    for (const producer of producers) producer.kill();
  }
}

/** The best of three: on a machine with others on it a slow one says nothing. */
async function best(measure) {
  const found = [];
  for (let turn = 0; turn < 3; turn++) found.push(await withHome(measure));
  return { value: Math.max(...found), note: found.map(Math.round).join(", ") };
}

async function deliveredPerSecond(home, runs) {
  await home.addTracker();
  const begin = performance.now();
  await acknowledgedPerSecond(home, 1, runs, 1);
  await home.stepwell("flush", "--timeout", "600");
  return runs / ((performance.now() - begin) / 1000);
}

export async function shortRuns({ scale }) {
  const python = await pythonEnvironment(MLFLOW_3);
  const count = Math.round(6_000 * Math.max(scale, 0.5));
  const unit = "runs/s";
  const one = await best((home) => acknowledgedPerSecond(home, 1, count, 1));
  const four = await best((home) => acknowledgedPerSecond(home, 1, count, 4));
  const many = await best((home) => acknowledgedPerSecond(home, PROCESSES, Math.round(count / PROCESSES), 1));
  const delivered = await best((home) => deliveredPerSecond(home, count));
  const theirs = await withHome(async (home) => {
    const store = `sqlite:///${home.folder}/peers.db`;
    return JSON.parse(await home.run(python, "scripts/bench/short_runs.py", store, "5")).per_second;
  });
  return [
    { name: "short runs acknowledged, one process", ...one, unit, target: 2_000, isOfCpu: true },
    { name: "short runs acknowledged, one process, each entry a batch", ...four, unit },
    { name: `short runs acknowledged, ${PROCESSES} processes`, ...many, unit, target: 1_000, isOfCpu: true },
    { name: "short runs delivered into SQLite", ...delivered, unit, target: 1_000, isOfCpu: true },
    { name: "MLflow's short runs in process on SQLite", value: theirs, unit },
    {
      name: "short runs delivered into SQLite against MLflow's client",
      value: delivered.value / theirs,
      unit: "times",
    },
  ];
}
