/**
 * Which user a connection from this machine comes from, as Linux tells it; elsewhere nothing does.
 *
 * A line of Linux's table is of one end of a connection. The end of a program that closed it belongs to user 0 there, and is
 * gone after a reset, while what the program sent can still be read: such an end is nobody's. An end that is in a network of
 * its own, as a container's, stands in no table that we see, while ours says that the connection is open.
 */
import { readFile } from "node:fs/promises";
import { isIPv4, isIPv6, type Socket } from "node:net";
import { userId } from "./user.js";

/** The two ends of a connection, as the end that was called sees them. */
export type PeerSocket = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">;

/** One end, as Linux writes it. */
type End = string;

interface Line {
  readonly state: string;
  readonly uid: number;
  /** "0" where no program has this end any more. */
  readonly inode: string;
}

/** Lines by both ends, and the ports that somebody listens at. */
interface Table {
  readonly lines: ReadonlyMap<string, Line>;
  readonly listening: ReadonlySet<string>;
}

/** Whose a connection is; `gone`: nobody's any more; `elsewhere`: of a network that we do not see; `untold`: there is no table. */
type Peer = number | "gone" | "elsewhere" | "untold";

const LOOPBACK_V6 = "00000000000000000000000001000000";
const ESTABLISHED = "01";
const LISTENING = "0A";
const LINE =
  /^ *\d+: ([\dA-F]+:([\dA-F]{4})) ([\dA-F]+:[\dA-F]{4}) ([\dA-F]{2}) \S+ \S+ \S+ +(\d+) +\d+ (\d+)/gm;
/** Linux gives the table in parts: one that changes meanwhile may lack a line. */
const LOOKS_MAX = 3;

/** Whether a connection over a loopback address comes from this user, or from root. One that is gone already does not. */
export async function isOwnPeer(socket: PeerSocket): Promise<boolean> {
  const from = endOf(socket.remoteAddress, socket.remotePort);
  const to = endOf(socket.localAddress, socket.localPort);
  if (from === undefined || to === undefined) return false;
  const reading = isIPv6(socket.remoteAddress ?? "") ? V6 : V4;
  let peer: Peer = "untold";
  for (let look = 0; look < LOOKS_MAX; look++) {
    peer = peerOf(await reading.next(), from, to);
    if (peer !== "gone" && peer !== "elsewhere") break;
  }
  return peer === "untold" || peer === "elsewhere" || peer === 0 || peer === userId();
}

/** Whose a connection is, by Linux's table. */
export function peerOf({ lines, listening }: Table, from: End, to: End): Peer {
  // A sandbox may have a table with nothing in it.
  if (!listening.has(to.slice(-4))) return "untold";
  const theirs = lines.get(`${from} ${to}`);
  if (theirs) return theirs.inode === "0" ? "gone" : theirs.uid;
  return lines.get(`${to} ${from}`)?.state === ESTABLISHED ? "elsewhere" : "gone";
}

/** What Linux's text says. */
export function tableOf(text: string): Table {
  const lines = new Map<string, Line>();
  const listening = new Set<string>();
  for (const [, local = "", port = "", remote = "", state = "", uid = "", inode = ""] of text.matchAll(
    LINE,
  )) {
    if (state === LISTENING) listening.add(port);
    else lines.set(`${local} ${remote}`, { state, uid: Number(uid), inode });
  }
  return { lines, listening };
}

/** A table that is read once for all who ask meanwhile: for each of 10,000 connections it would be as many times as long. */
class Reading {
  readonly #file: string;
  #going: Promise<unknown> = Promise.resolve();
  #next: Promise<Table> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The table as it is later than this call. Never rejects. */
  next(): Promise<Table> {
    this.#next ??= this.#read();
    return this.#next;
  }

  async #read(): Promise<Table> {
    await this.#going;
    const reading = readFile(this.#file, "utf8").catch(() => "");
    this.#going = reading;
    this.#next = undefined;
    return tableOf(await reading);
  }
}

const V4 = new Reading("/proc/net/tcp");
const V6 = new Reading("/proc/net/tcp6");

/** The end of an address of IPv4, or of IPv6's loopback; undefined for any other. */
function endOf(address = "", port = 0): End | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  if (address === "::1") return `${LOOPBACK_V6}:${hex}`;
  if (!isIPv4(address)) return undefined;
  const bytes = Buffer.from(address.split(".").map(Number)).reverse();
  return `${bytes.toString("hex").toUpperCase()}:${hex}`;
}
