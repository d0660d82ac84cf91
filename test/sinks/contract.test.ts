/** What each sink keeps to, whatever its backend is (src/sinks/sink.ts): the flusher relies on it and knows no more. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import ava, { type ExecutionContext } from "ava";
import type { Sink } from "../../src/sinks/sink.js";
import { scratchFolder } from "../support/folder.js";
import { postgresForAll } from "../support/mlflow-postgres.js";
import { MLFLOW_3 } from "../support/python-environment.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { testWith } from "../support/test-with.js";
import { addressOf, freshStore, sinkOn as sinkOnStore, storeOn } from "./mlflow-postgres/store.js";
import { restSink } from "./mlflow-rest/rest.js";
import { following, OTHER_RUN_ID, type Point, pack, RUN_ID, sinkFor, sinkOn } from "./mlflow-sqlite/packs.js";

const postgres = postgresForAll(ava);

interface Implementation {
  readonly name: string;
  readonly test: typeof ava | typeof ava.skip;
  /** On a backend that works. */
  open(t: ExecutionContext): Promise<Sink>;
  /** On one that can't be used. */
  openAway(t: ExecutionContext): Promise<Sink>;
}

const IMPLEMENTATIONS: readonly Implementation[] = [
  {
    name: "SQLite",
    test: ava,
    open: async (t) => (await sinkFor(t)).sink,
    openAway: async (t) => {
      const file = join(await scratchFolder(t), "file");
      await writeFile(file, "no folder");
      return sinkOn(t, join(file, "mlflow.db"));
    },
  },
  {
    name: "REST",
    test: ava,
    open: async (t) => restSink(t, (await ScriptedMlflow.start(t)).url),
    // Nothing ever listens on port 1.
    openAway: async (t) => restSink(t, "http://127.0.0.1:1"),
  },
  {
    name: "PostgreSQL",
    test: testWith(MLFLOW_3),
    open: async (t) => following(sinkOnStore((await freshStore(t, postgres())).store)),
    openAway: async (t) => sinkOnStore(storeOn(t, addressOf(postgres(), "none"))),
  },
];

const POINT: Point = ["loss", 0n, 1_000n, 0.5];

for (const { name, test, ...sinks } of IMPLEMENTATIONS) {
  test(`${name}: its limits let a lane's least pack through`, async (t) => {
    const { limits } = await sinks.open(t);
    const { pointsMax, textsMax, packsMax, requestsMax, quickRequestsMax = requestsMax } = limits;
    for (const limit of [pointsMax, textsMax, packsMax, requestsMax])
      t.true(Number.isSafeInteger(limit) && limit > 0);
    t.true(quickRequestsMax >= requestsMax);
  });

  test(`${name}: nothing to send is nothing to answer`, async (t) => {
    t.deepEqual(await (await sinks.open(t)).send([]), []);
  });

  test(`${name}: each pack of different runs has its outcome, in order, and what is taken is taken once`, async (t) => {
    const sink = await sinks.open(t);
    const both = () => [pack(1, [POINT]), pack(2, [POINT], { runId: OTHER_RUN_ID })];
    t.deepEqual(await sink.send(both()), [
      { kind: "delivered", refused: [] },
      { kind: "delivered", refused: [] },
    ]);
    const [next] = await sink.send([pack(3, [["loss", 1n, 1_001n, 0.4]], { runId: RUN_ID })]);
    t.is(next?.kind, "delivered");
  });

  test(`${name}: a backend that can't be used is its own trouble, told for each pack, and nothing is thrown`, async (t) => {
    const sink = await sinks.openAway(t);
    const outcomes = await sink.send([pack(1, [POINT]), pack(2, [POINT], { runId: OTHER_RUN_ID })]);
    t.is(outcomes.length, 2);
    for (const outcome of outcomes) {
      t.true(outcome.kind === "retry" || outcome.kind === "hold", outcome.kind);
      t.like(outcome, { scope: "backend" });
    }
  });

  test(`${name}: a sink that is closed takes nothing, says so, and may be closed again`, async (t) => {
    const sink = await sinks.open(t);
    await sink.send([pack(1, [POINT])]);
    await sink.close();
    t.like(await sink.send([pack(2, [POINT])]), [{ kind: "retry", scope: "backend" }]);
    await t.notThrowsAsync(sink.close());
  });
}
