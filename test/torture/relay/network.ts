/**
 * Machines for relays, as far as the network goes: a network namespace with two links, one to whoever comes to the relay
 * and one to its database. A link that is down tells nobody at its other end. It takes root's rights, unshare
 * and nsenter (util-linux), and ip (iproute2); elsewhere a relay is at this machine's loopback addresses.
 */
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";

export const LINKS = ["front", "back"] as const;
/** Which link: of those who come, or of the database. */
export type Link = (typeof LINKS)[number];

/** Where a relay runs. */
export interface Place {
  /** Where it listens. */
  readonly front: string;
  /** By which address of this machine it reaches what runs here. */
  readonly back: string;
  /** What stands before a program that is to run there. */
  readonly prefix: readonly string[];
  /** Takes a link away, or brings it back; undefined where there is none to take. */
  readonly set: ((link: Link, state: "up" | "down") => Promise<void>) | undefined;
  end(): void;
}

const LOOPBACK: Place = {
  ...{ front: "127.0.0.1", back: "127.0.0.1", prefix: [], set: undefined, end: () => undefined },
};
/** For tests of networks (RFC 2544): 198.18.0.0/15, of which a link takes four addresses. */
const NETWORK = [198, 18] as const;
const LINKS_MAX = 2 ** 15;

/** Answers a namespace, or what keeps one from being made, said aloud. */
export async function newPlace(log: (line: string) => void): Promise<Place> {
  try {
    return await newNamespace();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(
      `NO NETWORK NAMESPACE CAN BE MADE HERE, so links stay up and a proxy lets nothing through: ${reason}`,
    );
    return LOOPBACK;
  }
}

async function newNamespace(): Promise<Place> {
  // It is there as long as a process is in it, and this one ends with its input.
  const holder = spawn("unshare", ["--net", "cat"], { stdio: ["pipe", "pipe", "pipe"] });
  try {
    await isThere(holder);
    const pid = String(holder.pid);
    const prefix = ["nsenter", `--target=${pid}`, "--net"];
    const front = randomInt(LINKS_MAX);
    const back = (front + LINKS_MAX / 2) % LINKS_MAX;
    const name = () => `sw${randomBytes(6).toString("hex")}`;
    const [outside, inside]: [string[], string[]] = [[], ["link set lo up"]];
    for (const [link, number] of [
      ["front", front],
      ["back", back],
    ] as const) {
      const there = name();
      outside.push(
        `link add ${there} type veth peer name ${link} netns ${pid}`,
        `addr add ${addressOf(number, 1)}/30 dev ${there}`,
        `link set ${there} up`,
      );
      inside.push(`addr add ${addressOf(number, 2)}/30 dev ${link}`, `link set ${link} up`);
    }
    await ip([], outside);
    await ip(prefix, inside);
    return {
      ...{ front: addressOf(front, 2), back: addressOf(back, 1), prefix },
      set: async (link, state) => await ip(prefix, [`link set ${link} ${state}`]),
      end: () => void holder.kill("SIGKILL"),
    };
  } catch (error) {
    holder.kill("SIGKILL");
    throw error;
  }
}

/** Resolves once it answers, out of its namespace. */
async function isThere(holder: ReturnType<typeof spawn>): Promise<void> {
  let said = "";
  holder.stderr?.on("data", (bytes) => (said += String(bytes)));
  holder.stdin?.on("error", () => undefined);
  holder.stdin?.write("\n");
  const answered = once(holder.stdout ?? holder, "data");
  const ended = once(holder, "exit").then(() => {
    throw new Error(said.trim() || "unshare ended");
  });
  ended.catch(() => undefined);
  await Promise.race([answered, ended]);
}

/** Runs commands of ip, one a line. */
async function ip(prefix: readonly string[], commands: readonly string[]): Promise<void> {
  const words = [...prefix, "ip", "-batch", "-"];
  const child = spawn(words[0] ?? "ip", words.slice(1), { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes) => (said += String(bytes)));
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${commands.join("\n")}\n`);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`ip: ${said.trim()}`);
}

function addressOf(link: number, host: 1 | 2): string {
  const bytes = link * 4 + host;
  return [...NETWORK.slice(0, 1), NETWORK[1] + (bytes >> 16), (bytes >> 8) & 255, bytes & 255].join(".");
}
