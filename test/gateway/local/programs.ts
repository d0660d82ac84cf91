/** Random requests over all routes that a local tracker answers. */
import fc from "fast-check";
import { EXPERIMENTS, filter, MODELS, order, RUNS } from "./filters.js";
import type { Seeded } from "./seed.js";
import type { Asked } from "./two-sides.js";

/** No order is by what each side makes by itself: ids of models, and names of those that were given none. */
const V2 = "/api/2.0/mlflow";
const AJAX = "/ajax-api/2.0/mlflow";
const NAMES = [
  "red",
  "a b",
  "x/y",
  "é漢",
  "",
  "..",
  "a//b",
  "/a",
  "a:b",
  "a%b",
  "p.q",
  "mlflow.note",
  "x'y",
  'x"y',
  "a\n",
  "a\u0000",
  "q".repeat(251),
  "k".repeat(600),
  "mlflow.trace.archivalRetention",
  "mlflow.trace.archiveNow",
  "mlflow.customView.view1",
  "😀",
];
const VALUES = [
  "",
  "v",
  "é漢😀",
  "a'b\"c\\",
  "\u0001\u007f\u2028",
  '{"type": "duration", "value": "30d"}',
  '{"older_than": "5x"}',
  "x".repeat(20_001),
  "null",
];

/** What MLflow 2's clients say of a model; what it lacks is one thing at most, for a set of more has any order. */
const RECORDED = [
  '{"artifact_path": "m", "flavors": {"sklearn": {"config": "x", "é": 1}, "odd": 3}, "utc_time_created": "2026-01-01 00:00:00", "run_id": "r", "model_uuid": "u", "more": [1]}',
  '{"artifact_path": "m", "flavors": {}, "utc_time_created": "t", "run_id": null}',
  '{"artifact_path": "m", "flavors": {}, "utc_time_created": "t"}',
  "{",
];

const pick = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const rare = <Value, Other>(usual: fc.Arbitrary<Value>, unusual: fc.Arbitrary<Other>, weight = 10) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: unusual });
/** A field that may be missing. */
const perhaps = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 });

const post = (path: string, fields: Record<string, fc.Arbitrary<unknown>>, base = V2) =>
  fc.record(fields).map((body): Asked => ({ method: "POST", path: `${base}/${path}`, body }));
const get = (path: string, fields: Record<string, fc.Arbitrary<string | string[] | undefined>>, base = V2) =>
  fc.record(fields).map(
    (found): Asked => ({
      method: "GET",
      path: `${base}/${path}`,
      query: Object.entries(found).flatMap(([name, value]) =>
        [value ?? []].flat().map((each): [string, string] => [name, each]),
      ),
    }),
  );

