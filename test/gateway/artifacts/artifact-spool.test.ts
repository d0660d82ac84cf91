/** The spool keeps what it said to keep, in order, and nothing else. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { ArtifactSpool, type Spooled } from "../../../src/gateway/artifacts/artifact-spool.js";
import { Uploader } from "../../../src/gateway/artifacts/uploader.js";
import { type GatewayAnswer, jsonAnswer } from "../../../src/gateway/call.js";
import type { IdsThere } from "../../../src/gateway/ids-there.js";
import { readText } from "../../../src/gateway/read-text.js";
import type { Routed } from "../../../src/gateway/routed.js";
import { matchRoute } from "../../../src/gateway/routes.js";
import { TraceCalls } from "../../../src/gateway/trace-calls.js";
import { ApiDown, type TrackerApi } from "../../../src/gateway/tracker-api.js";
import { scratchFolder } from "../../support/folder.js";
import { keptLog } from "../../support/logs.js";
import { until } from "../../support/until.js";

const QUOTA = 1_000;
const FACTS = { trackerId: "t1", path: "1/r/artifacts/a%20b.txt", contentType: "text/plain" };

async function setUp(t: ExecutionContext) {
  const folder = join(await scratchFolder(t), "spool");
  const kept = keptLog();
  const open = () => ArtifactSpool.open(folder, QUOTA, kept.log);
  return { folder, open, spool: await open() };
}

async function put(spool: ArtifactSpool, text: string, path = FACTS.path): Promise<void> {
  const writer = await spool.begin({ ...FACTS, path }, text.length);
  await writer.write(Buffer.from(text));
  await writer.keep();
}

const textOf = async (spool: ArtifactSpool, each: Spooled | undefined) =>
  each && (await readText(await spool.read(each), QUOTA));

test("what was kept is there for the next daemon, in order, for its owner alone", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  await put(spool, "", "1/r/artifacts/empty");
  await put(spool, "three", "1/r/artifacts/c");
  const again = await open();
  const waiting = again.waitingFor("t1");
  t.deepEqual(
    waiting.map(({ path, bytes }) => [path, bytes]),
    [
      [FACTS.path, 3],
      ["1/r/artifacts/empty", 0],
      ["1/r/artifacts/c", 5],
    ],
  );
  t.is(await textOf(again, waiting[0]), "one");
  t.is(await textOf(again, waiting[2]), "three");
  t.is(await readText(await again.read(waiting[2] as Spooled, 2), QUOTA), "ree");
  for (const name of readdirSync(folder)) t.is(statSync(join(folder, name)).mode & 0o777, 0o600);
  await again.remove(waiting[0] as Spooled);
  t.deepEqual(
    (await open()).waitingFor("t1").map(({ path }) => path),
    ["1/r/artifacts/empty", "1/r/artifacts/c"],
  );
});

test("what was not kept to its end is nothing, also after a kill", async (t) => {
  const { folder, open, spool } = await setUp(t);
  const writer = await spool.begin(FACTS, 10);
  await writer.write(Buffer.from("half"));
  t.deepEqual(spool.waitingFor("t1"), []);
  const again = await open();
  t.deepEqual(again.waitingFor("t1"), []);
  t.deepEqual(readdirSync(folder), []);
  const dropped = await again.begin(FACTS, 4);
  await dropped.write(Buffer.from("half"));
  await dropped.drop();
  t.deepEqual(readdirSync(folder), []);
  t.is(again.bytes, 0);
});

test("a quota holds for what waits and what is written, and is free again afterwards", async (t) => {
  const { spool } = await setUp(t);
  await t.throwsAsync(spool.begin(FACTS, QUOTA + 1), { code: "STEPWELL_SPOOL_FULL" });
  const writer = await spool.begin(FACTS, 600);
  await writer.write(Buffer.alloc(600));
  await t.throwsAsync(spool.begin(FACTS, 500), { code: "STEPWELL_SPOOL_FULL" });
  await writer.keep();
  await t.throwsAsync(spool.begin(FACTS, 500), { code: "STEPWELL_SPOOL_FULL" });
  await spool.remove(spool.waitingFor("t1")[0] as Spooled);
  await (await spool.begin(FACTS, 900)).drop();
  t.pass();
});

test("a file that can't be read is set aside with its bytes, and the others go on", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  await put(spool, "two", "1/r/artifacts/b");
  const [first = "", second = ""] = readdirSync(folder).sort();
  truncateSync(join(folder, first), 9);
  writeFileSync(join(folder, "000000000099"), Buffer.from([0, 0, 0, 2, 0x7b, 0x7d, 1]));
  const again = await open();
  t.deepEqual(
    again.waitingFor("t1").map(({ path }) => path),
    ["1/r/artifacts/b"],
  );
  t.deepEqual(readdirSync(folder).sort(), ["000000000099.damaged", `${first}.damaged`, second].sort());
  t.is(readFileSync(join(folder, `${first}.damaged`)).length, 9);
  await put(again, "new");
  t.is(again.waitingFor("t1").at(-1)?.number, 100, "no number comes twice");
});

test("what a server refuses stays on disk and waits no more", async (t) => {
  const { folder, open, spool } = await setUp(t);
  await put(spool, "one");
  const aside = await spool.refuse(spool.waitingFor("t1")[0] as Spooled);
  t.regex(readFileSync(aside, "utf8"), /one$/);
  t.deepEqual((await open()).waitingFor("t1"), []);
  t.deepEqual(readdirSync(folder), ["000000000001.refused"]);
});

const TARGET = {
  trackerId: "t1",
  tracker: "one",
  backend: { kind: "rest", trackerId: "t1", uri: "http://x", settings: {} },
} as const;
/** A run's ids. */
const [OURS, THEIRS] = ["a".repeat(32), "b".repeat(32)];

