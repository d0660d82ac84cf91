import { once } from "node:events";
import { connect } from "node:net";
import test from "ava";
import { GateProxy } from "./gate-proxy.js";
import { ScriptedMlflow } from "./scripted-mlflow.js";
import { until } from "./until.js";

test("a client that dies in the midst of a request is no unhandled rejection of a server's", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const proxy = await GateProxy.start(t, server.url);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.teardown(() => process.off("unhandledRejection", note));
  for (const url of [server.url, proxy.url].map((each) => new URL(each))) {
    const socket = connect(Number(url.port), url.hostname);
    socket.write("POST /whole HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}");
    await once(socket, "data");
    // The server answers that it reads.
    socket.write("POST /torn HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
  }
  await until(
    "both connections are closed",
    () => server.connections,
    (open) => open === 0,
  );
  t.deepEqual(unhandled, []);
  t.deepEqual(new Set(server.seen.map(({ path }) => path)), new Set(["/whole"]));
});
