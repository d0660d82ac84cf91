/** A request ends by its deadline whatever its socket does, and reads no more than its endpoint can need. */
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/home/clock.js";
import { HttpClient } from "../../src/mlflow/http.js";
import { Lookups } from "../../src/mlflow/lookup.js";
import { type Answer, verdictOf } from "../../src/mlflow/verdict.js";
import { ANSWER_BYTES_MAX, ERROR_BYTES_MAX, NAME_LOOKUPS_MAX } from "../../src/model/limits.js";
import { repeat, startRawServer, type Talk } from "../support/raw-server.js";
import { until } from "../support/until.js";

const TLS = { serverCertPath: "", clientCertPath: "", takesAny: true };
/** For a request that has to wait for it, and for one that has to end before it on the slowest machine. */
const DEADLINE_MS = 2_000;
const PATIENCE_MS = 120_000;

function clientOf(t: ExecutionContext, url: string): HttpClient {
  const client = new HttpClient(new URL(url), TLS, systemClock);
  t.teardown(() => client.destroy());
  return client;
}

const request = (body: Buffer = Buffer.alloc(0), timeoutMs = DEADLINE_MS) =>
  ({ method: "POST", path: "/", headers: {}, body, timeoutMs }) as const;

async function askRaw(t: ExecutionContext, talk: Talk, timeoutMs = PATIENCE_MS): Promise<Answer> {
  return await clientOf(t, await startRawServer(t, talk)).ask(request(Buffer.alloc(900_000), timeoutMs));
}

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

const TIMED_OUT = { kind: "failed", code: "ETIMEDOUT", isSent: true };

/** What a socket does, and what the request has ended with. */
const SOCKETS: readonly (readonly [what: string, talk: Talk, wanted: object])[] = [
  ["switches protocols", repeat(SWITCH, "", 50), { kind: "answered", status: 101 }],
  [
    "switches protocols and closes",
    (socket) => socket.once("data", () => socket.end(SWITCH)),
    { status: 101 },
  ],
  ["says 101 without an upgrade", repeat("HTTP/1.1 101 Over\r\n\r\n", "", 50), { status: 101 }],
  ["says 103 for ever", repeat("", "HTTP/1.1 103 Early Hints\r\n\r\n", 5), { status: 103 }],
  ["says 100 now and then, and nothing else", repeat("", "HTTP/1.1 100 Continue\r\n\r\n", 400), TIMED_OUT],
  ["says nothing", () => undefined, TIMED_OUT],
  ["reads nothing", (socket) => void socket.pause(), TIMED_OUT],
  ["says headers without an end", repeat("HTTP/1.1 200 OK\r\n", "x: y\r\n", 100), TIMED_OUT],
  [
    "says more headers than any server",
    repeat("HTTP/1.1 200 OK\r\n", `x: ${"y".repeat(20_000)}\r\n`, 100),
    { kind: "failed", code: "HPE_HEADER_OVERFLOW" },
  ],
  ["lets a body trickle", repeat("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", "y", 20), TIMED_OUT],
  [
    "lets chunks trickle",
    repeat("HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\ny\r\n", 20),
    TIMED_OUT,
  ],
  ["closes its side and keeps ours", (socket) => socket.once("data", () => socket.end()), { kind: "failed" }],
  [
    "closes in the midst of a body",
    (socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab")),
    { kind: "failed", code: "ECONNRESET" },
  ],
  ["says what is no HTTP", repeat("SSH-2.0-OpenSSH_9.6\r\n", "", 50), { kind: "failed" }],
];

for (const [what, talk, wanted] of SOCKETS) {
  test(`a request ends when its socket ${what}`, async (t) => {
    const answer = await askRaw(t, talk, wanted === TIMED_OUT ? DEADLINE_MS : PATIENCE_MS);
    t.like(answer, wanted);
    const verdict = verdictOf(answer, "the server");
    t.true(verdict.kind === "hold" || verdict.kind === "retry", "nothing is given up for it");
  });
}

test("a handshake that hangs is ended, and counts as not sent", async (t) => {
  const url = await startRawServer(t, () => undefined);
  const answer = await clientOf(t, url.replace("http:", "https:")).ask(request());
  t.like(answer, { kind: "failed", code: "ETIMEDOUT", isSent: false });
});

test("a name that nobody answers for ends its request, and takes few of the threads that write to the disk", async (t) => {
  const hanging: (() => void)[] = [];
  const { find } = new Lookups((_name, _options, callback) => {
    hanging.push(() => callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), ""));
  });
  const ask = async (name: string) => {
    const client = new HttpClient(new URL(`http://${name}.invalid`), TLS, systemClock, find);
    t.teardown(() => client.destroy());
    return await client.ask(request());
  };
  const asked = ["one", "one", "two", "three", "four", "four"].map(ask);
  t.is(hanging.length, NAME_LOOKUPS_MAX, "others wait, and a name is looked for once");
  for (const answer of await Promise.all(asked))
    t.like(answer, { kind: "failed", code: "ETIMEDOUT", isSent: false });
  // The system gives up at last, and the next ones come.
  while (hanging.length > 0) hanging.shift()?.();
  const later = ask("five");
  await until(
    "the next name is looked for",
    () => hanging.length,
    (count) => count > 0,
  );
  for (const end of hanging) end();
  t.like(await later, { kind: "failed", code: "ENOTFOUND", isSent: false });
});

