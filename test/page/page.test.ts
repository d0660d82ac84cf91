/** The daemon's page in a real browser, with a run that goes on and no MLflow at all. */
import ava from "ava";
import Database from "libsql";
import { browserTest } from "../support/browser-test.js";
import { newRunId, RawProducer } from "../support/producer.js";
import { until } from "../support/until.js";
import { beginning, csvOf, drawn, pageForAll, points, upTo, WAIT_MS } from "./opened-page.js";

const HOSTILE = `<img src=x onerror="document.title='owned'">\u202e=cmd|'/c calc'!A1`;

/** One home for all, which go one after the other: the first of them finds it empty. */
const open = pageForAll(ava);

browserTest(
  "a run is seen to begin and to move, its plot holds what was logged, and a link opens the same view",
  async (t) => {
    const { page, url, producer, complaints } = await open(t);
    await page.goto(url);
    await page.getByText("No run yet.").waitFor();
    const runId = newRunId();
    const begunMs = performance.now();
    producer.batch(1, runId, { runStart: beginning("moving"), metrics: points("loss", 0, upTo(3)) });
    await producer.acknowledged(1);
    await page.getByRole("link", { name: "moving" }).waitFor();
    t.log(`a run is in the table ${Math.round(performance.now() - begunMs)} ms after its first point`);
    // By the keyboard alone.
    await page.getByRole("link", { name: "moving" }).focus();
    await page.keyboard.press("Enter");
    await drawn(page, "loss");
    const isThere = async (count: number) => (await csvOf(page, "loss")).length === count;
    t.true(await isThere(3));
    const movedMs = performance.now();
    producer.batch(2, runId, { metrics: points("loss", 3, upTo(2, 3)) });
    producer.batch(3, runId, { metrics: points("acc", 0, [1]) });
    await producer.acknowledged(3);
    await drawn(page, "acc");
    t.log(`a new curve is drawn ${Math.round(performance.now() - movedMs)} ms after its first point`);
    await until(
      "new points are shown",
      () => isThere(5),
      (is) => is,
      { withinMs: WAIT_MS },
    );
    const rows = await csvOf(page, "loss");
    t.deepEqual(
      rows.map(([, key, first, , points, , , value]) => [key, first, points, Number(value)]),
      upTo(5).map((step) => ["loss", String(step), "1", step]),
    );
    await page.getByLabel("Keys, as a regular expression").fill("^ac");
    await page.getByLabel("Axis").selectOption("relative");
    await page.getByLabel("Log").check();
    await until(
      "one curve is left",
      () => page.locator(".card").count(),
      (count) => count === 1,
      { withinMs: WAIT_MS },
    );
    const link = page.url();
    const again = await page.context().newPage();
    await again.goto(link);
    await drawn(again, "acc");
    t.is(await again.getByLabel("Axis").inputValue(), "relative");
    t.true(await again.getByLabel("Log").isChecked());
    t.is(await again.locator(".card").count(), 1);
    t.deepEqual(complaints, []);
  },
);

browserTest("a part that is chosen comes in finer buckets, and a spike is in each of them", async (t) => {
  const { page, url, producer, complaints } = await open(t);
  const runId = newRunId();
  const count = 40_000;
  producer.batch(1, runId, { runStart: beginning("long"), metrics: points("loss", 0, upTo(count)) });
  producer.batch(2, runId, { metrics: points("loss", count, [1e6]) });
  await producer.acknowledged(2);
  await page.goto(`${url}#/curves?run=${runId}&one=loss`);
  await drawn(page, "loss");
  const all = await until(
    "all is shown",
    () => csvOf(page, "loss"),
    (rows) => sumOf(rows) === count + 1,
    { withinMs: WAIT_MS },
  );
  t.is(Math.max(...all.map((row) => Number(row[6]))), 1e6);
  const over = page.locator(".u-over");
  const box = (await over.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.51, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=.*to=/);
  const part = await until(
    "the part is shown",
    () => csvOf(page, "loss"),
    (rows) => sumOf(rows) < count / 50,
    { withinMs: WAIT_MS },
  );
  const width = (rows: string[][]) => Math.max(...rows.map((row) => Number(row[3]) - Number(row[2])));
  t.true(width(all) > 0);
  t.is(width(part), 0, "each point by itself");
  await page.getByText("Show all").click();
  await until(
    "all is shown again",
    () => csvOf(page, "loss"),
    (rows) => sumOf(rows) === count + 1,
    { withinMs: WAIT_MS },
  );
  t.deepEqual(complaints, []);
});

