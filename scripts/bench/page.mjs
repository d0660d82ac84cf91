/**
 * How soon the page shows the first curve of a large run, how evenly it moves, and what MLflow's own page takes for the
 * same run in the same browser. The time is from the address to the first picture of a plot, in a new profile each: nothing
 * is in a cache, and the page's process is a new one. The browser itself is open by then, as a user's is: a new profile opens
 * a window, and that loads programs of its own (the popup of the address bar among them), about 0.4 s of the processor. They
 * are waited for, for MLflow's page and for ours alike.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "./feed.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

const { openBrowser } = await import("../../build/test/support/browser.js");
const { MlflowServer } = await import("../../build/test/support/mlflow-server.js");
const turns = 5;
const mlflowTurns = 3;
const waitMs = 180_000;
/** A browser is at rest when all its processes together take less than this in so long, which is asked so often. */
const restCpuMs = 10;
const restMs = 300;
const restWaitMs = 20_000;

export async function page({ scale }) {
  const browser = await openBrowser({ isWhole: true });
  try {
    return [
      ...(await ofRun(browser, 10_000_000 * scale, 1, "10,000,000 points of one metric")),
      ...(await ofRun(browser, 1_000_000 * scale, 5_000, "5,000 metrics")),
    ];
  } finally {
    await browser.close();
  }
}

async function ofRun(browser, points, keys, what) {
  return await withHome(async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint);
    await feed.points(points, keys === 1 ? 1000 : 200, keys);
    feed.close();
    const own = (await home.stepwell("ui", "--no-open")).trim();
    const address = `${own}#/curves?run=${feed.runId}`;
    const firstMs = [];
    for (let turn = 0; turn < turns; turn++)
      firstMs.push(await timeTo(browser, address, ".plot[data-drawn=true] canvas"));
    const gapsMs = await framesWhilePanning(browser, address);
    await home.untilDrained();
    const theirs = await mlflowTimes(browser, home, feed.runId);
    return [
      {
        name: `the page's first curve, ${what}`,
        value: percentile(firstMs, 0.5),
        unit: "ms",
        atMost: 500,
        isOfCpu: true,
      },
      { name: `MLflow's page for the same run, ${what}`, value: percentile(theirs, 0.5), unit: "ms" },
      {
        name: `frames while it is moved, ${what}`,
        value: Math.round(1000 / percentile(gapsMs, 0.5)),
        unit: "a second",
        target: 60,
      },
      { name: `the gap between two of them, p95, ${what}`, value: percentile(gapsMs, 0.95), unit: "ms" },
    ];
  });
}

/** Milliseconds until an element is there and was painted. */
async function timeTo(browser, address, selector) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const tab = await context.newPage();
    await untilAtRest(browser);
    const begin = performance.now();
    await tab.goto(address, { waitUntil: "commit" });
    await tab.locator(selector).first().waitFor({ timeout: waitMs });
    await tab.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    return performance.now() - begin;
  } finally {
    await context.close();
  }
}

/** Waits until the browser's window has loaded what it loads by itself. Rejects where it never rests. */
async function untilAtRest(browser) {
  const session = await browser.newBrowserCDPSession();
  const cpuMs = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  try {
    let before = await cpuMs();
    for (const begin = performance.now(); performance.now() - begin < restWaitMs; ) {
      await sleep(restMs);
      const now = await cpuMs();
      if (Math.abs(now - before) < restCpuMs) return;
      before = now;
    }
    throw new Error(`The browser takes the processor ${restWaitMs} ms after its start.`);
  } finally {
    await session.detach();
  }
}

/** Milliseconds between frames while a plot is dragged with Shift for two seconds. */
async function framesWhilePanning(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const tab = await context.newPage();
    await tab.goto(address);
    await tab.locator(".plot[data-drawn=true] .u-over").first().waitFor({ timeout: waitMs });
    return await tab.evaluate(async () => {
      const over = document.querySelector(".u-over");
      const { left, top, width, height } = over.getBoundingClientRect();
      const at = (x) => ({
        clientX: left + x,
        clientY: top + height / 2,
        bubbles: true,
        shiftKey: true,
        button: 0,
      });
      const times = [];
      over.dispatchEvent(new MouseEvent("mousedown", at(width * 0.7)));
      for (let frame = 0; frame < 120; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(performance.now());
        window.dispatchEvent(new MouseEvent("mousemove", at(width * (0.7 - frame / 300))));
      }
      window.dispatchEvent(new MouseEvent("mouseup", at(0)));
      return times.slice(1).map((time, index) => time - times[index]);
    });
  } finally {
    await context.close();
  }
}

/** The same with MLflow's page over the same store. */
async function mlflowTimes(browser, home, runId) {
  const server = await MlflowServer.start({ store: `sqlite:///${home.database}` });
  try {
    const address = `${server.url}/#/experiments/0/runs/${runId}/model-metrics`;
    const drawn = ".js-plotly-plot .main-svg, .plot-container svg";
    const found = [];
    for (let turn = 0; turn < mlflowTurns; turn++)
      found.push(await timeTo(browser, address, drawn).catch(() => waitMs));
    return found;
  } finally {
    await server.remove();
  }
}
