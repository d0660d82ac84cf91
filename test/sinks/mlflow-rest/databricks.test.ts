/** A scripted Databricks: hosts, tokens, OAuth, rates, paths, and a store that appends. */
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { RateLimit, WorkspaceRates } from "../../../src/mlflow/rate.js";
import { LATE_MS, SERVER_REQUESTS_MAX } from "../../../src/model/limits.js";
import type { RestSinkOptions } from "../../../src/sinks/mlflow-rest/rest-sink.js";
import type { Sink } from "../../../src/sinks/sink.js";
import { SetClock } from "../../support/clock.js";
import { newRunId } from "../../support/producer.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { giveTokens } from "../../support/scripted-oauth.js";
import { type Point, pack, RUN_ID, START } from "../mlflow-sqlite/packs.js";
import { keptRunIds, only, restSink } from "./rest.js";

const DELIVERED = { kind: "delivered", refused: [] };
const points = (from: number, count: number) =>
  Array.from({ length: count }, (_, index): Point => ["loss", BigInt(from + index), 5n, 0.5]);

function workspace(
  t: ExecutionContext,
  server: ScriptedMlflow,
  settings: Record<string, string>,
  more: Partial<RestSinkOptions> = {},
) {
  const all = { databricks_host: server.url, ...settings };
  return restSink(t, "databricks", { settings: async () => all, ...more });
}

const start = (t: ExecutionContext) => ScriptedMlflow.start(t, { appends: true, greets: false });

test("host and token: a bearer token, an experiment's path with its slash, and nothing but MLflow's API", async (t) => {
  const server = await start(t);
  const sink = workspace(t, server, { tracking_token: "dapi-1" });
  t.deepEqual(only(await sink.send([pack(1, points(0, 3))])), DELIVERED);
  t.deepEqual([...server.store.experiments.keys()], ["/digits"]);
  t.true(server.seen.every(({ headers }) => headers.authorization === "Bearer dapi-1"));
  t.true(server.seen.every(({ path }) => path.startsWith("/api/2.0/mlflow/")));
});

test("a path that may not be written to is said plainly, and holds the lane", async (t) => {
  const server = await start(t);
  const body = JSON.stringify({
    error_code: "PERMISSION_DENIED",
    message: "User does not have write permission on /",
  });
  server.once("experiments/create", { status: 403, body });
  const sink = workspace(t, server, { tracking_token: "dapi-1" });
  const outcome = only(await sink.send([pack(1)]));
  t.like(outcome, { kind: "hold", code: "STEPWELL_EXPERIMENT_UNUSABLE" });
  t.regex(
    "reason" in outcome ? outcome.reason : "",
    /^Experiment "\/digits" can't be made: .*write permission/,
  );
});

test("OAuth: one token for many requests, a new one before it ends and when it is not taken any more", async (t) => {
  const server = await start(t);
  const clock = new SetClock();
  const tokens = giveTokens(server, { id: "sp-id", secret: "sp-secret" });
  const sink = workspace(
    t,
    server,
    { databricks_client_id: "sp-id", databricks_client_secret: "sp-secret" },
    { clock },
  );
  t.deepEqual(only(await sink.send([pack(1, points(0, 3))])), DELIVERED);
  t.deepEqual(only(await sink.send([pack(2, points(3, 3))])), DELIVERED);
  t.is(tokens.count, 1);
  clock.move(3_600_000 - 60_000);
  t.deepEqual(only(await sink.send([pack(3, points(6, 3))])), DELIVERED);
  t.is(tokens.count, 2, "a minute before its end it is renewed");
  tokens.revoke();
  t.deepEqual(only(await sink.send([pack(4, points(9, 3))])), DELIVERED);
  t.is(tokens.count, 3, "one that is not taken is renewed at once");
  t.is(server.store.run(RUN_ID).points.length, 12);
});

