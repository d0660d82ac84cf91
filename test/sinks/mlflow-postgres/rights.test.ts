/** Whose homes are, what a tenant may write, and what it may bring in a second, in one database over several relays. */
import ava from "ava";
import { systemClock } from "../../../src/home/clock.js";
import type { BudgetAsk } from "../../../src/model/budget.js";
import type { Rights } from "../../../src/model/rights.js";
import { postgresForAll } from "../../support/mlflow-postgres.js";
import { MLFLOW_3 } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import { HOME_ID, OTHER_RUN_ID, pack, RUN_ID, START, trainingPoints } from "../mlflow-sqlite/packs.js";
import { addressOf, freshStore, lanesOn, storeOn } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const DELIVERED = { kind: "delivered", refused: [] } as const;

const rights = (identity: string, experiments?: readonly string[]): Rights => ({
  ...{ identity, tenant: "vision", isBounded: experiments !== undefined },
  mayWrite: (name) => experiments?.includes(name) ?? true,
});
const ADA = rights("token:ada");
const EVE = rights("token:eve");

test("a home is bound to its first identity; another one writes and reads nothing of it, through whichever relay", async (t) => {
  const { store, database } = await freshStore(t, server());
  const other = storeOn(t, addressOf(server(), database));
  const first = pack(1, trainingPoints(0, 10));
  t.deepEqual((await store.write([first], new Map(), () => ADA)).outcomes, [DELIVERED]);
  const next = { ...pack(2, trainingPoints(10, 10)), after: { ...first.author, seq: first.lastSeq } };
  for (const relay of [store, other]) {
    const { outcomes, writes } = await relay.write([next], new Map(), () => EVE);
    t.like(outcomes[0], { kind: "hold", scope: "backend", code: "STEPWELL_NOT_PERMITTED" });
    t.is(writes.size, 0);
    await t.throwsAsync(relay.writesOf(HOME_ID, 0, EVE), { code: "STEPWELL_NOT_PERMITTED" });
    const question = { author: first.author, runId: RUN_ID, after: undefined };
    await t.throwsAsync(relay.standing([question], EVE), { code: "STEPWELL_NOT_PERMITTED" });
  }
  t.is(await other.writesOf(HOME_ID, 0, ADA), 1);
  t.deepEqual((await other.write([next], new Map(), () => ADA)).outcomes, [DELIVERED]);
  t.deepEqual(await server().query(database, "SELECT home_id, identity FROM stepwell_identities"), [
    [HOME_ID, "token:ada"],
  ]);
  await server().query(database, "DELETE FROM stepwell_identities");
  const third = { ...pack(3, trainingPoints(20, 10)), after: { ...first.author, seq: next.lastSeq } };
  const moved = storeOn(t, addressOf(server(), database));
  t.deepEqual(
    (await moved.write([third], new Map(), () => EVE)).outcomes,
    [DELIVERED],
    "its row was removed",
  );
});

test("of two identities in one group the first has the home, and the other's pack does not harm it", async (t) => {
  const { store, database } = await freshStore(t, server());
  const packs = [pack(1, trainingPoints(0, 5)), { ...pack(1, trainingPoints(0, 7)), runId: OTHER_RUN_ID }];
  const by = new Map([
    [packs[0], ADA],
    [packs[1], EVE],
  ]);
  const { outcomes } = await store.write(packs, new Map(), (each) => by.get(each));
  t.deepEqual(outcomes[0], DELIVERED);
  t.like(outcomes[1], { kind: "hold", code: "STEPWELL_NOT_PERMITTED" });
  t.deepEqual(await server().query(database, "SELECT DISTINCT run_uuid FROM metrics"), [[RUN_ID]]);
});

test("of identities that come at once through several relays one has the home", async (t) => {
  const { database } = await freshStore(t, server());
  const relays = Array.from({ length: 4 }, () => storeOn(t, addressOf(server(), database)));
  const answers = await Promise.all(
    relays.map(async (relay, index) => {
      const runId = index.toString(16).padStart(32, "e");
      const sent = { ...pack(1, trainingPoints(0, 5)), runId };
      return (await relay.write([sent], new Map(), () => rights(`token:${index}`))).outcomes[0]?.kind;
    }),
  );
  t.deepEqual(answers.filter((kind) => kind === "delivered").length, 1);
  t.is(answers.filter((kind) => kind === "hold").length, 3);
});

