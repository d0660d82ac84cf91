/** Homes that were put back or copied, at a server that appends: what both had waiting may be there twice, nothing else. */
import test, { type ExecutionContext } from "ava";
import { LATE_MS } from "../../../src/model/limits.js";
import type { Pack } from "../../../src/model/pack.js";
import type { Sink } from "../../../src/sinks/sink.js";
import { SetClock } from "../../support/clock.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { signal } from "../../support/signal.js";
import { type Point, pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { keptRunIds, only, restSink } from "./rest.js";

/** A run's points from one step up to another one, with as many before. */
function points(from: number, to: number): Pack {
  const rows = Array.from({ length: to - from }, (_, at): Point => ["loss", BigInt(from + at), 5n, 0.5]);
  return pack(to, rows, { pointsThrough: to });
}

async function setUp(t: ExecutionContext) {
  const server = await ScriptedMlflow.start(t, { appends: true });
  const clock = new SetClock();
  const runIds = keptRunIds();
  const open = () => restSink(t, server.url, { clock, runIds });
  return { server, clock, open };
}

async function delivers(t: ExecutionContext, sink: Sink, sent: Pack): Promise<void> {
  t.deepEqual(only(await sink.send([sent])), { kind: "delivered", refused: [] });
}

/** Steps that the server has, each as often as it has it. */
function stepsAt({ store }: ScriptedMlflow): number[] {
  const found = store.run(RUN_ID).points.map((point) => Number(/"step":(\d+)/.exec(point)?.[1]));
  return found.sort((one, other) => one - other);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

test("a home that was put back sends again what it had waiting, and finds it there", async (t) => {
  const { server, clock, open } = await setUp(t);
  const before = open();
  await delivers(t, before, points(0, 50));
  // The snapshot has ten more, which nobody has confirmed to it; the state that is given up goes on.
  await delivers(t, before, points(50, 60));
  await delivers(t, before, points(60, 100));
  const after = open();
  clock.move(LATE_MS);
  await delivers(t, after, points(50, 60));
  await delivers(t, after, points(1_000, 1_030));
  t.deepEqual(stepsAt(server), [...range(0, 100), ...range(1_000, 1_030)]);
});

test("two copies that send at once what both had waiting have that twice at most, and all of both", async (t) => {
  const { server, clock, open } = await setUp(t);
  await delivers(t, open(), points(0, 50));
  const [one, other] = [open(), open()];
  clock.move(LATE_MS);
  // Both have looked for them before the server carries out either request.
  const [bothSent, goOn] = signal();
  let requests = 0;
  server.rule(({ path }) => {
    if (!path.endsWith("/log-batch") || ++requests > 2) return undefined;
    if (requests === 2) goOn();
    return { waits: bothSent };
  });
  await Promise.all([delivers(t, one, points(50, 60)), delivers(t, other, points(50, 60))]);
  await delivers(t, one, points(1_000, 1_030));
  await delivers(t, other, points(2_000, 2_030));
  const waiting = range(50, 60);
  const all = [...range(0, 60), ...range(1_000, 1_030), ...range(2_000, 2_030)];
  t.deepEqual(
    stepsAt(server),
    [...all, ...waiting].sort((a, b) => a - b),
  );
});
