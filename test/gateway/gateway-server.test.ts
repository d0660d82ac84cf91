/** What odd clients send, byte by byte: it is answered as of any server, or cut off, and nothing of it is half taken. */
import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import test, { type ExecutionContext } from "ava";
import { type GatewayCall, jsonAnswer } from "../../src/gateway/call.js";
import { GatewayServer } from "../../src/gateway/gateway-server.js";
import { readBytes } from "../../src/gateway/read-text.js";
import { bodyText } from "../../src/gateway/routed.js";
import { GATEWAY_BODIES_BYTES_MAX, GATEWAY_BODY_BYTES_MAX } from "../../src/model/limits.js";
import { until } from "../support/until.js";

const PATH = "/api/2.0/mlflow/runs/set-tag";

/** A server that answers with what it was asked, and what it took whole. */
async function setUp(t: ExecutionContext) {
  const taken: string[] = [];
  const failed: unknown[] = [];
  const begun: string[] = [];
  const server = new GatewayServer({
    pageOf: () => undefined,
    callerOf: (pass) => (pass === "pass" ? ({} as Pick<GatewayCall, "target" | "programRunId">) : undefined),
    answer: async ({ method, path, search, body }) => {
      begun.push(path);
      const said = await text(body).catch((error: unknown) => {
        failed.push(error);
        throw error;
      });
      taken.push(said);
      return jsonAnswer([method, path, search, said]);
    },
    log: () => undefined,
  });
  const port = await server.listen(0);
  t.teardown(() => server.close(0));
  const open = () => {
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("utf8");
    return socket;
  };
  /** All that is answered to bytes, until the connection ends. */
  const ask = async (bytes: string) => {
    const socket = open();
    socket.write(bytes.replaceAll("PORT", String(port)));
    return await text(socket);
  };
  return { ask, open, port, taken, failed, begun };
}

const HOST = "Host: 127.0.0.1:PORT\r\n";
const LAST = "Connection: close\r\n";
const statusesIn = (answers: string) =>
  [...answers.matchAll(/HTTP\/1\.\d (\d+)/g)].map(([, status]) => status);

