/** Connections of a channel that was closed, at a place where nobody answers. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelCredentials, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import test from "ava";
import { CHANNEL_OPTIONS } from "../../../src/sinks/relay/address.js";
import { OwnConnections } from "../../../src/sinks/relay/own-connections.js";
import { freePort } from "../../support/free-port.js";
import { until } from "../../support/until.js";

const none = () => Buffer.alloc(0);

/** A call over a channel of its own. */
function callTo(port: number, by: ChannelCredentials) {
  const client = new Client(`dns:127.0.0.1:${port}`, by, CHANNEL_OPTIONS);
  const ended = new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest("/none/None", none, (bytes) => bytes, {}, resolve),
  );
  return { client, ended };
}

/** Takes connections, and says nothing. */
async function silentServer(t: { teardown: (end: () => unknown) => void }, port: number) {
  const server: Server = createServer((socket) => {
    socket.resume().on("error", () => undefined);
    t.teardown(() => socket.destroy());
  }).listen(port, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening");
  return async () =>
    await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
}

test("a channel that is closed while it waits to connect again does not", async (t) => {
  const port = await freePort();
  const own = Array.from({ length: 10 }, () => new OwnConnections(credentials.createInsecure()));
  const calls = [...own, credentials.createInsecure()].map((by) => callTo(port, by));
  for (const { ended } of calls) t.is((await ended)?.code, 14);
  for (const { client } of calls) client.close();
  for (const each of own) each.close();
  const connections = await silentServer(t, port);
  // What gRPC does by itself, within a fifth of a second of each other.
  await until("a channel without them connects", connections, (count) => count > 0);
  await sleep(1_000);
  t.is(await connections(), 1);
});

test("a connection that nobody answers goes with its channel", async (t) => {
  const port = await freePort();
  const connections = await silentServer(t, port);
  const own = new OwnConnections(credentials.createSsl());
  const { client, ended } = callTo(port, own);
  await until("it is connected", connections, (count) => count === 1);
  client.close();
  own.close();
  t.is((await ended)?.code, 14);
  await until("its connection is gone", connections, (count) => count === 0);
});