test("a principal that is not let in holds the lane and is not shown", async (t) => {
  const server = await start(t);
  server.rule(({ path }) =>
    path === "/oidc/v1/token" ? { status: 401, body: '{"error":"invalid_client"}' } : undefined,
  );
  const sink = workspace(t, server, { databricks_client_id: "sp-id", databricks_client_secret: "sp-secret" });
  const outcome = only(await sink.send([pack(1)]));
  t.like(outcome, { kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" });
  t.false(JSON.stringify(outcome).includes("sp-"));
  t.true(
    server.seen.every(({ path }) => path === "/oidc/v1/token"),
    "nothing is sent without credentials",
  );
});

test("a profile gives host, token and organization", async (t) => {
  const server = await start(t);
  const file = `[DEFAULT]\nhost = https://elsewhere\n\n; a comment\n[team]\nhost = ${server.url}/\ntoken=dapi-2\nworkspace_id = 42\n[other]\ntoken = no\n`;
  const sink = restSink(t, "databricks://team", { profileFile: () => file });
  t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
  t.true(
    server.seen.every(
      ({ headers }) => headers.authorization === "Bearer dapi-2" && headers["x-databricks-org-id"] === "42",
    ),
  );
  const without = restSink(t, "databricks://absent", { profileFile: () => file });
  t.deepEqual(only(await without.send([pack(1)])), {
    kind: "hold",
    code: "STEPWELL_CONFIG_INVALID",
    reason: `Databricks' configuration file has no profile "absent".`,
    scope: "backend",
  });
});

test("30 runs at once on each of two trackers keep to a workspace's 47 log-batch requests a second, together", async (t) => {
  const server = await start(t);
  const rates = new WorkspaceRates();
  const sinks = ["dapi-1", "dapi-2"].map((token) =>
    workspace(t, server, { tracking_token: token }, { rates }),
  );
  const send = async (sink: Sink, runId: string) => {
    for (const seq of [1, 2])
      t.deepEqual(only(await sink.send([pack(seq, points(seq, 1), { runId })])), DELIVERED);
  };
  await Promise.all(sinks.flatMap((sink) => Array.from({ length: 30 }, () => send(sink, newRunId()))));
  const times = server.of("log-batch").map(({ atMs }) => atMs);
  t.is(times.length, 120);
  const inOneSecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
  // What is under way may come at once after a pause of this process.
  const most = 47 + sinks.length * SERVER_REQUESTS_MAX;
  t.true(Math.max(...inOneSecond) <= most, `${Math.max(...inOneSecond)} in one second`);
});

test("a limit lets no more pass in any second, also after a pause of the process, and not much less", async (t) => {
  const limit = new RateLimit(47);
  const went: number[] = [];
  const all = Promise.all(
    Array.from({ length: 100 }, () => limit.take().then(() => went.push(performance.now()))),
  );
  await sleep(500);
  for (const end = performance.now() + 300; performance.now() < end; );
  await all;
  const inOneSecond = went.map((from) => went.filter((at) => at >= from && at < from + 1000).length);
  t.true(Math.max(...inOneSecond) <= 47, `${Math.max(...inOneSecond)} in one second`);
  t.true((went[99] ?? 0) - (went[0] ?? 0) < 10_000);
});

test("after an answer that was lost only what is missing is sent", async (t) => {
  const server = await start(t);
  const sink = workspace(t, server, { tracking_token: "dapi-1" });
  t.deepEqual(only(await sink.send([pack(1, points(0, 5))])), DELIVERED);
  server.once("log-batch", "break-after");
  t.like(only(await sink.send([pack(2, points(5, 5))])), { kind: "retry" });
  t.deepEqual(only(await sink.send([pack(2, points(5, 5))])), DELIVERED);
  t.is(server.store.run(RUN_ID).points.length, 10);
});

test("a daemon that starts again reads back what it can't know, until it is past it", async (t) => {
  const server = await start(t);
  const runIds = keptRunIds();
  const settings = { tracking_token: "dapi-1" };
  const odd: Point[] = [
    ["odd", 9_007_199_254_740_993n, 7n, Number.NaN],
    ["odd", -5n, 7n, Number.POSITIVE_INFINITY],
    ["odd", 1n, 7n, -0],
  ];
  const first = workspace(t, server, settings, { runIds });
  t.deepEqual(only(await first.send([pack(1, [...odd, ...points(0, 7)])])), DELIVERED);
  const clock = new SetClock();
  const second = workspace(t, server, settings, { runIds, clock });
  // Its cursor was not on disk: the same again, and more, cut elsewhere.
  t.deepEqual(only(await second.send([pack(1, [...odd, ...points(0, 4)])])), DELIVERED);
  t.like(only(await second.send([pack(2, points(4, 6))])), { kind: "retry" });
  clock.move(LATE_MS);
  t.deepEqual(only(await second.send([pack(2, points(4, 6))])), DELIVERED);
  const asked = server.of("get-history").length;
  t.true(asked > 0);
  t.deepEqual(only(await second.send([pack(3, points(10, 5))])), DELIVERED);
  t.deepEqual(only(await second.send([pack(4, points(15, 5))])), DELIVERED);
  const run = server.store.run(RUN_ID);
  t.is(run.points.length, odd.length + 20);
  t.is(new Set(run.points).size, odd.length + 20);
  const after = server.of("get-history").length;
  t.deepEqual(only(await second.send([pack(5, points(20, 5))])), DELIVERED);
  t.is(server.of("get-history").length, after, "past what is not known nothing is read");
  t.true(run.points.includes('{"key":"odd","value":"NaN","timestamp":7,"step":9007199254740993}'));
});

for (const [how, quote] of [
  ["numbers", "$1$2"],
  ["texts", '$1"$2"'],
] as const) {
  test(`steps and times beyond 2^53 that come back as ${how} are told apart when they are read back`, async (t) => {
    const server = await start(t);
    const runIds = keptRunIds();
    const settings = { tracking_token: "dapi-1" };
    const big = 9_007_199_254_740_993n;
    const near: Point[] = [
      ["odd", big, big, 1],
      ["odd", big - 1n, big, 1],
      ["odd", big, big - 1n, 1],
    ];
    const before = workspace(t, server, settings, { runIds });
    t.deepEqual(only(await before.send([pack(1, near.slice(0, 1))])), DELIVERED);
    server.rule(({ path }) => {
      if (!path.includes("get-history")) return undefined;
      const body = `{"metrics":[${server.store.run(RUN_ID).points.join(",")}]}`;
      return { status: 200, body: body.replace(/("(?:step|timestamp)":)(\d+)/g, quote) };
    });
    const clock = new SetClock();
    const after = workspace(t, server, settings, { runIds, clock });
    t.like(only(await after.send([pack(2, near)])), { kind: "retry" });
    clock.move(LATE_MS);
    t.deepEqual(only(await after.send([pack(2, near)])), DELIVERED);
    const { points: kept } = server.store.run(RUN_ID);
    t.deepEqual([kept.length, new Set(kept).size], [3, 3]);
  });
}

test("a run's page is Databricks' own", async (t) => {
  const server = await start(t);
  const runIds = keptRunIds();
  t.deepEqual(
    only(
      await workspace(t, server, { tracking_token: "x" }, { runIds }).send([pack(1, [], { start: START })]),
    ),
    DELIVERED,
  );
  const { id } = server.store.run(RUN_ID);
  t.like(runIds.kept.get(RUN_ID), { url: `${server.url}/ml/experiments/1/runs/${id}` });
});

test("a run's page names the workspace, where a profile or the workspace's answers tell it", async (t) => {
  const told = await ScriptedMlflow.start(t, { appends: true, greets: false, workspaceId: "42" });
  const silent = await start(t);
  const profile = (url: string) => `[team]\nhost = ${url}\ntoken = x\nworkspace_id = 43\n`;
  for (const [server, uri, workspaceId] of [
    [told, "databricks", "42"],
    [silent, "databricks://team", "43"],
  ] as const) {
    const runIds = keptRunIds();
    const settings: Record<string, string> =
      uri === "databricks" ? { databricks_host: server.url, tracking_token: "x" } : {};
    const sink = restSink(t, uri, {
      runIds,
      settings: async () => settings,
      profileFile: () => profile(server.url),
    });
    t.deepEqual(only(await sink.send([pack(1)])), DELIVERED);
    const { id } = server.store.run(RUN_ID);
    t.like(runIds.kept.get(RUN_ID), {
      url: `${server.url}/ml/experiments/1/runs/${id}?o=${workspaceId}`,
    });
  }
});
