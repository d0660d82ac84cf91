import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer } from "node:http2";
import { type AddressInfo, createConnection } from "node:net";
import test, { type ExecutionContext } from "ava";
import { ReceiveWindows, WIDE_WINDOW_BYTES, WIDE_WINDOWS_MAX } from "../../src/api/receive-windows.js";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

/** HTTP/2's own. */
const NARROW = 65_535;
const INGEST = "/stepwell.v1.IngestService/Ingest";

const isWide = (client: ClientHttp2Session) =>
  client.remoteSettings.initialWindowSize === WIDE_WINDOW_BYTES &&
  client.state.remoteWindowSize === WIDE_WINDOW_BYTES;

const untilWide = (client: ClientHttp2Session) =>
  until(
    "the wide window",
    () => isWide(client),
    (seen) => seen,
  );

/** A server that widens what it can, and what connects to it. */
async function served(t: ExecutionContext): Promise<() => Promise<ClientHttp2Session>> {
  const windows = new ReceiveWindows();
  const server = createServer().on("stream", (stream) => {
    windows.widen(stream);
    stream.respond({ ":status": 200 });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return async () => {
    const client = connect(`http://127.0.0.1:${port}`);
    t.teardown(() => client.destroy());
    const stream = client.request({ ":method": "POST", ":path": "/" }, { endStream: false });
    // Behind the answer a settled round trip brings what was said with it.
    await once(stream, "response");
    await new Promise((resolve) => client.ping(resolve));
    return client;
  };
}

test("a client that streams points may send more than HTTP/2 lets it at first", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  const path = daemon.endpoint.endpoint.slice("unix:".length);
  const client = connect("http://localhost", { createConnection: () => createConnection(path) });
  t.teardown(() => client.destroy());
  client.request(
    { ":method": "POST", ":path": INGEST, "content-type": "application/grpc", te: "trailers" },
    { endStream: false },
  );
  await untilWide(client);
  t.pass();
});

test("so many connections have a wide window, and another one when one of them goes", async (t) => {
  const open = await served(t);
  const clients: ClientHttp2Session[] = [];
  for (let count = 0; count < WIDE_WINDOWS_MAX; count++) clients.push(await open());
  for (const client of clients) await untilWide(client);
  const more = await open();
  t.is(more.remoteSettings.initialWindowSize ?? NARROW, NARROW);
  t.is(more.state.remoteWindowSize, NARROW);
  clients[0]?.destroy();
  await until("a place", open, isWide);
  t.pass();
});

test("two streams of a connection take one place", async (t) => {
  const open = await served(t);
  const first = await open();
  await untilWide(first);
  for (let count = 0; count < WIDE_WINDOWS_MAX; count++) {
    const stream = first.request({ ":method": "POST", ":path": "/" }, { endStream: false });
    await once(stream, "response");
  }
  await untilWide(await open());
  t.pass();
});
