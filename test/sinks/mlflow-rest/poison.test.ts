import test from "ava";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { type Point, pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

const points = Array.from({ length: 1000 }, (_, step): Point => ["loss", BigInt(step), 5n, step / 4]);
const at = 617;
const poison = { kind: "metric", key: "poison", step: 617n, timestampMs: 5n, value: 154.25 } as const;
const withPoison = points.map((point, index): Point => (index === at ? ["poison", 617n, 5n, 154.25] : point));
const REFUSED = JSON.stringify({ error_code: "INVALID_PARAMETER_VALUE", message: "bad name" });

for (const appends of [false, true]) {
  const store = appends ? "a store that appends" : "a SQL store";
  test(`one point that ${store} never takes is found and refused alone`, async (t) => {
    const server = await ScriptedMlflow.start(t, { appends });
    server.rule(({ body }) => (body.includes('"poison"') ? { status: 400, body: REFUSED } : undefined));
    const outcome = only(
      await restSink(t, server.url).send([pack(1, withPoison, { tags: [{ key: "a", value: "b" }] })]),
    );
    t.is(outcome.kind, "delivered");
    t.like(outcome.kind === "delivered" ? outcome.refused : [], [
      { ...poison, code: "STEPWELL_ENTRY_REFUSED" },
    ]);
    const run = server.store.run(RUN_ID);
    t.is(run.points.length, 999);
    t.is(new Set(run.points).size, 999);
    t.is(run.tags.get("a"), "b");
  });
}

test("a point that the server fails at is retried, then found and refused alone", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.rule(({ body }) =>
    body.includes('"poison"') ? { status: 500, body: "<h1>Internal Server Error</h1>" } : undefined,
  );
  const sink = restSink(t, server.url);
  for (let attempt = 1; attempt <= 3; attempt++)
    t.like(only(await sink.send([pack(1, withPoison)])), { kind: "retry" });
  const outcome = only(await sink.send([pack(1, withPoison)]));
  t.like(outcome.kind === "delivered" ? outcome.refused : [], [poison]);
  t.is(server.store.run(RUN_ID).points.length, 999);
});

test("a server that fails at everything costs no entry", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  t.like(only(await sink.send([pack(1)])), { kind: "delivered" });
  let isBroken = true;
  server.rule(({ method }) => (isBroken && method === "POST" ? { status: 500, body: "" } : undefined));
  for (let attempt = 1; attempt <= 8; attempt++)
    t.like(only(await sink.send([pack(2, points.slice(0, 20))])), { kind: "retry" });
  isBroken = false;
  t.deepEqual(only(await sink.send([pack(2, points.slice(0, 20))])), { kind: "delivered", refused: [] });
  t.is(server.store.run(RUN_ID).points.length, 20);
});

for (const appends of [false, true]) {
  const store = appends ? "a store that appends" : "a SQL store";
  test(`a server on ${store} that comes back just when an entry is tried alone costs no entry`, async (t) => {
    const server = await ScriptedMlflow.start(t, { appends });
    const sink = restSink(t, server.url);
    let isBroken = true;
    server.rule(({ path }) => {
      if (path.endsWith("set-tag")) isBroken = false;
      return isBroken && path.endsWith("log-batch") ? { status: 500, body: "" } : undefined;
    });
    for (let attempt = 1; attempt <= 3; attempt++)
      t.like(only(await sink.send([pack(1, points.slice(0, 5))])), { kind: "retry" });
    t.deepEqual(only(await sink.send([pack(1, points.slice(0, 5))])), { kind: "delivered", refused: [] });
    t.is(server.store.run(RUN_ID).points.length, 5);
  });
}

test("a proxy with a small limit gets smaller requests, and an entry beyond it is refused alone", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.rule(({ body }) =>
    body.length > 4_000 ? { status: 413, body: "<h1>413 Request Entity Too Large</h1>" } : undefined,
  );
  const tags = [
    { key: "short", value: "x" },
    { key: "long", value: "x".repeat(5_000) },
  ];
  const sink = restSink(t, server.url);
  const outcome = only(await sink.send([pack(1, points, { tags })]));
  t.like(outcome.kind === "delivered" ? outcome.refused : [], [
    { kind: "tag", key: "long", code: "STEPWELL_ENTRY_TOO_LARGE" },
  ]);
  const run = server.store.run(RUN_ID);
  t.is(run.points.length, 1000);
  t.is(run.tags.get("short"), "x");
  const before = server.of("log-batch").length;
  const more = points.map(([key, step, ms, value]): Point => [key, step + 5_000n, ms, value]);
  t.like(only(await sink.send([pack(2, more)])), { kind: "delivered" });
  const sizes = server
    .of("log-batch")
    .slice(before)
    .map(({ body }) => body.length);
  t.true(
    sizes.every((size) => size <= 4_000),
    "what was learned is kept",
  );
});

test("an entry that is too large alone makes no other request smaller", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.rule(({ body }) => (body.includes('"long"') ? { status: 413 } : undefined));
  const sink = restSink(t, server.url);
  const tags = [{ key: "long", value: "x" }];
  const outcome = only(await sink.send([pack(1, [], { tags })]));
  t.like(outcome.kind === "delivered" ? outcome.refused : [], [{ key: "long" }]);
  t.like(only(await sink.send([pack(2, points)])), { kind: "delivered" });
  t.is(server.of("log-batch").length, 2);
});

test("a pool that is starved makes requests smaller, and they grow again", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  const entries = () => server.of("log-batch").map(({ body }) => body.split('"step":').length - 1);
  const starved = JSON.stringify({
    error_code: "BAD_REQUEST",
    message: "QueuePool limit of size 5 overflow 10 reached",
  });
  server.once("log-batch", { status: 400, body: starved });
  t.like(only(await sink.send([pack(1, points)])), { kind: "retry" });
  t.like(only(await sink.send([pack(1, points)])), { kind: "delivered" });
  t.deepEqual(entries(), [1000, 500, 500]);
  t.like(only(await sink.send([pack(2, points)])), { kind: "delivered" });
  t.deepEqual(entries().slice(3), [1000]);
});

test("requests keep to MLflow's counts and to 900 kB", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const params = Array.from({ length: 250 }, (_, index) => ({ key: `p${index}`, value: "é".repeat(6000) }));
  const tags = Array.from({ length: 150 }, (_, index) => ({ key: `t${index}`, value: "😀".repeat(8000) }));
  t.like(only(await restSink(t, server.url).send([pack(1, points, { params, tags })])), {
    kind: "delivered",
  });
  for (const { body } of server.of("log-batch")) {
    t.true(Buffer.byteLength(body) <= 900_000);
    t.true(body.startsWith('{"run_id":"'), "the run comes first");
    const {
      params: some = [],
      metrics = [],
      tags: others = [],
    } = JSON.parse(body) as Record<string, unknown[]>;
    t.true(some.length <= 100 && others.length <= 100);
    t.true(some.length + metrics.length + others.length <= 1000);
  }
  const run = server.store.run(RUN_ID);
  t.deepEqual([run.params.size, run.points.length], [250, 1000]);
  t.is([...run.tags.keys()].filter((key) => /^t\d+$/.test(key)).length, 150);
});