test("traces wait in the spool while their server is away, over a restart, until their run is made", async (t) => {
  const { open, spool } = await setUp(t);
  const state = { isUp: false, isMade: false };
  const posts: unknown[] = [];
  const api: TrackerApi = {
    pass: async ({ path, headers, body }) => {
      if (!state.isUp) throw new ApiDown("away");
      const { "content-type": type, "x-mlflow-experiment-id": experimentId } = headers;
      posts.push([path, type, experimentId, body && (await readText(body, QUOTA))]);
      return jsonAnswer({});
    },
    ask: () => Promise.reject(new ApiDown("away")),
    close: () => Promise.resolve(),
  };
  const tracesIn = (kept: ArtifactSpool) =>
    new TraceCalls({
      spool: kept,
      runs: { isMade: async () => state.isMade },
      experiments: { idMade: async () => "7" },
      ids: { in: async (_: unknown, __: unknown, text: string) => text.replaceAll(OURS, THEIRS) } as IdsThere,
      onSpooled: () => undefined,
    });
  const send = (kept: ArtifactSpool, path: string, type: string, text: string): Promise<GatewayAnswer> => {
    const call = {
      ...{ method: "POST", path, search: "", target: TARGET, match: matchRoute("POST", path), api },
      headers: { "content-type": type, "x-mlflow-experiment-id": "7", "transfer-encoding": "chunked" },
      ...{ body: Readable.from([Buffer.from(text)]), programRunId: "", signal: new AbortController().signal },
    } satisfies Routed;
    return tracesIn(kept).answer(call, (passed) => api.pass(passed));
  };
  const [protobuf, json] = ["application/x-protobuf", "application/json"];
  const headers = { "content-type": protobuf };
  t.deepEqual(await send(spool, "/v1/traces", protobuf, "spans"), {
    kind: "text",
    status: 200,
    body: "",
    headers,
  });
  const info = { trace_id: "tr-1", tags: { a: "b" }, of: OURS };
  const started = JSON.stringify({ trace: { trace_info: info } });
  const answer = await send(spool, "/api/3.0/mlflow/traces", json, started);
  const tags = { a: "b", "mlflow.trace.spansLocation": "TRACKING_STORE" };
  t.deepEqual(JSON.parse(answer.kind === "text" ? answer.body : ""), {
    trace: { trace_info: { ...info, tags } },
  });
  await t.throwsAsync(send(spool, "/api/3.0/mlflow/traces", json, `{"trace": NaN}`), { message: /NaN/ });
  t.is(spool.count, 2, "what its program was told is refused does not wait");

  const again = await open();
  const uploader = new Uploader({
    ...{ spool: again, log: keptLog().log, targetOf: () => TARGET, apiOf: () => api },
    pathAt: () => Promise.reject(new Error("no artifact waits")),
    othersOf: async () => new Map(),
    requestOf: (place, asked, spooled) => tracesIn(again).request(place, asked, spooled),
    onTaken: async () => undefined,
  });
  t.teardown(() => uploader.close());
  state.isUp = true;
  uploader.start();
  await until(
    "the first one is sent",
    () => again.count,
    (count) => count === 1,
  );
  t.false(await uploader.drain(100), "its run is not made");
  await send(again, "/api/3.0/mlflow/traces", json, started);
  t.is(again.count, 2, "a server that is back would take it for nobody's");
  state.isMade = true;
  t.true(await uploader.drain(60_000));
  await send(again, "/v1/traces", protobuf, "more");
  t.deepEqual(posts, [
    ["/v1/traces", protobuf, "7", "spans"],
    ["/api/3.0/mlflow/traces", json, "7", started.replaceAll(OURS, THEIRS)],
    ["/api/3.0/mlflow/traces", json, "7", started.replaceAll(OURS, THEIRS)],
    ["/v1/traces", protobuf, "7", "more"],
  ]);
  t.is(again.count, 0);
});
