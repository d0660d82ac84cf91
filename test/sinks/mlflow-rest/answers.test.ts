import test from "ava";
import { KEEP_ALIVE_IDLE_MS, LATE_MS } from "../../../src/model/limits.js";
import type { Pack } from "../../../src/model/pack.js";
import type { Outcome } from "../../../src/sinks/sink.js";
import { SetClock } from "../../support/clock.js";
import { type Reaction, ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { until } from "../../support/until.js";
import { pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

const json = (status: number, code: string, message: string, headers = {}): Reaction => ({
  status,
  body: JSON.stringify({ error_code: code, message }),
  headers,
});

const POOL =
  "(raised as a result of Query-invoked autoflush) QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00";

const NO_ROOM = "(psycopg2.errors.StringDataRightTruncation) value too long for type character varying(250)";
const NO_WORD = "(1366, \"Incorrect string value: '\\xF0' for column 'value'\")";

/**
 * What a lane is to do when log-batch is answered so, once. Nothing may be lost or be there twice afterwards. An
 * answer that speaks of entries has its request halved, and here the halves are taken.
 */
const ROWS: readonly (readonly [what: string, answer: Reaction, wanted: Partial<Outcome>])[] = [
  [
    "400 BAD_REQUEST of a starved pool",
    json(400, "BAD_REQUEST", POOL),
    { kind: "retry", code: "STEPWELL_SERVER_BUSY" },
  ],
  [
    "400 BAD_REQUEST of the database",
    json(400, "BAD_REQUEST", "(psycopg2.errors.UniqueViolation) params"),
    { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" },
  ],
  ["400 of an entry", json(400, "INVALID_PARAMETER_VALUE", "Invalid metric name"), { kind: "delivered" }],
  ["400 of PostgreSQL's column", json(400, "BAD_REQUEST", NO_ROOM), { kind: "delivered" }],
  ["400 of MySQL's characters", json(400, "BAD_REQUEST", NO_WORD), { kind: "delivered" }],
  ["413 of a proxy", { status: 413, body: "<h1>Request Entity Too Large</h1>" }, { kind: "delivered" }],
  [
    "400 RESOURCE_ALREADY_EXISTS",
    json(400, "RESOURCE_ALREADY_EXISTS", "it exists"),
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  ["400 ABORTED", json(400, "ABORTED", "again"), { kind: "retry", code: "STEPWELL_SERVER_BUSY" }],
  [
    "400 that is a web page",
    { status: 400, body: "<html>plain HTTP to an HTTPS port</html>" },
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  [
    "400 with an unknown code",
    json(400, "FEATURE_DISABLED", "no"),
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  [
    "401",
    { status: 401, body: "You are not authenticated." },
    { kind: "hold", scope: "backend", code: "STEPWELL_NOT_AUTHENTICATED" },
  ],
  [
    "403 of the server",
    json(403, "PERMISSION_DENIED", "Permission denied"),
    { kind: "hold", scope: "unclear", code: "STEPWELL_NOT_PERMITTED" },
  ],
  [
    "403 of the host check",
    { status: 403, body: "Invalid Host header - possible DNS rebinding attack detected" },
    { kind: "hold", scope: "unclear", code: "STEPWELL_NOT_PERMITTED" },
  ],
  [
    "404 that is a web page",
    { status: 404, body: "<!doctype html>" },
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  [
    "404 RESOURCE_DOES_NOT_EXIST",
    json(404, "RESOURCE_DOES_NOT_EXIST", "Run not found"),
    { kind: "refused", code: "STEPWELL_RUN_DELETED" },
  ],
  [
    "400 of a deleted run",
    json(
      400,
      "INVALID_PARAMETER_VALUE",
      "The run x must be in the 'active' state. Current state is deleted.",
    ),
    { kind: "refused", code: "STEPWELL_RUN_DELETED" },
  ],
  ["405", { status: 405 }, { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" }],
  ["407", { status: 407 }, { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" }],
  ["408", { status: 408 }, { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" }],
  [
    "409 RESOURCE_CONFLICT",
    json(409, "RESOURCE_CONFLICT", "again"),
    { kind: "retry", code: "STEPWELL_SERVER_BUSY" },
  ],
  ["425", { status: 425 }, { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" }],
  [
    "429 with a wish",
    json(429, "REQUEST_LIMIT_EXCEEDED", "slow down", { "retry-after": "7" }),
    { kind: "retry", scope: "backend", code: "STEPWELL_SERVER_BUSY", afterMs: 7_000 },
  ],
  [
    "429 with a wish beyond all bounds",
    { status: 429, headers: { "retry-after": "86400" } },
    { kind: "retry", code: "STEPWELL_SERVER_BUSY", afterMs: 300_000 },
  ],
  [
    "429 with a date",
    { status: 429, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" } },
    { kind: "retry", code: "STEPWELL_SERVER_BUSY" },
  ],
  [
    "500 in JSON",
    json(500, "INTERNAL_ERROR", "boom"),
    { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" },
  ],
  [
    "500 that is a web page",
    { status: 500, body: "<h1>Internal Server Error</h1>" },
    { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" },
  ],
  ["501", { status: 501 }, { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" }],
  ["502", { status: 502 }, { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" }],
  [
    "503 with a wish",
    json(503, "TEMPORARILY_UNAVAILABLE", "database is locked", { "retry-after": "2" }),
    { kind: "retry", code: "STEPWELL_SERVER_BUSY", afterMs: 2_000 },
  ],
  ["504", { status: 504 }, { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" }],
  ["520 of a proxy", { status: 520 }, { kind: "retry", scope: "unclear", code: "STEPWELL_SERVER_FAILED" }],
  [
    "a redirect",
    { status: 302, headers: { location: "https://login.example/?token=hidden" } },
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  [
    "200 that is a web page",
    { status: 200, body: "<html>please sign in</html>" },
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  [
    "200 with half a body",
    { status: 200, body: '{"half' },
    { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" },
  ],
  ["204 without a body", { status: 204 }, { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" }],
  ["a connection that breaks before", "break-before", { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" }],
  ["a connection that breaks after", "break-after", { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" }],
  ["silence", "hang", { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" }],
];

const ENTRIES: Partial<Pack> = {
  params: [{ key: "lr", value: "0.1" }],
  tags: [{ key: "phase", value: "warm" }],
};
const points = [0n, 1n, 2n].map((step) => ["loss", step, 5n, Number(step) / 2] as const);

for (const [what, answer, wanted] of ROWS) {
  for (const appends of [false, true]) {
    const where = appends ? "a store that appends" : "a SQL store";
    test(`${what} from ${where}: ${wanted.kind}, and everything is there once in the end`, async (t) => {
      const server = await ScriptedMlflow.start(t, { appends });
      const clock = new SetClock();
      const sink = restSink(t, server.url, { answerMs: 5_000, clock });
      server.once("log-batch", answer);
      const outcome = only(await sink.send([pack(1, points, ENTRIES)]));
      t.like(outcome, wanted);
      let last = outcome;
      if (outcome.kind !== "delivered" && outcome.kind !== "elsewhere") {
        t.true(outcome.reason.startsWith(server.url), outcome.reason);
        t.false(/token|hidden/.test(outcome.reason), "a redirect's query may hold a credential");
        if (appends) clock.move(LATE_MS);
        last = only(await sink.send([pack(1, points, ENTRIES)]));
      }
      t.deepEqual(last, { kind: "delivered", refused: [] });
      const run = server.store.run(RUN_ID);
      t.is(run.points.length, points.length);
      t.is(new Set(run.points).size, points.length);
      t.is(run.params.get("lr"), "0.1");
      t.is(run.tags.get("phase"), "warm");
    });
  }
}

test("a server that nobody listens at is retried", async (t) => {
  const sink = restSink(t, "http://127.0.0.1:1");
  t.like(only(await sink.send([pack(1, points)])), { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" });
});

test("a name that can't be resolved is retried", async (t) => {
  const sink = restSink(t, "http://no-such-host.invalid");
  const outcome = only(await sink.send([pack(1, points)]));
  t.like(outcome, { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" });
});

test("an address with a prefix is kept, and credentials go to it alone", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const settings = async () => ({ tracking_username: "ada", tracking_password: "p:ä" });
  const sink = restSink(t, `${server.url}/team/mlflow`, { settings });
  t.like(only(await sink.send([pack(1, points)])), { kind: "delivered" });
  t.true(server.seen.every(({ path }) => path.startsWith("/team/mlflow/")));
  const basic = `Basic ${Buffer.from("ada:p:ä").toString("base64")}`;
  t.true(server.seen.every(({ headers }) => headers.authorization === basic));
});

test("a connection is used again, and given up while it is idle before gunicorn would after 2 s, and uvicorn after 5", async (t) => {
  t.true(KEEP_ALIVE_IDLE_MS <= 1_500);
  // A server that is patient, so that no pause of a busy machine has it end a connection first.
  const server = await ScriptedMlflow.start(t, { keepAliveMs: 60_000 });
  const sink = restSink(t, server.url);
  for (let round = 1; round <= 3; round++) {
    for (const part of [1, 2, 3])
      t.like(only(await sink.send([pack(round * 10 + part, points)])), { kind: "delivered" });
    await until(
      "no connection is open",
      () => server.connections,
      (open) => open === 0,
      { withinMs: 50_000 },
    );
    t.is(server.connectionsEnded, server.connectionsMade, "the client gave up each");
  }
  t.true(server.connectionsMade < 9, "and used again before");
});

test("an answer larger than any is broken off, and asked for again later", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  server.once("log-batch", { status: 200, body: `{"x":"${"y".repeat(33 * 1024 * 1024)}"}` });
  const outcome = only(await sink.send([pack(1, points)]));
  t.like(outcome, { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" });
  t.deepEqual(only(await sink.send([pack(1, points)])), { kind: "delivered", refused: [] });
});
