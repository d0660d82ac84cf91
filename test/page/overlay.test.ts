/** Many runs over one another, by the keyboard, on paper, and in many tabs. */
import ava from "ava";
import { fileNameOf } from "../../src/web/curves/export.js";
import { styleAt } from "../../src/web/curves/line-style.js";
import { rangeByKey } from "../../src/web/curves/panning.js";
import { browserTest } from "../support/browser-test.js";
import { newRunId, type RawProducer } from "../support/producer.js";
import { until } from "../support/until.js";
import { beginning, csvOf, drawn, pageForAll, points, upTo, WAIT_MS } from "./opened-page.js";

const open = pageForAll(ava);
/** As many connections as a browser opens to a server, and one more. */
const TABS = 7;

async function begun(producer: RawProducer, count: number): Promise<string[]> {
  const runIds = upTo(count).map(() => newRunId());
  for (const [at, runId] of runIds.entries())
    producer.batch(at + 1, runId, {
      runStart: beginning(`run ${at}`),
      metrics: points("loss", 0, upTo(3, at)),
    });
  await producer.acknowledged(count);
  return runIds;
}

ava("forty runs have each a line of its own", (t) => {
  const names = new Set(upTo(40).map((at) => JSON.stringify(styleAt(at))));
  t.is(names.size, 40);
  t.deepEqual(styleAt(-1), styleAt(0));
});

ava("keys move and zoom a plot, within what an axis has", (t) => {
  t.deepEqual(rangeByKey("ArrowLeft", [0, 100]), [-25, 75]);
  t.deepEqual(rangeByKey("ArrowRight", [0, 100]), [25, 125]);
  t.deepEqual(rangeByKey("+", [0, 100]), [25, 75]);
  t.deepEqual(rangeByKey("-", [25, 75]), [0, 100]);
  t.is(rangeByKey("0", [0, 100]), undefined);
  t.is(rangeByKey("Tab", [0, 100]), null);
  const [min, max] = rangeByKey("-", [-(2 ** 63), 2 ** 63]) ?? [];
  t.deepEqual([min, max], [-(2 ** 63), 2 ** 63]);
});

ava("a file is named as its curve is, in any language, and stays in its folder", (t) => {
  t.is(fileNameOf("train/loss.csv"), "train-loss.csv");
  t.is(fileNameOf("損失.png"), "損失.png");
  t.is(fileNameOf("../../etc/passwd.csv"), "-..-etc-passwd.csv");
  t.is(fileNameOf(".csv"), "curve.csv");
  t.true(new TextEncoder().encode(fileNameOf(`${"𝔘".repeat(400)}.csv`)).length < 255);
});

browserTest("twenty runs are told apart in the plot and in its legend", async (t) => {
  const { page, url, producer, complaints } = await open(t);
  const runIds = await begun(producer, 20);
  await page.addInitScript(() => {
    const dashes: string[] = [];
    Object.assign(globalThis, { dashes });
    // uPlot sets those of its grid in the same way.
    const real = CanvasRenderingContext2D.prototype;
    const set = Reflect.get(real, "setLineDash") as (segments: number[]) => void;
    Reflect.set(real, "setLineDash", function (this: unknown, segments: number[]) {
      dashes.push(segments.join());
      Reflect.apply(set, this, [segments]);
    });
  });
  await page.goto(`${url}#/curves?${runIds.map((runId) => `run=${runId}`).join("&")}`);
  await drawn(page, "loss");
  await page.getByText("run 19", { exact: true }).waitFor();
  const samples = await page
    .locator(".legend .sample path")
    .evaluateAll((paths) =>
      paths.map((path) => `${path.getAttribute("stroke")} ${path.getAttribute("stroke-dasharray")}`),
    );
  t.is(new Set(samples).size, 20);
  t.is(await page.getByRole("img", { name: "dashed line" }).count(), 10);
  const dashes = await page.evaluate(() => (globalThis as unknown as { dashes: string[] }).dashes);
  t.deepEqual([...new Set(dashes)].sort(), ["", "8,4"], "and so are the lines themselves");
  t.deepEqual(complaints, []);
});

browserTest(
  "a plot is moved and zoomed by keys, one that is shown large is a step to go back from",
  async (t) => {
    const { page, url, producer, complaints } = await open(t);
    const [runId = ""] = await begun(producer, 1);
    await page.goto(`${url}#/curves?run=${runId}`);
    await drawn(page, "loss");
    await page.getByRole("img", { name: "Plot of loss" }).waitFor();
    await page.getByRole("button", { name: "loss", exact: true }).focus();
    await page.keyboard.press("+");
    await page.waitForURL(/from=0\.5&to=1\.5$/);
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/from=0\.75&to=1\.75$/);
    await page.keyboard.press("0");
    await page.waitForURL(`${url}#/curves?run=${runId}`);
    await page.getByRole("button", { name: "loss", exact: true }).click();
    await page.getByText("All curves").waitFor();
    t.is(await page.title(), "loss – Curves – Stepwell");
    await page.goBack();
    await page.getByText("All curves").waitFor({ state: "detached" });
    t.is(page.url(), `${url}#/curves?run=${runId}`);
    t.is((await csvOf(page, "loss")).length, 3);
    t.deepEqual(complaints, []);
  },
);

browserTest("what is printed in the dark is drawn for white paper", async (t) => {
  const { page, url, producer } = await open(t);
  const [runId = ""] = await begun(producer, 1);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}#/curves?run=${runId}`);
  await drawn(page, "loss");
  /** The colors that the plot has below its axis, where only words and the grid are. */
  const seen = async () =>
    await page.evaluate(() => {
      const canvas = document.querySelector("canvas");
      const data = canvas?.getContext("2d")?.getImageData(0, canvas.height - 40, canvas.width, 40).data ?? [];
      const colors = new Set<string>();
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] === 255) colors.add(`${data[at]} ${data[at + 1]} ${data[at + 2]}`);
      return [...colors].sort().join();
    });
  const inDark = await seen();
  await page.emulateMedia({ colorScheme: "light" });
  const inLight = await until("it is drawn for the light", seen, (now) => now !== inDark, {
    withinMs: WAIT_MS,
  });
  await page.emulateMedia({ colorScheme: "dark" });
  await until("it is drawn for the dark", seen, (now) => now === inDark, { withinMs: WAIT_MS });
  await page.emulateMedia({ colorScheme: "dark", media: "print" });
  await until("it is drawn for paper", seen, (now) => now === inLight, { withinMs: WAIT_MS });
  t.false(await page.getByRole("toolbar").isVisible());
});

browserTest("more tabs than a browser has connections all show their curves", async (t) => {
  const { page, url, producer } = await open(t);
  const [runId = ""] = await begun(producer, 1);
  for (let tab = 0; tab < TABS; tab++) {
    const each = await page.context().newPage();
    await each.goto(`${url}#/curves?run=${runId}`);
    await drawn(each, "loss");
    // Headless, each tab takes itself for the one that is seen.
    await each.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
  }
  const [first] = page.context().pages().slice(1);
  if (!first) throw new Error("there is no tab");
  producer.batch(2, runId, { metrics: points("acc", 0, [1]) });
  await producer.acknowledged(2);
  // One that is seen again shows what came meanwhile.
  await first.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await drawn(first, "acc");
  t.is(await first.locator(".card").count(), 2);
});
