/** What somebody who came by SSH types on the machine that they sit at, to have a port of this one there. */
import { hostname, networkInterfaces } from "node:os";
import type { Environment } from "../../home/endpoint.js";
import { shellWord } from "../../model/shell-word.js";

const SSH_PORT = "22";
const PORT_MAX = 65_535;

/** Whose machine this is: its user, its name, and its own addresses. */
export interface Machine {
  readonly user: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

export function thisMachine(user: string): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return { user, name: hostname(), addresses: addresses.map(({ address }) => address) };
}

/** How to see a page of this machine's loopback from where SSH came from; undefined where it did not. */
export function sshWords(env: Environment, url: string, machine: Machine): string | undefined {
  const way = wayHere(env["SSH_CONNECTION"] ?? "", machine);
  if (way === undefined) return undefined;
  const page = new URL(url);
  const port = Number(page.port);
  const other = new URL(url);
  other.port = String(port < PORT_MAX ? port + 1 : port - 1);
  // ssh is content with ::1 alone where another program has the port of 127.0.0.1, unless it is named.
  const forward = (at: string) =>
    `  ssh -o ExitOnForwardFailure=yes -NL 127.0.0.1:${at}:${page.hostname}:${port} ${way}\n`;
  return `You came by SSH. To see the page where you sit, type there, in a terminal that stays open:
${forward(page.port)}and open the address above. If port ${port} is taken there:
${forward(other.port)}and open ${other.href}
If you reach this machine in another way, put what you type behind ssh in the place of ${way}.
`;
}

/** The words for ssh that lead to this machine, as the connection's ends tell. */
function wayHere(connection: string, { user, name, addresses }: Machine): string | undefined {
  const [, , address = "", port = ""] = connection.split(" ");
  if (address === "" || !/^\d+$/.test(port)) return undefined;
  const at = user === "" ? "" : `${user}@`;
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, "");
  const isHere = addresses.includes(plain.replace(/%.*$/, ""));
  // A job on a node of a cluster has what its login node's shell had.
  if (!isHere)
    return `-J ${shellWord(`${at}${plain.includes(":") ? `[${plain}]` : plain}${port === SSH_PORT ? "" : `:${port}`}`)} ${shellWord(`${at}${name}`)}`;
  return `${port === SSH_PORT ? "" : `-p ${port} `}${shellWord(`${at}${plain}`)}`;
}
