import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import test from "ava";
import { isOwnPeer, peerOf } from "../../src/gateway/peer.js";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
`;

test("the user of a connection is the one of the end that called", (t) => {
  t.is(peerOf(TABLE, 0xc350, 0x1f90), 1001);
  t.is(peerOf(TABLE, 0x1f90, 0xc350), 0);
  t.is(peerOf(TABLE, 0xc351, 0x1f90), undefined);
  t.is(peerOf("", 1, 2), undefined);
});

test("a connection of this process is its own", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  t.true(await isOwnPeer(socket.localPort ?? 0, port));
  socket.destroy();
  server.close();
});
