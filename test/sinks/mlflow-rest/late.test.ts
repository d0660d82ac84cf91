/** Batches that a server carries out after it was given up. One that appends must not get them twice. */
import test from "ava";
import { LATE_LOOK_MS, LATE_MS } from "../../../src/model/limits.js";
import { SetClock } from "../../support/clock.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { signal } from "../../support/signal.js";
import { until } from "../../support/until.js";
import { type Point, pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { keptRunIds, only, restSink } from "./rest.js";

const DELIVERED = { kind: "delivered", refused: [] };
const UNREACHABLE = { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" };
const points = (count: number) =>
  Array.from({ length: count }, (_, index): Point => ["loss", BigInt(index), 5n, 0.5]);
const carriedOut = ({ store }: ScriptedMlflow) =>
  until(
    "the server has points",
    () => store.run(RUN_ID).points.length,
    (count) => count > 0,
  );

for (const breaks of [true, false]) {
  const what = breaks ? "whose connection broke" : "that was not answered in time";
  test(`a batch ${what} and that is carried out afterwards is there once`, async (t) => {
    const server = await ScriptedMlflow.start(t, { appends: true });
    const clock = new SetClock();
    const sink = restSink(t, server.url, { clock, answerMs: 3_000 });
    const [late, carryOut] = signal();
    server.once("log-batch", { late, breaks });
    t.like(only(await sink.send([pack(1, points(5))])), UNREACHABLE);
    clock.move(LATE_MS - 1);
    for (const days of [-1, 30]) {
      clock.jump(days * 86_400_000);
      t.like(only(await sink.send([pack(1, points(5))])), { kind: "retry", afterMs: 1 });
    }
    carryOut();
    await carriedOut(server);
    t.deepEqual(only(await sink.send([pack(1, points(5))])), DELIVERED);
    t.is(server.store.run(RUN_ID).points.length, 5);
    t.is(server.of("log-batch").length, 1);
  });
}

test("a batch that never arrived is looked for until it can't come any more, then sent again", async (t) => {
  const server = await ScriptedMlflow.start(t, { appends: true });
  const clock = new SetClock();
  const sink = restSink(t, server.url, { clock });
  server.once("log-batch", "break-before");
  t.like(only(await sink.send([pack(1, points(5))])), UNREACHABLE);
  t.like(only(await sink.send([pack(1, points(5))])), { kind: "retry", afterMs: LATE_LOOK_MS });
  clock.move(LATE_MS);
  t.deepEqual(only(await sink.send([pack(1, points(5))])), DELIVERED);
  t.is(server.store.run(RUN_ID).points.length, 5);
});

test("what was not in the batch that got no answer does not wait for it", async (t) => {
  const server = await ScriptedMlflow.start(t, { appends: true });
  const sink = restSink(t, server.url, { clock: new SetClock() });
  server.once("log-batch", "break-after");
  t.like(only(await sink.send([pack(1, points(5))])), UNREACHABLE);
  t.deepEqual(only(await sink.send([pack(1, points(9))])), DELIVERED);
  t.is(server.store.run(RUN_ID).points.length, 9);
});

test("what an earlier daemon may have sent is waited for, also behind a batch of params that got no answer", async (t) => {
  const server = await ScriptedMlflow.start(t, { appends: true });
  const runIds = keptRunIds();
  const before = restSink(t, server.url, { runIds });
  t.deepEqual(only(await before.send([pack(1)])), DELIVERED);
  const [late, carryOut] = signal();
  server.once("log-batch", { late, breaks: true });
  t.like(only(await before.send([pack(2, points(5))])), UNREACHABLE);
  const clock = new SetClock();
  const sink = restSink(t, server.url, { runIds, clock });
  const params = Array.from({ length: 101 }, (_, index) => ({ key: `p${index}`, value: "v" }));
  server.once("log-batch", "break-before");
  t.like(only(await sink.send([pack(2, points(5), { params })])), UNREACHABLE);
  t.like(only(await sink.send([pack(2, points(5), { params })])), {
    kind: "retry",
    code: "STEPWELL_SERVER_FAILED",
  });
  carryOut();
  await carriedOut(server);
  t.deepEqual(only(await sink.send([pack(2, points(5), { params })])), DELIVERED);
  t.is(server.store.run(RUN_ID).points.length, 5);
});

test("a server whose store keeps a point once is not waited for", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url, { clock: new SetClock() });
  const [late, carryOut] = signal();
  server.once("log-batch", { late, breaks: true });
  t.like(only(await sink.send([pack(1, points(5))])), UNREACHABLE);
  t.deepEqual(only(await sink.send([pack(1, points(5))])), DELIVERED);
  carryOut();
  await until(
    "both were carried out",
    () => server.store.logged,
    (logged) => logged === 2,
  );
  t.is(server.store.run(RUN_ID).points.length, 5);
});
