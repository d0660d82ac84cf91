/** Several writers on one PostgreSQL database, and packs of which one is bad: nothing twice, nothing lost, nobody stuck. */
import ava, { type ExecutionContext } from "ava";
import type { Author } from "../../../src/model/cursor.js";
import type { Pack } from "../../../src/model/pack.js";
import { postgresForAll } from "../../support/mlflow-postgres.js";
import { newRunId } from "../../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import {
  AUTHOR,
  HOME_ID,
  OTHER_RUN_ID,
  type Point,
  pack,
  RUN_ID,
  START,
  trainingPoints,
} from "../mlflow-sqlite/packs.js";
import { addressOf, freshStore, lanesOn, storeOn } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const DELIVERED = { kind: "delivered", refused: [] } as const;
const NOTHING = new Map<string, number>();

async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { store, database } = await freshStore(t, server());
  const query = (sql: string) => server().query(database, sql);
  const another = () => storeOn(t, addressOf(server(), database));
  return { store, database, query, another };
}

const homes = Array.from(
  { length: 6 },
  (_, index): Author => ({ homeId: String(index).repeat(32), incarnation: "9".repeat(32) }),
);

const WRITERS = 5;

/** Has as many stores write the same at once: none gets behind what the gate has inserted before all have begun. */
async function writeAtOnce(
  t: ExecutionContext,
  { query, another, database }: Awaited<ReturnType<typeof setUp>>,
  gate: string,
  make: () => Pack,
) {
  const stores = Array.from({ length: WRITERS }, another);
  // They know the tables already: what is read of them would wait, too.
  for (const store of stores) await store.write([pack(1, [], { runId: newRunId() })], NOTHING);
  const held = await server().hold(database, gate);
  t.teardown(() => held.end());
  const writing = stores.map((store) => store.write([make()], NOTHING));
  await until(
    "all wait",
    () => query(WAITING),
    ([row]) => row?.[0] === WRITERS,
  );
  await held.end();
  return (await Promise.all(writing)).flatMap(({ outcomes }) => outcomes);
}

const WAITING =
  "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

// Points that are there already send a writer back to the beginning; other entries do not.
for (const steps of [0, 50]) {
  const points = () => trainingPoints(0, steps);
  const counted = [[steps * 20]];

  test(`of many writers with the same first pack of ${steps} steps one writes it, and the others are told where it is`, async (t) => {
    const at = await setUp(t);
    const start = { ...START, experimentName: "gate" };
    const make = () => pack(3, points(), { start, pointsThrough: steps * 20 });
    const gate = "INSERT INTO experiments (name, lifecycle_stage) VALUES ('gate', 'active')";
    const outcomes = await writeAtOnce(t, at, gate, make);
    t.is(outcomes.filter(({ kind }) => kind === "delivered").length, 1);
    const cursor = { seq: 3, points: steps * 20, bytes: 0, incarnation: AUTHOR.incarnation };
    for (const each of outcomes.filter(({ kind }) => kind !== "delivered"))
      t.deepEqual(each, { kind: "elsewhere", homeId: HOME_ID, cursor });
    t.deepEqual(await at.query("SELECT count(*)::int FROM metrics"), counted);
  });

  test(`of many writers with the same next pack of ${steps} steps one writes it`, async (t) => {
    const at = await setUp(t);
    await at.store.write([pack(1)], NOTHING);
    const params = [{ key: "gate", value: "v" }];
    const make = () => pack(2, points(), { params, after: { ...AUTHOR, seq: 1 } });
    const gate = `INSERT INTO params VALUES ('gate', 'v', '${RUN_ID}')`;
    const outcomes = await writeAtOnce(t, at, gate, make);
    const kinds = outcomes.map(({ kind }) => kind).sort();
    t.deepEqual(kinds, ["delivered", "elsewhere", "elsewhere", "elsewhere", "elsewhere"]);
    t.deepEqual(await at.query("SELECT count(*)::int FROM metrics"), counted);
  });
}

test("many homes that are new, with runs of one new experiment, in a database that has nothing of ours", async (t) => {
  const { query, another } = await setUp(t);
  const writing = homes.map((author) =>
    another().write([pack(1, [], { author, runId: newRunId() })], NOTHING),
  );
  for (const { outcomes } of await Promise.all(writing)) t.deepEqual(outcomes, [DELIVERED]);
  t.deepEqual(await query("SELECT count(*)::int FROM experiments WHERE name = 'digits'"), [[1]]);
  t.deepEqual(await query("SELECT count(*)::int FROM stepwell_homes WHERE writes = 1"), [[homes.length]]);
});

const ROUNDS = 8;
const LOCKED = "STEPWELL_DATABASE_LOCKED";
const WITH = { "points of their own": 0, "the same points": 20 } as const;

