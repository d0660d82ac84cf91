/** Links into the page that name a run by the id that an MLflow server gave it, as its own page shows it. */
import ava from "ava";
import { browserTest } from "../support/browser-test.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId } from "../support/producer.js";
import { PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { beginning, csvOf, drawn, pageForAll, points, upTo } from "./opened-page.js";

const server = serverForAll(ava);
const open = pageForAll(ava);

browserTest(
  "a link that names a run by its server's id draws it, compares it, and gets our id",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const { home } = await homeAtServer(t, server().url);
    const { page, url, producer, complaints } = await open(t, home);
    const runId = newRunId();
    producer.batch(1, runId, { runStart: beginning("theirs"), metrics: points("loss", 0, upTo(3)) });
    await producer.acknowledged(1);
    t.is((await home.here(["flush", "--timeout=100"])).code, 0);
    const told = (await home.json(["runs", "show", runId])) as { deliveries: { mlflow_run_id: string }[] };
    const shownId = told.deliveries[0]?.mlflow_run_id ?? "";
    t.regex(shownId, /^[0-9a-f]{32}$/);
    t.not(shownId, runId);
    await page.goto(`${url}#/curves?run=${shownId}`);
    await drawn(page, "loss");
    await page.getByText("theirs").waitFor();
    t.is((await csvOf(page, "loss")).length, 3);
    t.is(page.url(), `${url}#/curves?run=${runId}`);
    await page.goto(`${url}#/diff?run=${shownId}`);
    await page.getByRole("columnheader", { name: "theirs" }).waitFor();
    await page.getByRole("rowheader", { name: "loss" }).waitFor();
    t.deepEqual(complaints, []);
  },
);