browserTest("an expression that would go on for ever ends, and the page goes on meanwhile", async (t) => {
  const { page, url, producer, complaints } = await open(t);
  const runId = newRunId();
  const slow = `${"a".repeat(60)}-`;
  const metrics = [...points(slow, 0, [1]), ...points("loss", 0, [1])];
  producer.batch(1, runId, { runStart: beginning("slow"), metrics });
  await producer.acknowledged(1);
  await page.goto(`${url}#/curves?run=${runId}&keys=${encodeURIComponent("^(l.*s|none)$")}`);
  await drawn(page, "loss");
  t.is(await page.locator(".card").count(), 1);
  await page.getByLabel("Keys, as a regular expression").fill("^(a+)+$");
  await page.getByText("takes too long; all curves are shown").waitFor();
  await drawn(page, slow);
  t.is(await page.locator(".card").count(), 2);
  t.deepEqual(complaints, []);
});

browserTest("an open page goes on when its daemon is started again, at the same address", async (t) => {
  const { home, page, url, producer } = await open(t);
  const runId = newRunId();
  producer.batch(1, runId, { runStart: beginning("before"), metrics: points("loss", 0, upTo(3)) });
  await producer.acknowledged(1);
  await page.goto(url);
  await page.getByRole("link", { name: "before" }).waitFor();
  t.is((await home.here(["daemon", "stop"])).code, 0);
  await page.getByText("The daemon is away").waitFor();
  const endpoint = await home.startDaemonOrFind();
  t.is((await home.stepwell(["ui", "--no-open"])).stdout.trim(), url);
  const next = new RawProducer(endpoint);
  t.teardown(() => next.cut());
  next.hello();
  next.batch(1, newRunId(), { runStart: beginning("after"), metrics: points("loss", 0, upTo(3)) });
  await next.acknowledged(1);
  await page.getByRole("link", { name: "after" }).waitFor();
  await page.getByText("The daemon is away").waitFor({ state: "detached" });
});

browserTest(
  "names that are programs are text, in light and dark, and a phone's width holds all",
  async (t) => {
    const { page, url, producer, complaints } = await open(t);
    const runId = newRunId();
    producer.batch(1, runId, { runStart: beginning(HOSTILE), metrics: points("__proto__", 0, upTo(2)) });
    await producer.acknowledged(1);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(url);
    const link = page.getByRole("link", { name: "onerror" });
    await link.waitFor();
    const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    t.false(await isWide());
    await link.click();
    await page.locator(".plot[data-drawn=true]").waitFor();
    t.false(await isWide());
    await page.goto(`${url}#/daemon`);
    await page.getByText("Nothing is wrong").waitFor();
    t.false(await isWide());
    t.is(await page.title(), "Daemon – Stepwell");
    t.deepEqual(complaints, []);
  },
);

browserTest("dead letters are shown, sent again and dropped, and the doctor looks at the home", async (t) => {
  const { home, page, url, producer, complaints } = await open(t);
  const runId = newRunId();
  producer.batch(1, runId, { runStart: beginning("refused"), metrics: points("loss", 0, [1]) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  // Somebody else gave the run this param meanwhile.
  const shown = (await home.json(["runs", "show", runId])) as {
    deliveries: { experiment_tracker_url: string }[];
  };
  const store = shown.deliveries[0]?.experiment_tracker_url.replace("sqlite:///", "") ?? "";
  const database = new Database(store);
  database.prepare("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)").run("lr", "theirs", runId);
  database.close();
  producer.batch(2, runId, { params: [{ key: "lr", value: "ours" }] });
  await producer.acknowledged(2);
  await page.goto(`${url}#/daemon`);
  await page.getByText("STEPWELL_PARAM_CHANGED").waitFor();
  const letter = page.getByLabel(/^Choose letter /);
  const first = await letter.getAttribute("aria-label");
  await page.getByLabel("Choose all").check();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByText("1 entries are sent again").waitFor();
  // It is refused again: another letter. What was chosen of the one before is nothing by then.
  await until(
    "another letter is there",
    async () => await letter.getAttribute("aria-label", { timeout: 1_000 }).catch(() => null),
    (name) => name !== null && name !== first,
    { withinMs: WAIT_MS },
  );
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByLabel("Choose all").check();
  await page.getByRole("button", { name: "Drop" }).click();
  await page.getByText("1 entries are dropped").waitFor();
  await page.getByRole("button", { name: "Look at every file and server" }).click();
  await page.getByRole("row", { name: /Node\.js ok/ }).waitFor();
  t.deepEqual(complaints, []);
});

function sumOf(rows: readonly (readonly string[])[]): number {
  return rows.reduce((sum, row) => sum + Number(row[4]), 0);
}