test("requests in odd forms are answered", async (t) => {
  const { ask } = await setUp(t);
  const absolute = await ask(`GET http://127.0.0.1:PORT/pass${PATH}?a=1 HTTP/1.1\r\n${HOST}${LAST}\r\n`);
  t.true(absolute.endsWith(JSON.stringify(["GET", PATH, "?a=1", ""])), absolute);
  const old = await ask(`POST /pass${PATH} HTTP/1.0\r\n${HOST}Content-Length: 2\r\n\r\nab`);
  t.true(old.endsWith(JSON.stringify(["POST", PATH, "", "ab"])), old);
  const chunked = `POST /pass${PATH} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n`;
  const pipelined = await ask(`${chunked}GET /pass/next HTTP/1.1\r\n${HOST}${LAST}\r\n`);
  t.deepEqual(statusesIn(pipelined), ["200", "200"]);
  t.true(pipelined.indexOf('"abc"') < pipelined.indexOf("/next"), pipelined);
  const expecting = await ask(
    `POST /pass${PATH} HTTP/1.1\r\n${HOST}${LAST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab`,
  );
  t.deepEqual(statusesIn(expecting), ["100", "200"]);
  const upgrade = await ask(
    `GET /pass/ws HTTP/1.1\r\n${HOST}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
  );
  t.deepEqual(statusesIn(upgrade), ["200"], "as a request like any other");
});

test("who has no pass, comes by another name or from another page, or speaks no HTTP, is refused", async (t) => {
  const { ask, taken } = await setUp(t);
  const statusOf = async (line: string, headers: string) =>
    statusesIn(await ask(`${line} HTTP/1.1\r\n${headers}${LAST}\r\n`));
  t.deepEqual(await statusOf(`GET /other${PATH}`, HOST), ["401"]);
  t.deepEqual(await statusOf(`GET /%70ass${PATH}`, HOST), ["401"]);
  t.deepEqual(await statusOf("GET *", HOST), ["401"]);
  t.deepEqual(await statusOf(`GET /pass${PATH}`, "Host: evil.example:PORT\r\n"), ["403"]);
  t.deepEqual(await statusOf(`OPTIONS /pass${PATH}`, `${HOST}Origin: http://evil.example\r\n`), ["403"]);
  for (const name of [
    "localhost.evil.example:PORT",
    "127.0.0.1.evil.example",
    "evil.example:80",
    "127.0.0.1:PORT:1",
  ])
    t.deepEqual(await statusOf(`GET /pass${PATH}`, `Host: ${name}\r\n`), ["403"], name);
  for (const origin of ["http://127.0.0.1:1", "http://localhost:PORT", "https://127.0.0.1:PORT", "null"])
    t.deepEqual(await statusOf(`GET /pass${PATH}`, `${HOST}Origin: ${origin}\r\n`), ["403"], origin);
  for (const site of ["cross-site", "same-site"])
    t.deepEqual(await statusOf(`GET /pass${PATH}`, `${HOST}Sec-Fetch-Site: ${site}\r\n`), ["403"], site);
  t.deepEqual(await statusOf(`GET /pass${PATH}`, `${HOST}X: ${"x".repeat(100_000)}\r\n`), ["431"]);
  t.deepEqual(
    await statusOf(`POST /pass${PATH}`, `${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n`),
    ["400"],
  );
  t.deepEqual(statusesIn(await ask("\x16\x03\x01\r\n\r\n")), ["400"]);
  t.deepEqual(taken, []);
});

test("it is taken by any name and port of this machine, as where SSH brings it to a laptop, and from its own page", async (t) => {
  const { ask } = await setUp(t);
  for (const host of ["127.0.0.1:PORT", "127.0.0.1:1", "localhost:8888", "LOCALHOST", "[::1]:9"]) {
    const line = `GET /pass${PATH} HTTP/1.1\r\nHost: ${host}\r\n${LAST}`;
    t.deepEqual(statusesIn(await ask(`${line}\r\n`)), ["200"], host);
    const own = `Origin: http://${host}\r\nSec-Fetch-Site: same-origin\r\n`;
    t.deepEqual(statusesIn(await ask(`${line}${own}\r\n`)), ["200"], host);
  }
  const link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
  t.deepEqual(
    statusesIn(await ask(`GET /pass/ HTTP/1.1\r\n${HOST}${LAST}${link}\r\n`)),
    ["200"],
    "a link to it",
  );
});

test("a client that goes in the midst of its request leaves nothing", async (t) => {
  const { open, port, taken, failed, begun } = await setUp(t);
  const socket = open();
  socket.write(`POST /pass${PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100\r\n\r\n{"key":`);
  await once(socket, "connect");
  await new Promise((resolve) => socket.write('"a"', resolve));
  await until(
    "the request is there",
    async () => begun.length,
    (count) => count === 1,
  );
  socket.destroy();
  await until(
    "the request has failed",
    async () => failed.length,
    (count) => count === 1,
  );
  t.deepEqual(taken, []);
});

test("a body that stands still, or is too much, is not kept; one that is no text says nothing", async (t) => {
  const still = new PassThrough();
  still.write("{");
  await t.throwsAsync(readBytes(still, 100, 20), { message: /did not come/ });
  t.true(still.destroyed);
  const chunk = Buffer.alloc(1 << 20);
  const open = Array.from(
    { length: GATEWAY_BODIES_BYTES_MAX / GATEWAY_BODY_BYTES_MAX + 1 },
    () => new PassThrough(),
  );
  const reading = Promise.allSettled(open.map((body) => readBytes(body, GATEWAY_BODY_BYTES_MAX, 60_000)));
  for (let bytes = 0; bytes < GATEWAY_BODY_BYTES_MAX; bytes += chunk.length)
    for (const body of open) body.write(chunk);
  for (const body of open) body.end();
  const refused = (await reading).filter(({ status }) => status === "rejected");
  t.true(refused.length > 0 && refused.length < open.length, `${refused.length} were refused`);
  t.is((await readBytes(Readable.from([chunk]), GATEWAY_BODY_BYTES_MAX, 60_000)).length, chunk.length);
  const textOf = (bytes: Buffer) => bodyText({ body: Readable.from([bytes]) } as unknown as GatewayCall);
  t.is(await textOf(Buffer.from([0x22, 0xff, 0x22])), "");
  t.is(await textOf(Buffer.from("\uFEFF{}")), "{}");
});
