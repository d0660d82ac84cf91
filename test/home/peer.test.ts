import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { isOwnPeer, peerOf, tableOf } from "../../src/home/peer.js";
import { until } from "../support/until.js";

const run = promisify(execFile);
const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const CALLER = "0100007F:C350";
const CALLED = "0100007F:1F90";
const listening = lineOf(CALLED, "00000000:0000", "0A", 0, 1);
const ours = (state = "01") => lineOf(CALLED, CALLER, state, 0, 3);
const theirs = (uid: number, inode: number, state = "01") => lineOf(CALLER, CALLED, state, uid, inode);

function lineOf(local: string, remote: string, state: string, uid: number, inode: number): string {
  const rest = `00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 1 0 100 0`;
  return `   0: ${local} ${remote} ${state} ${rest}\n`;
}

test("the user of a connection is the one of the end that called", (t) => {
  const peer = (...lines: string[]) => peerOf(tableOf(HEAD + lines.join("")), CALLER, CALLED);
  t.is(peer(listening, theirs(1001, 2), ours()), 1001);
  t.is(peer(listening, theirs(0, 2), ours()), 0);
  t.is(peer(listening, theirs(1001, 2, "05"), ours("08")), 1001, "it sends no more, and reads on");
  t.is(
    peer(listening, theirs(0, 0, "05"), ours("08")),
    "gone",
    "Linux says 0 of an end that its program closed",
  );
  t.is(peer(listening), "gone", "it was reset");
  t.is(peer(listening, ours("08")), "gone");
  t.is(peer(listening, ours()), "elsewhere");
  t.is(peer(), "untold");
  t.is(peerOf(tableOf(HEAD + listening + theirs(7, 2)), "0100007F:C351", CALLED), "gone");
});

/** A server at an address, and the connections that it gets. */
async function serverAt(t: ExecutionContext, host: string) {
  const server = createServer({ allowHalfOpen: true }).listen(0, host);
  const accepted: Socket[] = [];
  server.on("connection", (socket) => accepted.push(socket));
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, accepted };
}

for (const host of ["127.0.0.1", "127.0.0.9", "::1"])
  test(`a connection of this process to ${host} is its own`, async (t) => {
    const { server, port } = await serverAt(t, host);
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const socket = connect(port, host);
    const [peer] = await accepted;
    t.true(await isOwnPeer(peer));
    socket.destroy();
  });

test("all of many connections that come at once are known", async (t) => {
  const { server, port } = await serverAt(t, "127.0.0.1");
  const answers: Promise<boolean>[] = [];
  server.on("connection", (socket) => answers.push(isOwnPeer(socket)));
  const sockets = Array.from({ length: 400 }, () => connect(port, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  while (answers.length < sockets.length) await once(server, "connection");
  t.deepEqual([...new Set(await Promise.all(answers))], [true]);
  for (const socket of sockets) socket.destroy();
});

const asRoot = process.platform === "linux" && process.getuid?.() === 0 ? test : test.skip;

asRoot(
  "another user's connection is not ours, also when it sent something and is closed or reset",
  async (t) => {
    const { port, accepted } = await serverAt(t, "127.0.0.1");
    const ask = `const { connect } = require("node:net"), { once } = require("node:events");
    const ends = [() => undefined, (s) => s.end(), (s) => s.destroy(), (s) => s.resetAndDestroy()];
    const say = async (end) => {
      const s = connect(${port}, "127.0.0.1"); await once(s, "connect");
      await new Promise((done) => s.write("x", done)); end(s);
    };
    Promise.all(ends.map(say)).then(() => process.stdout.write("said"));
    setInterval(() => undefined, 60_000);`;
    const options = { uid: 65_534, gid: 65_534, cwd: "/", env: { PATH: "/usr/bin:/bin" } };
    const going = run(process.execPath, ["-e", ask], options);
    t.teardown(() => void going.child.kill("SIGKILL"));
    going.catch(() => undefined);
    if (going.child.stdout) await once(going.child.stdout, "data");
    await until(
      "all are there",
      async () => accepted.length,
      (count) => count === 4,
    );
    t.deepEqual(await Promise.all(accepted.map(isOwnPeer)), [false, false, false, false]);
  },
);
