import { Readable } from "node:stream";
import test from "ava";
import type { Artifacts } from "../../src/gateway/artifacts/artifacts.js";
import { SeenExperiments } from "../../src/gateway/experiments.js";
import { Gateway } from "../../src/gateway/gateway.js";
import type { GatewayRuns } from "../../src/gateway/gateway-runs.js";
import type { KnownAnswers } from "../../src/gateway/known-answers.js";
import { SeenModels } from "../../src/gateway/seen-models.js";
import type { TrackerApi } from "../../src/gateway/tracker-api.js";
import type { Target } from "../../src/model/target.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const TARGET: Target = {
  trackerId: "0".repeat(32),
  tracker: "remote",
  backend: { kind: "databricks", trackerId: "0".repeat(32), uri: "databricks", settings: {} },
};

test("an experiment is asked for, and made, by the name that it has at the tracker", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const asked: unknown[] = [];
  const api: TrackerApi = {
    pass: () => Promise.reject(new Error("nothing is passed on")),
    ask: (_method, path, content) => {
      asked.push([path.split("/").at(-1), content]);
      return Promise.resolve({ status: 200, body: { experiment_id: "7" } });
    },
    experimentName: (name) => `/${name}`,
    close: () => Promise.resolve(),
  };
  const gateway = new Gateway({
    runs: {} as GatewayRuns,
    experiments: new SeenExperiments(store),
    models: await SeenModels.open(store),
    answers: {} as KnownAnswers,
    artifacts: {} as Artifacts,
    clock: new SetClock(),
    openApi: () => api,
  });
  const ask = (method: string, path: string, search: string, body: string) =>
    gateway.answer({
      ...{ method, path: `/api/2.0/mlflow/experiments/${path}`, search, target: TARGET },
      headers: { "content-type": "application/json" },
      body: Readable.from([Buffer.from(body)]),
      programRunId: "",
      signal: new AbortController().signal,
    });
  await ask("GET", "get-by-name", "?experiment_name=digits", "");
  await ask("POST", "create", "", '{"name": "digits", "tags": []}');
  await ask("GET", "get", "?experiment_id=7", "");
  t.deepEqual(asked, [
    ["get-by-name", { experiment_name: "/digits" }],
    ["create", { name: "/digits", tags: [] }],
    ["get", { experiment_id: "7" }],
  ]);
});
