/**
 * What each sink keeps to whose backend has cursors of its own (src/sinks/sink.ts, src/model/cursor.ts): a
 * pack is written where the run's cursor is equal to what its sender believes, and nowhere else.
 */
import ava, { type ExecutionContext } from "ava";
import type { Author, LeftCursor } from "../../src/model/cursor.js";
import type { Pack } from "../../src/model/pack.js";
import type { CursorKeeper, Sink } from "../../src/sinks/sink.js";
import { postgresForAll } from "../support/mlflow-postgres.js";
import { MLFLOW_3 } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";
import type { KeptBackend } from "./kept-backend.js";
import { keptPostgres } from "./mlflow-postgres/kept.js";
import { keptSqlite } from "./mlflow-sqlite/kept.js";
import { AUTHOR, HOME_ID, OTHER_RUN_ID, pack, RUN_ID } from "./mlflow-sqlite/packs.js";

const postgres = postgresForAll(ava);

const IMPLEMENTATIONS: readonly {
  readonly name: string;
  readonly test: typeof ava | typeof ava.skip;
  readonly make: (t: ExecutionContext) => Promise<KeptBackend>;
}[] = [
  { name: "SQLite", test: ava, make: keptSqlite },
  { name: "PostgreSQL", test: testWith(MLFLOW_3), make: (t) => keptPostgres(t, postgres()) },
];

const ANOTHER: Author = { homeId: HOME_ID, incarnation: "2".repeat(32) };
const at = (seq: number, author: Author = AUTHOR): LeftCursor => ({ ...author, seq });

/** One point with its position as its step. */
function point(seq: number, after: LeftCursor | undefined, more: Partial<Pack> = {}): Pack {
  return pack(seq, [["loss", BigInt(seq), BigInt(seq), seq]], { pointsThrough: seq, after, ...more });
}

async function send(sink: Sink, sent: Pack) {
  const [outcome] = await sink.send([sent]);
  return outcome;
}

function keeperOf({ cursors }: Sink): CursorKeeper {
  if (!cursors) throw new Error("it keeps no cursors");
  return cursors;
}

/** What the sink tells of the run's cursor. */
async function cursorOf(sink: Sink, author: Author = AUTHOR, after?: LeftCursor) {
  const [answer] = await keeperOf(sink).standing([{ author, runId: RUN_ID, after }]);
  return answer;
}

const DELIVERED = { kind: "delivered", refused: [] } as const;

for (const { name, test, make } of IMPLEMENTATIONS) {
  test(`${name}: a pack is written where the cursor is as believed, and moves it`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    t.deepEqual(await send(sink, point(1, undefined)), DELIVERED);
    t.deepEqual(await send(sink, point(5, at(1), { bytesThrough: 70 })), DELIVERED);
    const cursor = { seq: 5, points: 5, bytes: 70, incarnation: AUTHOR.incarnation };
    for (const each of [sink, backend.open()])
      t.deepEqual(await cursorOf(each), { homeId: HOME_ID, cursor }, "a restart changes nothing");
    t.deepEqual(await send(backend.open(), point(6, at(5), { author: ANOTHER })), DELIVERED);
    t.like((await cursorOf(sink))?.cursor, { seq: 6, incarnation: ANOTHER.incarnation });
    t.deepEqual(await backend.steps(RUN_ID), [1, 5, 6]);
  });

  const ELSEWHERE: readonly (readonly [string, LeftCursor | undefined])[] = [
    ["behind what its sender believes", at(9)],
    ["ahead of what its sender believes", at(3)],
    ["by a start that its sender does not mean", at(5, ANOTHER)],
    ["there, and its sender knows of none", undefined],
  ];
  for (const [where, after] of ELSEWHERE) {
    test(`${name}: where the cursor is ${where}, nothing is written and the cursor is told`, async (t) => {
      const backend = await make(t);
      const sink = backend.open();
      await send(sink, point(5, undefined));
      const cursor = { seq: 5, points: 5, bytes: 0, incarnation: AUTHOR.incarnation };
      const elsewhere = { kind: "elsewhere", homeId: HOME_ID, cursor } as const;
      for (const seq of [2, 5, 10]) t.deepEqual(await send(sink, point(seq, after)), elsewhere);
      t.deepEqual(await backend.steps(RUN_ID), [5]);
      t.deepEqual((await cursorOf(sink))?.cursor, cursor);
    });
  }

  test(`${name}: where the cursor is missing, nothing is written and that is told`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    await send(sink, point(1, undefined, { runId: OTHER_RUN_ID }));
    const elsewhere = { kind: "elsewhere", homeId: HOME_ID, cursor: undefined } as const;
    t.deepEqual(await send(sink, point(6, at(5))), elsewhere);
    t.deepEqual(await backend.steps(RUN_ID), []);
    t.deepEqual(await cursorOf(sink), { homeId: HOME_ID, cursor: undefined });
  });

  test(`${name}: of the packs of one request each is judged alone`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    const packs = [point(2, at(1)), point(3, undefined, { runId: OTHER_RUN_ID })];
    t.like(await sink.send(packs), [{ kind: "elsewhere" }, DELIVERED]);
    t.deepEqual([await backend.steps(RUN_ID), await backend.steps(OTHER_RUN_ID)], [[], [3]]);
  });

  test(`${name}: what is refused keeps the cursor where it was, until its pack comes without it`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    await send(sink, point(1, undefined, { params: [{ key: "lr", value: "1" }] }));
    const changed = () => point(2, at(1), { params: [{ key: "lr", value: "2" }] });
    for (let time = 0; time < 2; time++)
      t.like(await send(sink, changed()), { kind: "delivered", refused: [{ kind: "param", key: "lr" }] });
    t.like((await cursorOf(sink))?.cursor, { seq: 1, points: 1 });
    t.deepEqual(await send(sink, point(2, at(1))), DELIVERED);
    t.deepEqual(await backend.steps(RUN_ID), [1, 2]);
  });

  test(`${name}: a home that took a new id finds what it left under its earlier one, and leaves that alone`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    await send(sink, point(5, undefined));
    const author = { homeId: "b".repeat(32), incarnation: "3".repeat(32) };
    t.like(await cursorOf(sink, author, at(5)), { homeId: HOME_ID, cursor: { seq: 5 } });
    t.deepEqual(await send(sink, point(6, at(5), { author })), DELIVERED);
    t.like(await cursorOf(sink, author, at(6, author)), { homeId: author.homeId, cursor: { seq: 6 } });
    t.like((await cursorOf(sink))?.cursor, { seq: 5 });
    t.like(await send(sink, point(7, at(6, author))), { kind: "elsewhere", homeId: HOME_ID });
  });

  test(`${name}: a backend that was put back is noticed, idle or by what is sent, and written to once that is known`, async (t) => {
    const backend = await make(t);
    const sink = backend.open();
    await send(sink, point(1, undefined));
    const putBack = await backend.copy();
    await send(sink, point(2, at(1)));
    t.deepEqual(await keeperOf(sink).look(HOME_ID), { kind: "as left" });
    await putBack();
    t.deepEqual(await keeperOf(sink).look(HOME_ID), { kind: "went back", writes: 1 });
    t.like(await send(sink, point(3, at(2))), { kind: "retry", code: "STEPWELL_BACKEND_FORGOT" });
    t.like(await cursorOf(sink), { cursor: { seq: 1 } });
    t.like(await send(sink, point(3, at(2))), { kind: "elsewhere", cursor: { seq: 1 } });
    t.deepEqual(await send(sink, point(2, at(1))), DELIVERED);
    t.deepEqual(await backend.steps(RUN_ID), [1, 2]);
  });
}