test("a run or a model that is in another tenant's experiment is not written, whatever the pack says of it", async (t) => {
  const { store, database } = await freshStore(t, server());
  const lanes = lanesOn(store);
  t.deepEqual(await lanes.write(pack(1, trainingPoints(0, 5))), [DELIVERED]);
  const mine = { ...START, experimentName: "mine" };
  const author = { homeId: "e".repeat(32), incarnation: "1".repeat(32) };
  const hostile = { ...pack(1, trainingPoints(100, 5)), author, start: mine };
  const bounded = rights("token:eve", ["mine"]);
  const before = await server().query(database, "SELECT count(*)::int FROM metrics");
  const { outcomes } = await store.write([hostile], new Map(), () => bounded);
  t.like(outcomes[0], { kind: "hold", scope: "run", code: "STEPWELL_NOT_PERMITTED" });
  t.deepEqual(await server().query(database, "SELECT count(*)::int FROM metrics"), before);
  t.deepEqual(
    await server().query(database, "SELECT * FROM stepwell_cursors WHERE home_id = $1", [author.homeId]),
    [],
  );
  const own = { ...hostile, runId: OTHER_RUN_ID };
  t.deepEqual((await store.write([own], new Map(), () => bounded)).outcomes, [DELIVERED]);
  await server().query(
    database,
    `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
       last_updated_timestamp_ms, status, lifecycle_stage)
     VALUES ('m-hers', (SELECT experiment_id FROM experiments WHERE name = $1), 'm', '', 0, 0, 1, 'active')`,
    [START.experimentName],
  );
  const rows = own.metrics;
  const ofModel = {
    ...own,
    ...{ after: { ...author, seq: own.lastSeq }, lastSeq: own.lastSeq + 1 },
    metrics: { ...rows, modelIds: rows.modelIds.map(() => "m-hers") },
  };
  t.like((await store.write([ofModel], new Map(), () => bounded)).outcomes[0], {
    ...{ kind: "hold", scope: "run", code: "STEPWELL_NOT_PERMITTED" },
  });
});

const ask = (points: number, rate: number): BudgetAsk => ({
  ...{ tenant: "vision", want: { points, bytes: 0 } },
  rates: { points: rate, bytes: undefined },
});

test("relays of one database share a tenant's limit, which fills with the database's time", async (t) => {
  const { database } = await freshStore(t, server());
  const relays = Array.from({ length: 3 }, () =>
    storeOn(t, addressOf(server(), database), { clock: systemClock }),
  );
  const beganMs = performance.now();
  let given = 0;
  const takes = 60;
  for (let turn = 0; turn < takes / 3; turn++)
    for (const relay of relays)
      given += (await relay.takeBudgets([ask(500, 1_000)])).get("vision")?.points ?? 0;
  const most = 1_000 + (performance.now() - beganMs);
  t.true(given >= 1_000 && given <= most, `${given} of ${most}`);
  const [relay] = relays;
  await until(
    "it fills",
    async () => (await relay?.takeBudgets([ask(300, 1_000)]))?.get("vision")?.points ?? 0,
    (points) => points === 300,
    { everyMs: 400 },
  );
  const both = await relay?.takeBudgets([
    { tenant: "bytes", want: { points: 7, bytes: 5_000 }, rates: { points: undefined, bytes: 2_000 } },
    { tenant: "other", want: { points: 10, bytes: 10 }, rates: { points: 100, bytes: 100 } },
  ]);
  t.deepEqual(
    both,
    new Map([
      ["bytes", { points: 7, bytes: 2_000 }],
      ["other", { points: 10, bytes: 10 }],
    ]),
  );
});

test("many takings at once never give more than there is, and none of them fails", async (t) => {
  const { database } = await freshStore(t, server());
  const relays = Array.from({ length: 4 }, () => storeOn(t, addressOf(server(), database)));
  const names = ["a", "b", "c"];
  const asks = names.map((tenant) => ({ ...ask(100, 1_000_000_000), tenant, want: { points: 1, bytes: 0 } }));
  const given = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const mixed = index % 2 === 0 ? asks : [...asks].reverse();
      return await relays[index % 4]?.takeBudgets(mixed);
    }),
  );
  t.true(given.every((each) => names.every((name) => each?.get(name)?.points === 1)));
});
