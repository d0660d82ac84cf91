/** A TCP server whose answers a test writes byte by byte: what no HTTP server would say. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { ExecutionContext } from "ava";

/** Told of each connection; it says what it likes, or nothing. */
export type Talk = (socket: Socket) => void;

export async function startRawServer(t: ExecutionContext, talk: Talk): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    talk(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

/** Says the same text when the request has come, and again at intervals for as long as anybody listens. */
export function repeat(first: string, again: string, everyMs: number): Talk {
  return (socket) => {
    socket.once("data", () => {
      socket.write(first);
      const timer = setInterval(() => socket.write(again), everyMs);
      socket.once("close", () => clearInterval(timer));
    });
  };
}
