import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import test from "ava";
import { isOwnPeer, peerOf } from "../../src/home/peer.js";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
`;

test("the user of a connection is the one of the end that called", (t) => {
  t.is(peerOf(TABLE, "0100007F:C350", "0100007F:1F90"), 1001);
  t.is(peerOf(TABLE, "0100007F:1F90", "0100007F:C350"), 0);
  t.is(peerOf(TABLE, "0100007F:C351", "0100007F:1F90"), undefined);
  t.is(peerOf("", "0100007F:C350", "0100007F:1F90"), undefined);
});

for (const host of ["127.0.0.1", "127.0.0.9", "::1"])
  test(`a connection of this process to ${host} is its own`, async (t) => {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const socket = connect((server.address() as AddressInfo).port, host);
    const [peer] = await accepted;
    t.true(await isOwnPeer(peer));
    socket.destroy();
    server.close();
  });