/** Any request. */
export function request({ experiments, runs, models }: Seeded): fc.Arbitrary<Asked> {
  const experimentId = rare(
    pick(...experiments, "1", "7", "8"),
    pick("99", "x", "", " 1 ", "+1", "1_0", "-1", "99999999999999999999", "1.0", "٣"),
    12,
  );
  const experimentIds = rare(
    fc.oneof(
      pick([...experiments]),
      fc.uniqueArray(pick(...experiments, "1", "7"), { minLength: 1, maxLength: 4 }),
    ),
    pick<unknown>([], ["x"], ["0", "0"], ["99999999999999999999"], undefined, null),
  );
  const runId = rare(
    pick(...runs),
    pick("", "nope", "a/b", "-x", "«0»", "é", "x".repeat(300), runs[0]?.toUpperCase() ?? ""),
    12,
  );
  const modelId = rare(pick(...models, "«0»", "«1»", "«2»"), pick("m-nope", "x", runs[0] ?? ""), 12);
  const name = pick(...NAMES);
  const value = pick(...VALUES);
  const key = rare(pick("color", "team", "a b", "depth", "p.q", "note"), name, 3);
  const most = (numbers: readonly unknown[]) =>
    rare(pick<unknown>(...numbers), pick<unknown>(0, -1, 50_001, "7", "1e1", 3.0, 2 ** 31), 8);
  const token = rare(
    pick<string | undefined>(undefined),
    pick<string | undefined>(
      "",
      "x",
      "eyJvZmZzZXQiOiAzfQ==",
      "eyJvZmZzZXQiOiAwfQ==",
      "e30=",
      "W10=",
      "NQ==",
      "eyJvZmZzZXQiOiAieCJ9",
      "eyJvZmZzZXQiOiAiMiJ9",
      "!!",
      "AAA",
      "é",
      "eyJvZmZzZXQiOiAtM30=",
      "gICA",
    ),
    6,
  );
  const metricKey = rare(pick("loss", "acc", "a b", "val/loss", "m.n"), pick("none", "", "é"), 6);
  const view = pick<unknown>("ACTIVE_ONLY", "ALL", "DELETED_ONLY", 1, 2, 3, "2", "FOO", undefined);
  const entry = fc.record({ key: perhaps(key), value: perhaps(value) });

  return fc.oneof(
    { weight: 2, arbitrary: get("experiments/get", { experiment_id: perhaps(experimentId) }) },
    {
      weight: 2,
      arbitrary: get("experiments/get-by-name", {
        experiment_name: perhaps(rare(pick("alpha", "Default", "gone", "délta 漢", "new"), name)),
      }),
    },
    {
      weight: 2,
      arbitrary: post("experiments/create", {
        name: rare(pick("new", "n1", "n2", "n3", "n4"), name, 2),
        artifact_location: rare(
          pick(undefined, "s3://b/x", "/tmp/x", "file:///tmp/y", "s3://b?a=1"),
          pick(
            "http://h/x",
            "mlflow-artifacts://h/x",
            "runs:/x",
            "s3://b#f",
            "s3://b?..",
            "file://far/x",
            "x".repeat(2100),
            "mlflow-artifacts:/z",
            "s3://b/x;p",
            "dbfs:/q",
          ),
        ),
        tags: perhaps(fc.array(entry, { maxLength: 2 })),
      }),
    },
    {
      weight: 1,
      arbitrary: post("experiments/update", {
        experiment_id: perhaps(experimentId),
        new_name: rare(pick("ren1", "ren2", "alpha"), name, 2),
      }),
    },
    { weight: 1, arbitrary: post("experiments/delete", { experiment_id: experimentId }) },
    { weight: 3, arbitrary: post("experiments/restore", { experiment_id: experimentId }) },
    {
      weight: 2,
      arbitrary: post("experiments/set-experiment-tag", {
        experiment_id: experimentId,
        key: perhaps(key),
        value: perhaps(value),
      }),
    },
    { weight: 1, arbitrary: post("experiments/delete-experiment-tag", { experiment_id: experimentId, key }) },
    {
      weight: 8,
      arbitrary: post("experiments/search", {
        filter: perhaps(filter(EXPERIMENTS)),
        order_by: perhaps(fc.array(order(EXPERIMENTS), { maxLength: 2 })),
        max_results: most([1, 2, 100]),
        view_type: view,
        page_token: token,
      }),
    },
    {
      weight: 1,
      arbitrary: get("experiments/search", {
        filter: perhaps(filter(EXPERIMENTS)),
        order_by: perhaps(fc.array(order(EXPERIMENTS), { maxLength: 2 })),
        max_results: pick("2", "100", "x"),
        view_type: pick("ALL", "3", undefined),
      }),
    },
    { weight: 1, arbitrary: post("experiments/search-datasets", { experiment_ids: experimentIds }, AJAX) },
    { weight: 4, arbitrary: get("runs/get", { run_id: perhaps(runId), run_uuid: perhaps(runId) }) },
    {
      weight: 30,
      arbitrary: post("runs/search", {
        experiment_ids: experimentIds,
        filter: perhaps(filter(RUNS)),
        order_by: perhaps(fc.array(order(RUNS), { maxLength: 3 })),
        max_results: most([1, 3, 5, 1000]),
        run_view_type: view,
        page_token: token,
      }),
    },
    { weight: 1, arbitrary: post("runs/delete", { run_id: perhaps(runId) }) },
    { weight: 3, arbitrary: post("runs/restore", { run_id: perhaps(runId) }) },
    {
      weight: 2,
      arbitrary: post("runs/log-inputs", {
        run_id: perhaps(runId),
        datasets: perhaps(
          fc.array(
            fc.record({
              dataset: perhaps(
                fc.record({
                  name: perhaps(pick("plain", "d", ...NAMES)),
                  digest: perhaps(pick("p", "d1", "x".repeat(37))),
                  source_type: pick("local", undefined),
                  source: pick("{}", "é"),
                  schema: pick("s", "", undefined),
                  profile: pick("p", undefined),
                }),
              ),
              tags: perhaps(
                fc.array(
                  fc.record({
                    key: perhaps(pick("mlflow.data.context", "t", "x".repeat(256))),
                    value: perhaps(pick("train", "é", "x".repeat(501))),
                  }),
                  { maxLength: 2 },
                ),
              ),
            }),
            { maxLength: 2 },
          ),
        ),
        models: perhaps(fc.array(fc.record({ model_id: modelId }), { maxLength: 2 })),
      }),
    },
    {
      weight: 2,
      arbitrary: post("runs/outputs", {
        run_id: perhaps(runId),
        models: rare(
          fc.array(
            fc.record({ model_id: modelId, step: perhaps(pick<unknown>(0, 3, "5", 9007199254740991)) }),
            { maxLength: 1 },
          ),
          pick<unknown>(undefined, "x"),
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: get("metrics/get-history", {
        run_id: perhaps(runId),
        metric_key: perhaps(metricKey),
        max_results: pick(undefined, "1", "3", "100", "0", "-1", "x", "1e1"),
        page_token: token,
      }),
    },
    {
      weight: 2,
      arbitrary: get(
        "metrics/get-history-bulk",
        {
          run_id: fc.array(runId, { maxLength: 4 }),
          metric_key: perhaps(metricKey),
          max_results: pick(undefined, "1", "5", "x", "-1", "0"),
        },
        AJAX,
      ),
    },
    {
      weight: 3,
      arbitrary: get("metrics/get-history-bulk-interval", {
        run_ids: fc.array(runId, { maxLength: 3 }),
        metric_key: perhaps(metricKey),
        start_step: pick(undefined, "-2", "0", "3"),
        end_step: pick(undefined, "1", "5"),
        max_results: pick(undefined, "1", "2", "3", "0", "2501", "x"),
      }),
    },
    {
      weight: 2,
      arbitrary: post("runs/log-model", { run_id: perhaps(runId), model_json: perhaps(pick(...RECORDED)) }),
    },
    {
      weight: 3,
      arbitrary: post("logged-models", {
        experiment_id: perhaps(experimentId),
        name: rare(
          pick("net", "model 1"),
          name.filter((each) => each !== ""),
          3,
        ),
        model_type: perhaps(pick("agent", "")),
        source_run_id: perhaps(runId),
        params: perhaps(fc.array(entry, { maxLength: 2 })),
        tags: perhaps(fc.array(entry, { maxLength: 2 })),
      }),
    },
    {
      weight: 14,
      arbitrary: post("logged-models/search", {
        experiment_ids: experimentIds,
        filter: perhaps(filter(MODELS)),
        max_results: most([1, 2, 50]),
        order_by: perhaps(
          fc.array(
            fc.record({
              field_name: perhaps(
                rare(
                  pick(
                    "creation_timestamp",
                    "creation_time",
                    "name",
                    "metrics.loss",
                    "metrics.a b",
                    "status",
                    "last_updated_timestamp",
                    "source_run_id",
                  ),
                  pick("foo", "params.x", "metrics.", ""),
                  5,
                ),
              ),
              ascending: pick(true, false, undefined),
              dataset_name: pick(undefined, undefined, "plain"),
              dataset_digest: pick(undefined, undefined, "p", "q"),
            }),
            { maxLength: 2 },
          ),
        ),
        datasets: rare(
          pick<unknown>(undefined),
          fc.array(
            fc.record({
              dataset_name: rare(pick("plain", "x"), pick(undefined, ""), 4),
              dataset_digest: pick(undefined, "p"),
            }),
            { maxLength: 2 },
          ),
          3,
        ),
        page_token: rare(pick(undefined), token, 6),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(modelId, pick(undefined, "true", "false", "TRUE")).map(
        ([id, deleted]): Asked => ({
          method: "GET",
          path: `${V2}/logged-models/${id}`,
          query: deleted ? [["allow_deleted", deleted]] : [],
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          modelId,
          rare(
            pick<unknown>(1, 2, 3, "LOGGED_MODEL_READY", "2"),
            pick<unknown>(0, 7, "FOO", undefined, null),
          ),
        )
        .map(
          ([id, status]): Asked => ({
            method: "PATCH",
            path: `${V2}/logged-models/${id}`,
            body: { model_id: id, status },
          }),
        ),
    },
    {
      weight: 1,
      arbitrary: modelId.map(
        (id): Asked => ({ method: "DELETE", path: `${V2}/logged-models/${id}`, body: {} }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(modelId, fc.array(entry, { maxLength: 2 })).map(
        ([id, params]): Asked => ({
          method: "POST",
          path: `${V2}/logged-models/${id}/params`,
          body: { model_id: id, params },
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(modelId, fc.array(entry, { maxLength: 2 })).map(
        ([id, tags]): Asked => ({
          method: "PATCH",
          path: `${V2}/logged-models/${id}/tags`,
          body: { tags },
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(modelId, pick("color", "a%20b", "none", "p.q")).map(
        ([id, tag]): Asked => ({
          method: "DELETE",
          path: `${V2}/logged-models/${id}/tags/${tag}`,
          body: {},
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          pick(
            "experiments/search",
            "runs/search",
            "runs/get",
            "experiments/create",
            "logged-models/search",
            "runs/delete",
            "experiments/get",
          ),
          rare(
            pick<unknown>(
              { name: 5 },
              { experiment_id: 5 },
              { run_id: ["x"] },
              { max_results: "x" },
              { filter: 5, max_results: 5 },
              { experiment_ids: "x" },
              { order_by: "x", max_results: 5 },
              { run_view_type: 9, experiment_ids: ["1"] },
              { experimentIds: ["1"], maxResults: 2 },
              { experiment_ids: [1] },
            ),
            pick<unknown>({ tags: [null], name: "n" }, { max_results: 1e12 }),
          ),
        )
        .map(
          ([path, body]): Asked => ({
            method: path.endsWith("/get") ? "GET" : "POST",
            path: `${V2}/${path}`,
            body,
          }),
        ),
    },
  );
}
