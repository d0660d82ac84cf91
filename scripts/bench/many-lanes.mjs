/** Ten thousand short runs whose server is down: what they cost while they wait, and how they go on once it is back. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../install.mjs";
import { withHome } from "./home.mjs";
import { InstantServer } from "./instant-server.mjs";

const lanesWanted = 10_000;
/** Runs whose begin is timed, with the server up and down. */
const timedRuns = 2_000;
const rounds = 3;

export async function manyLanes({ scale }) {
  const lanes = Math.max(2_000, lanesWanted * scale);
  const server = new InstantServer();
  await server.start();
  try {
    return await withHome(async (home) => {
      const uri = `--tracking_uri=${server.url}`;
      await home.stepwell("experiment-tracker", "register", "far", "--flavor=mlflow", uri, "--auth=none");
      await home.stepwell("stack", "register", "far", "-e", "far", "--set");
      await startRuns(home, 500);
      const rates = { up: [], down: [] };
      for (let round = 0; round < rounds; round++) {
        rates.up.push(timedRuns / (await startRuns(home, timedRuns)));
        await home.untilDrained();
      }
      server.stop();
      await startRuns(home, lanes - rounds * timedRuns);
      for (let round = 0; round < rounds; round++)
        rates.down.push(timedRuns / (await startRuns(home, timedRuns)));
      await sleep(5_000);
      const down = await whileDown(home, Math.max(10, 30 * scale));
      home.kill();
      const restartSeconds = await secondsOf(() => home.stepwell("daemon", "start"));
      const waiting = (await home.status()).laneCount;
      await server.start();
      const drainSeconds = await secondsOf(() => home.stepwell("flush", "--timeout=600"));
      const startRatio = Math.max(...rates.down) / Math.max(...rates.up);
      return [
        {
          name: `${waiting} lanes down: CPU of a core`,
          value: down.cpuShare,
          unit: "%",
          atMost: 2,
          isOfCpu: true,
        },
        {
          name: `${waiting} lanes down: run starts against those with the server up`,
          value: startRatio,
          unit: "times",
          target: 0.8,
          note: `${listed(rates.down)} and ${listed(rates.up)} runs/s`,
        },
        {
          name: `${waiting} lanes down: status`,
          value: down.statusMs,
          unit: "ms",
          atMost: 200,
          isOfCpu: true,
        },
        {
          name: `${waiting} lanes down: status as JSON`,
          value: down.statusBytes,
          unit: "bytes",
          atMost: 100_000,
        },
        {
          name: `${waiting} lanes down: restart after SIGKILL`,
          value: restartSeconds,
          unit: "s",
          atMost: 3,
          isOfCpu: true,
        },
        {
          name: `${waiting} lanes drain`,
          value: waiting / drainSeconds,
          unit: "runs/s",
          target: 500,
          isOfCpu: true,
        },
      ];
    });
  } finally {
    server.stop();
  }
}

/** Seconds that so many short runs of one process take until the last of them is acknowledged. */
async function startRuns(home, count) {
  if (count <= 0) return 0;
  const program = join(root, "scripts/bench/short-run-producer.mjs");
  const producer = spawn(process.execPath, [program, home.endpoint.endpoint, String(count), "1"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  producer.stdout.on("data", (chunk) => (said += chunk));
  const ended = once(producer, "close");
  while (!said.includes("ready")) await Promise.race([once(producer.stdout, "data"), ended]);
  producer.stdin.write("\n");
  const [code] = await ended;
  if (code !== 0) throw new Error(`the producer ended with ${code}`);
  return Number(said.split("\n")[1]);
}

async function whileDown(home, seconds) {
  const ticks = () => Number(home.statFields()[13]) + Number(home.statFields()[14]);
  const before = ticks();
  await sleep(seconds * 1000);
  const cpuShare = (ticks() - before) / seconds;
  const timesMs = [];
  for (let asked = 0; asked < 5; asked++) timesMs.push(1000 * (await secondsOf(() => home.status())));
  const statusBytes = (await home.stepwell("status", "-o", "json")).length;
  return { cpuShare, statusMs: timesMs.sort((one, other) => one - other)[2], statusBytes };
}

async function secondsOf(work) {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

const listed = (rates) => rates.map((rate) => Math.round(rate)).join(", ");
