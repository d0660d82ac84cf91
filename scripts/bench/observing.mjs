/** What it costs the daemon to look at the machine for a run, and to be looked at itself: metrics of the system, and its own. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../install.mjs";
import { cpuOf } from "./cpu.mjs";
import { Feed } from "./feed.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

const command = `${root}/build/stepwell.js`;
const scrapes = 200;

/** The daemon's CPU while a run that logs nothing goes on, looked at each second and not at all. */
export async function systemMetrics({ scale }) {
  const seconds = Math.round(60 * scale);
  const looked = await ofIdleRun(seconds, "--system-metrics=1");
  const alone = await ofIdleRun(seconds);
  return [
    { name: "the daemon's CPU beside a run that logs nothing", value: alone.percent, unit: "% of a core" },
    {
      name: "the same with metrics of the system each second",
      value: looked.percent,
      unit: "% of a core",
      note: `${looked.points} points in ${seconds} s`,
    },
  ];
}

async function ofIdleRun(seconds, ...options) {
  return await withHome(async (home) => {
    const words = [
      command,
      "run",
      "--no-output",
      "--experiment-name=bench",
      ...options,
      "--",
      "sleep",
      "1000",
    ];
    const program = spawn(process.execPath, words, { env: home.env, stdio: "ignore" });
    try {
      await sleep(3_000);
      const [cpu, points] = [cpuOf(home.endpoint.pid), await journaled(home)];
      await sleep(seconds * 1000);
      const found = (await journaled(home)) - points;
      if (found > 0 !== options.length > 0) throw new Error(`${found} points came`);
      return { percent: (100 * (cpuOf(home.endpoint.pid) - cpu)) / seconds, points: found };
    } finally {
      program.kill();
    }
  });
}

async function journaled(home) {
  return Number((await home.status()).journaledPoints);
}

/** How long its own metrics take, and what they take of it, with runs that go on. */
export async function metrics({ scale }) {
  const idleMb = await withHome((home) => settled(home));
  return await withHome(
    async (home) => {
      const showsMb = await settled(home);
      const feeds = [];
      for (let run = 0; run < 100 * scale; run++) {
        const feed = await Feed.open(home.endpoint.endpoint);
        await feed.points(1_000, 100, 10);
        feeds.push(feed);
      }
      const { metricsUrl } = await home.status();
      const cpu = cpuOf(home.endpoint.pid);
      const timesMs = [];
      let bytes = 0;
      for (let scrape = 0; scrape < scrapes; scrape++) {
        const begin = performance.now();
        const answer = await fetch(metricsUrl);
        const text = await answer.text();
        if (!answer.ok || !text.includes("stepwell_"))
          throw new Error(`${answer.status}: ${text.slice(0, 200)}`);
        timesMs.push(performance.now() - begin);
        bytes = text.length;
      }
      const cpuMs = ((cpuOf(home.endpoint.pid) - cpu) * 1000) / scrapes;
      for (const feed of feeds) feed.close();
      const what = `${feeds.length} runs`;
      return [
        {
          name: `a scrape of the daemon's metrics, ${what}, p50`,
          value: percentile(timesMs, 0.5),
          unit: "ms",
        },
        {
          name: `a scrape of the daemon's metrics, ${what}, p99`,
          value: percentile(timesMs, 0.99),
          unit: "ms",
        },
        { name: "the daemon's CPU for one", value: cpuMs, unit: "ms", note: `${bytes} bytes` },
        { name: "memory of its own that showing them takes", value: showsMb - idleMb, unit: "MB" },
      ];
    },
    { STEPWELL_METRICS_LISTEN: "127.0.0.1:0" },
  );
}

async function settled(home) {
  await sleep(2_000);
  return home.memory().anonymous;
}
