/** Which user a connection from this machine comes from, as Linux tells it; elsewhere the pass alone decides. */
import { readFile } from "node:fs/promises";
import { userId } from "../home/user.js";

const TABLE = "/proc/net/tcp";
const LOOPBACK = "0100007F";

/** Whether a connection from a port of the loopback address to another comes from this user, or from root. */
export async function isOwnPeer(fromPort: number, toPort: number): Promise<boolean> {
  const table = await readFile(TABLE, "utf8").catch(() => "");
  const uid = peerOf(table, fromPort, toPort);
  // In a network of its own, as a container's, its line stands in no table that we see.
  return uid === undefined || uid === 0 || uid === userId();
}

/** The user of a connection, by the text of Linux's table. */
export function peerOf(table: string, fromPort: number, toPort: number): number | undefined {
  const [from, to] = [fromPort, toPort].map((port) => `${LOOPBACK}:${hexOf(port)}`);
  for (const line of table.split("\n")) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local === from && remote === to) return Number(uid);
  }
  return undefined;
}

function hexOf(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
