import { Readable } from "node:stream";
import test from "ava";
import type { Artifacts } from "../../src/gateway/artifacts/artifacts.js";
import { jsonAnswer } from "../../src/gateway/call.js";
import { SeenExperiments } from "../../src/gateway/experiments.js";
import { Gateway } from "../../src/gateway/gateway.js";
import type { GatewayRuns } from "../../src/gateway/gateway-runs.js";
import type { KnownAnswers } from "../../src/gateway/known-answers.js";
import { readText } from "../../src/gateway/read-text.js";
import type { RunHistory } from "../../src/gateway/run-history.js";
import { SeenModels } from "../../src/gateway/seen-models.js";
import { ApiDown, type TrackerApi } from "../../src/gateway/tracker-api.js";
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
    history: {} as RunHistory,
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

test("ids that the daemon gave out are the tracker's own in whatever is passed on", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const [ours, theirs] = ["a".repeat(32), "b".repeat(32)];
  let isAway = true;
  const passed: unknown[] = [];
  const api: TrackerApi = {
    pass: async ({ search, headers, body }) => {
      passed.push([search, headers["x-mlflow-experiment-id"], body ? await readText(body, 10_000) : ""]);
      return jsonAnswer({});
    },
    ask: (_method, _path, { experiment_name: name }) =>
      isAway
        ? Promise.reject(new ApiDown("away"))
        : Promise.resolve({ status: 200, body: { experiment: { experiment_id: "7", name } } }),
    close: () => Promise.resolve(),
  };
  const runs = {
    idAt: async (_target: Target, runId: string) => (runId === ours ? theirs : runId),
    runsIn: async () => [],
    flush: async () => undefined,
    suggestExperiment: async () => undefined,
  };
  const gateway = new Gateway({
    runs: runs as unknown as GatewayRuns,
    experiments: new SeenExperiments(store),
    models: await SeenModels.open(store),
    history: {} as RunHistory,
    answers: {} as KnownAnswers,
    artifacts: {} as Artifacts,
    clock: new SetClock(),
    openApi: () => api,
  });
  const ask = async (path: string, search: string, body: string, more: Record<string, string> = {}) => {
    const headers = {
      ...{ "content-type": "application/json", "content-length": String(body.length) },
      ...more,
    };
    const answer = await gateway.answer({
      ...{ method: "POST", path, search, target: TARGET, headers },
      ...{ body: Readable.from([Buffer.from(body)]), programRunId: "" },
      signal: new AbortController().signal,
    });
    return JSON.parse(answer.kind === "text" ? answer.body : "{}") as { experiment_id?: string };
  };
  const { experiment_id: id = "" } = await ask("/api/2.0/mlflow/experiments/create", "", '{"name":"digits"}');
  t.regex(id, /^8\d{15}$/);
  isAway = false;
  const other = "8".repeat(16);
  const body = `{"experiment_ids":["${id}","${other}"],"of":"${ours}${ours}"}`;
  await ask("/api/2.0/mlflow/runs/search", "", body);
  await ask("/api/3.0/mlflow/traces", `?run=${ours}`, `{"request_metadata":{"r":"${ours}"},"e":"${id}"}`);
  await ask("/v1/traces", "", `${id}`, {
    ...{ "content-type": "application/x-protobuf", "x-mlflow-experiment-id": id },
  });
  t.deepEqual(passed, [
    ["", undefined, `{"experiment_ids":["7","${other}"],"of":"${ours}${ours}"}`],
    [`?run=${theirs}`, undefined, `{"request_metadata":{"r":"${theirs}"},"e":"7"}`],
    ["", "7", `${id}`],
  ]);
});