test("requests that wait for a connection of their own end, too, when the daemon does", async (t) => {
  const client = clientOf(t, await startRawServer(t, () => undefined));
  const asked = [1, 2, 3].map(() => client.ask(request(Buffer.alloc(0), 600_000)));
  client.destroy();
  for (const answer of await Promise.all(asked))
    t.like(answer, { kind: "failed", message: "the daemon ends" });
  t.like(await client.ask(request()), { kind: "failed", isSent: false });
});

test("a request that can't be made has failed, and says nothing of its headers", async (t) => {
  const client = clientOf(t, "http://127.0.0.1:1");
  const answer = await client.ask({ ...request(), headers: { authorization: "Bearer se\ncret" } });
  t.like(answer, { kind: "failed", code: "ERR_INVALID_CHAR", isSent: false });
  t.false(JSON.stringify(answer).includes("cret"));
});

test("a connection that is used again and again gathers no listeners", async (t) => {
  let connections = 0;
  const client = clientOf(
    t,
    await startRawServer(t, (socket) => {
      connections += 1;
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    }),
  );
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on("warning", warn);
  t.teardown(() => process.off("warning", warn));
  for (let index = 0; index < 30; index++)
    t.like(await client.ask(request(Buffer.alloc(0), PATIENCE_MS)), { kind: "answered", body: "{}" });
  t.is(connections, 1);
  t.deepEqual(warnings, []);
});

const body = (status: string, text: string): Talk => {
  const head = `HTTP/1.1 ${status}\r\ncontent-length: ${text.length}\r\n\r\n`;
  return (socket) => socket.once("data", () => socket.write(head + text));
};

const LONG = 31 * 1024 * 1024;

test("a body is cut where its endpoint can need no more, and what is cut means what its beginning says", async (t) => {
  const error = JSON.stringify({ error_code: "INVALID_PARAMETER_VALUE", message: "x ".repeat(LONG / 2) });
  const refused = await askRaw(t, body("400 Bad Request", error));
  t.like(refused, { kind: "answered", isCut: true });
  t.is(refused.kind === "answered" && refused.body.length, ERROR_BYTES_MAX);
  t.like(verdictOf(refused, "the server"), { kind: "refused", code: "STEPWELL_ENTRY_REFUSED" });

  const quoted = JSON.stringify({ message: `{"error_code": "INVALID_PARAMETER_VALUE"} ${"x".repeat(LONG)}` });
  const failed = await askRaw(t, body("500 Failed", quoted));
  t.like(verdictOf(failed, "the server"), { kind: "doubtful", code: "STEPWELL_SERVER_FAILED" });

  const good = await askRaw(t, body("200 OK", JSON.stringify({ run: "y".repeat(LONG) })));
  t.is(good.kind === "answered" && good.body.length, ANSWER_BYTES_MAX);
  t.like(verdictOf(good, "the server"), { kind: "hold", code: "STEPWELL_SERVER_NOT_UNDERSTOOD" });
});