for (const [what, shared] of Object.entries(WITH)) {
  test(`homes that share runs, params, tags and experiments, with ${what}, all get through`, async (t) => {
    const { query, another, database } = await setUp(t);
    const runs = Array.from({ length: 8 }, newRunId);
    const stores = homes.map(another);
    const writing = homes.map(async (author, at) => {
      const lanes = lanesOn(stores[at] ?? another());
      // Each home has all in another order.
      const turned = <Value>(all: readonly Value[]) => (at % 2 === 0 ? [...all] : [...all].reverse());
      for (let round = 1; round <= ROUNDS; round++) {
        const points: Point[] = [
          ...trainingPoints(round, shared / 20),
          ["own", BigInt(round), BigInt(at), at],
        ];
        const tags = turned(["a", "b", "c"].map((key) => ({ key, value: String(round) })));
        const params = turned(["x", "y"].map((key) => ({ key: `${key}${round}`, value: "same" })));
        const end = { status: "FINISHED", endTimeMs: round } as const;
        const packs = turned(runs).map((runId, index) =>
          pack(round, turned(points), {
            ...{ runId, author, params, tags, end, removedTags: ["a"] },
            start: { ...START, experimentName: `e${index % 3}` },
          }),
        );
        let outcomes = await lanes.write(...packs);
        // Where other tests keep the processors, one may wait for the others for longer than a lock is waited for.
        while (outcomes.every((outcome) => outcome.kind === "retry" && outcome.code === LOCKED))
          outcomes = await lanes.write(...packs);
        t.deepEqual(
          outcomes,
          packs.map(() => DELIVERED),
        );
      }
    });
    await Promise.all(writing);
    const each = (shared + homes.length) * ROUNDS;
    const counts = "SELECT run_uuid, count(*)::int FROM metrics GROUP BY 1 ORDER BY 1";
    t.deepEqual(
      await query(counts),
      [...runs].sort().map((run) => [run, each]),
    );
    t.deepEqual(await query("SELECT DISTINCT status, end_time::int FROM runs"), [["FINISHED", ROUNDS]]);
    t.deepEqual(
      await query("SELECT DISTINCT key, value FROM tags WHERE key IN ('a', 'b', 'c') ORDER BY key"),
      [
        ["a", String(ROUNDS)],
        ["b", String(ROUNDS)],
        ["c", String(ROUNDS)],
      ],
    );
    if (shared > 0) return;
    // Only COPY keeps to no order. What a connection met is counted once it is closed.
    await Promise.all(stores.map((store) => store.close()));
    const open = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = '${database}'`;
    await until(
      "all is counted",
      () => server().query("postgres", open),
      ([row]) => row?.[0] === 0,
    );
    const deadlocks = `SELECT deadlocks::int FROM pg_stat_database WHERE datname = '${database}'`;
    t.deepEqual(await server().query("postgres", deadlocks), [[0]]);
  });
}

test("a pack that the database refuses is refused alone, whatever it shares a request with", async (t) => {
  const { store, query } = await setUp(t);
  const runs = Array.from({ length: 9 }, newRunId);
  const poison = { ...START, runName: "x".repeat(251) };
  const nul = { ...START, user: "a\0b" };
  const packs = runs.map((runId, index) =>
    pack(1, [["loss", 1n, 1n, index]], { runId, start: index === 4 ? poison : index === 7 ? nul : START }),
  );
  const { outcomes, writes } = await store.write(packs, NOTHING);
  const kinds = outcomes.map((outcome) => outcome.kind);
  t.deepEqual(
    kinds,
    runs.map((_, index) => (index === 4 || index === 7 ? "refused" : "delivered")),
  );
  t.like(outcomes[4], { code: "STEPWELL_ENTRY_REFUSED" });
  t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[7]]);
  t.deepEqual(await query("SELECT count(*)::int FROM stepwell_cursors"), [[7]]);
  t.deepEqual(await query("SELECT writes::int FROM stepwell_homes"), [[writes.get(HOME_ID)]]);
});

test("a writer that stands still in the midst of a transaction keeps its own run waiting, and nobody else's", async (t) => {
  const { store, database, query } = await setUp(t);
  await store.write([pack(1), pack(1, [], { runId: OTHER_RUN_ID })], NOTHING);
  const zombie = await server().hold(
    database,
    `SELECT FROM stepwell_cursors WHERE run_uuid = '${RUN_ID}' FOR UPDATE`,
  );
  t.teardown(() => zombie.end());
  const known = new Map([[HOME_ID, 1]]);
  const after = { ...AUTHOR, seq: 1 };
  const stuck = store.write([pack(2, [["loss", 1n, 1n, 1]], { after })], known);
  await until(
    "it waits for the row",
    () => query(WAITING),
    ([row]) => row?.[0] === 1,
  );
  const free = await store.write([pack(2, [["loss", 1n, 1n, 1]], { runId: OTHER_RUN_ID, after })], known);
  t.deepEqual(free.outcomes, [DELIVERED]);
  await zombie.end();
  t.deepEqual((await stuck).outcomes, [DELIVERED]);
});

test("a table that somebody changes is asked for again, at once, and says so", async (t) => {
  const { store, database } = await setUp(t);
  await store.write([pack(1)], NOTHING);
  const zombie = await server().hold(database, "LOCK TABLE metrics IN ACCESS EXCLUSIVE MODE");
  t.teardown(() => zombie.end());
  const known = new Map([[HOME_ID, 1]]);
  const waiting = () =>
    store.write([pack(2, [["loss", 1n, 1n, 1]], { after: { ...AUTHOR, seq: 1 } })], known);
  t.like((await waiting()).outcomes, [{ kind: "retry", scope: "backend", code: "STEPWELL_DATABASE_LOCKED" }]);
  await zombie.end();
  t.deepEqual((await waiting()).outcomes, [DELIVERED]);
});
