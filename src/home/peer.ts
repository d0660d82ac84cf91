/** Which user a connection from this machine comes from, as Linux tells it; elsewhere nothing does. */
import { readFile } from "node:fs/promises";
import { isIPv4, isIPv6, type Socket } from "node:net";
import { userId } from "./user.js";

/** The two ends of a connection, as the end that was called sees them. */
export type PeerSocket = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">;

/** One end, as Linux writes it. */
type End = string;

const LOOPBACK_V6 = "00000000000000000000000001000000";

/** Whether a connection over a loopback address comes from this user, or from root. */
export async function isOwnPeer(socket: PeerSocket): Promise<boolean> {
  const from = endOf(socket.remoteAddress, socket.remotePort);
  const to = endOf(socket.localAddress, socket.localPort);
  if (from === undefined || to === undefined) return true;
  const file = isIPv6(socket.remoteAddress ?? "") ? "/proc/net/tcp6" : "/proc/net/tcp";
  const uid = peerOf(await readFile(file, "utf8").catch(() => ""), from, to);
  // In a network of its own, as a container's, its line stands in no table that we see.
  return uid === undefined || uid === 0 || uid === userId();
}

/** The user of a connection, by the text of Linux's table. */
export function peerOf(table: string, from: End, to: End): number | undefined {
  for (const line of table.split("\n")) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local === from && remote === to) return Number(uid);
  }
  return undefined;
}

/** The end of an address of IPv4, or of IPv6's loopback; undefined for any other. */
function endOf(address = "", port = 0): End | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  if (address === "::1") return `${LOOPBACK_V6}:${hex}`;
  if (!isIPv4(address)) return undefined;
  const bytes = Buffer.from(address.split(".").map(Number)).reverse();
  return `${bytes.toString("hex").toUpperCase()}:${hex}`;
}
