/** Links into the page: runs by whichever id they are named, and single points of a part that goes on. */
import ava from "ava";
import { browserTest } from "../support/browser-test.js";
import { newRunId } from "../support/producer.js";
import { until } from "../support/until.js";
import { beginning, csvOf, drawn, pageForAll, points, upTo, WAIT_MS } from "./opened-page.js";

const open = pageForAll(ava);

browserTest(
  "a link names a run by its first digits: it is drawn, and the address gets the whole id",
  async (t) => {
    const { page, url, producer, complaints } = await open(t);
    const [one, other] = [newRunId(), newRunId()];
    for (const [at, runId] of [one, other].entries())
      producer.batch(at + 1, runId, {
        runStart: beginning(`run ${at}`),
        metrics: points("loss", 0, upTo(3)),
      });
    await producer.acknowledged(2);
    await page.goto(`${url}#/curves?run=${other.slice(0, 8)}&run=${one}&run=${other}&keys=^l`);
    await drawn(page, "loss");
    await page.waitForURL(`${url}#/curves?run=${other}&run=${one}&keys=%5El`);
    await page.getByText("run 1").waitFor();
    const rows = await until(
      "both are drawn",
      () => csvOf(page, "loss"),
      (all) => all.length === 6,
      { withinMs: WAIT_MS },
    );
    t.deepEqual([...new Set(rows.map(([run]) => run))], ["run 1", "run 0"]);
    // What was not found is said, and what to do; nothing is drawn in its place.
    await page.goto(`${url}#/curves?run=${"0".repeat(32)}`);
    await page.getByText("STEPWELL_RUN_UNKNOWN").waitFor();
    t.is(await page.locator(".card").count(), 0);
    await page.goto(`${url}#/diff?run=${other.slice(0, 8)}&run=${one}`);
    await page.getByRole("columnheader", { name: "run 1" }).waitFor();
    const refused = complaints.filter((each) => !each.includes("400 (Bad Request)"));
    t.deepEqual(refused, []);
  },
);

browserTest(
  "the single points of a part that is shown large are read anew when more come into it",
  async (t) => {
    const { home, page, url, producer, complaints } = await open(t);
    const runId = newRunId();
    const count = 40_000;
    producer.batch(1, runId, { runStart: beginning("goes on"), metrics: points("loss", 0, upTo(count)) });
    await producer.acknowledged(1);
    t.is((await home.here(["flush"])).code, 0);
    await page.goto(`${url}#/curves?run=${runId}&from=${count - 20}&to=${count + 20}`);
    await drawn(page, "loss");
    const shown = async () =>
      (await csvOf(page, "loss")).map(([, , first, last, number, , , value]) =>
        [first, last, number, value].join(),
      );
    const single = (step: number) => [step, step, 1, step].join();
    const isAllOf = (from: number, to: number) => (rows: readonly string[]) =>
      upTo(to - from, from).every((step) => rows.includes(single(step)));
    const before = await until("each point is shown by itself", shown, isAllOf(count - 20, count), {
      withinMs: WAIT_MS,
    });
    t.false(before.includes(single(count)));
    for (const [batch, from] of [count, count + 5].entries()) {
      producer.batch(batch + 2, runId, { metrics: points("loss", from, upTo(5, from)) });
      await producer.acknowledged(batch + 2);
      const rows = await until("new points are shown by themselves", shown, isAllOf(count - 20, from + 5), {
        withinMs: WAIT_MS,
      });
      t.is(new Set(rows).size, rows.length, "each once");
    }
    t.deepEqual(complaints, []);
  },
);
