/** Connections are kept, but not at a server that makes an answer on a kept one take longer than a new one does. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/home/clock.js";
import { HttpClient } from "../../src/mlflow/http.js";
import { KeepAlive } from "../../src/mlflow/keep-alive.js";

/** Asks so often, one after the other; answers how many connections that took. */
async function connectionsOf(t: ExecutionContext, server: Server, requests: number): Promise<number> {
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const tls = { takesAny: false, serverCertPath: "", clientCertPath: "" };
  const client = new HttpClient(new URL(`http://127.0.0.1:${port}`), tls, systemClock);
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  for (let request = 0; request < requests; request++) {
    const answer = await client.ask({ method: "GET", path: "/", headers: {}, timeoutMs: 10_000 });
    t.like(answer, { kind: "answered", status: 200, body: "{}" });
  }
  return connections;
}

test("a server that answers at once is asked over one connection", async (t) => {
  const server = createServer((_, response) => response.end("{}"));
  t.is(await connectionsOf(t, server, 20), 1);
});

test("one whose answers wait on a kept connection is soon asked over a new one each time", async (t) => {
  const asked = new WeakSet();
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-length": "2" }).flushHeaders();
    setTimeout(() => response.end("{}"), asked.has(request.socket) ? 600 : 0);
    asked.add(request.socket);
  });
  // On a quiet machine 17: the first makes it, three tell that it waits, each of the others has its own. On a busy one
  // a head that comes late looks as if its body had been quick, and a few more on the kept connection tell.
  const connections = await connectionsOf(t, server, 20);
  t.true(connections >= 10 && connections <= 17, `${connections} connections`);
});

test("three answers that wait on a kept connection tell, and each of the others has its own", (t) => {
  const keepAlive = new KeepAlive();
  keepAlive.saw(1, 2);
  for (let answer = 0; answer < 3; answer++) {
    t.true(keepAlive.next());
    keepAlive.saw(43, undefined);
  }
  t.false(keepAlive.next());
});

// Answers are named here instead of measured: one process that asks and answers can't tell both apart when it is busy.
test("one whose answers wait on any connection keeps it", (t) => {
  const keepAlive = new KeepAlive();
  keepAlive.saw(50, 2);
  for (let answer = 0; answer < 20; answer++) {
    t.true(keepAlive.next());
    keepAlive.saw(50, undefined);
  }
});

test("a new connection's answer that looked quick by chance is outvoted by three that did not", (t) => {
  const keepAlive = new KeepAlive();
  keepAlive.saw(0, 2);
  for (let answer = 0; answer < 3; answer++) keepAlive.saw(50, undefined);
  for (let answer = 0; answer < 3; answer++) {
    t.false(keepAlive.next());
    keepAlive.saw(50, 2);
  }
  t.true(keepAlive.next());
});

test("a server that did not let kept connections wait any more gets them again", (t) => {
  const keepAlive = new KeepAlive();
  keepAlive.saw(1, 2);
  for (let answer = 0; answer < 3; answer++) keepAlive.saw(43, undefined);
  const own = Array.from({ length: 256 }, () => keepAlive.next()).filter((isKept) => !isKept).length;
  t.is(own, 255);
  for (let answer = 0; answer < 3; answer++) {
    t.true(keepAlive.next());
    keepAlive.saw(0.1, undefined);
  }
  t.true(keepAlive.next());
});
