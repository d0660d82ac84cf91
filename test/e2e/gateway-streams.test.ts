/**
 * Artifacts larger than the daemon's memory, through it and with a peer on either side that is slow, or goes away: its
 * memory stays within a bound, and what such a peer held is free soon. STEPWELL_TEST_ARTIFACT_BYTES says how large.
 */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import anyTest, { type ExecutionContext } from "ava";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

const test = anyTest.serial;
const MEGABYTE = 1024 * 1024;
const BYTES = Number(process.env["STEPWELL_TEST_ARTIFACT_BYTES"] ?? 300 * MEGABYTE);
const CHUNK = Buffer.alloc(MEGABYTE, "stepwell");
const MEMORY_BYTES_MAX = 150_000_000;
const PATH = "/api/2.0/mlflow-artifacts/artifacts/1/0123456789abcdef0123456789abcdef/artifacts/large.bin";
/** What pipes and sockets hold between two ends that wait for one another. */
const IN_BETWEEN_BYTES_MAX = 64 * MEGABYTE;
/** A peer that has gone is noticed soon; a busy machine gets more. */
const FREE = { withinMs: 30_000 } as const;

/** What the server does with the next request for an artifact. */
type Manner = "as ever" | "never reads" | "breaks in the midst";

class Server {
  readonly #server = createServer((asked, answer) => void this.#serve(asked, answer));
  readonly #unread: IncomingMessage[] = [];
  manner: Manner = "as ever";
  received = 0;
  sent = 0;
  /** Requests that are under way. */
  open = 0;

  async start(t: ExecutionContext): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    t.teardown(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (!asked.url?.includes("/artifacts/")) return void answer.end("{}");
    this.open += 1;
    answer.once("close", () => {
      this.open -= 1;
    });
    asked.on("error", () => undefined);
    if (asked.method === "PUT") return this.#take(asked, answer);
    this.sent = 0;
    answer.writeHead(200, { "content-length": BYTES });
    await this.#send(answer).catch(() => undefined);
  }

  /** Reads what it did not: only so it learns that a connection has ended. */
  readOn(): void {
    for (const asked of this.#unread) asked.resume();
  }

  #take(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.manner === "never reads") {
      this.#unread.push(asked);
      return;
    }
    asked.on("data", (chunk: Buffer) => {
      this.received += chunk.length;
    });
    asked.on("end", () => answer.end("{}"));
  }

  async #send(answer: ServerResponse): Promise<void> {
    const closed = new Promise((resolve) => answer.once("close", resolve));
    for (; this.sent < BYTES && !answer.destroyed; this.sent += CHUNK.length) {
      if (this.manner === "breaks in the midst" && this.sent > BYTES / 2) return void answer.destroy();
      if (!answer.write(CHUNK.subarray(0, BYTES - this.sent)))
        await Promise.race([once(answer, "drain"), closed]);
    }
    answer.end();
  }
}

async function setUp(t: ExecutionContext) {
  t.timeout(20 * 60_000);
  const server = new Server();
  const url = await server.start(t);
  const home = await scratchHome(t);
  const { endpoint } = await home.startDaemon();
  await home.json([
    "experiment-tracker",
    "register",
    "remote",
    "--flavor=mlflow",
    `--tracking_uri=${url}`,
    "--auth=none",
  ]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  const { stdout } = await home.here(["env"]);
  const uri = gatewayAddressIn(stdout);
  let peak = 0;
  const timer = setInterval(() => {
    const status = readFileSync(`/proc/${endpoint.pid}/status`, "utf8");
    peak = Math.max(peak, Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024);
  }, 50);
  t.teardown(() => clearInterval(timer));
  const spooled = () => readdirSync(join(home.paths.home, "spool"));
  return { server, uri, spooled, peak: () => peak };
}

/** Begins an upload, and sends so many bytes of it, or as many as are taken. */
async function upload(
  uri: string,
  bytes: number,
): Promise<{ asked: ReturnType<typeof request>; sent: () => number }> {
  const asked = request(`${uri}${PATH}`, { method: "PUT", headers: { "content-length": BYTES } });
  asked.on("error", () => undefined);
  let sent = 0;
  for (; sent < bytes && !asked.destroyed; sent += CHUNK.length) {
    const chunk = CHUNK.subarray(0, Math.min(CHUNK.length, bytes - sent));
    if (asked.write(chunk)) continue;
    const moved = await Promise.race([once(asked, "drain"), sleep(2_000, "stuck")]);
    if (moved === "stuck") break;
  }
  return { asked, sent: () => sent };
}

async function download(uri: string): Promise<IncomingMessage> {
  const [answer] = (await once(request(`${uri}${PATH}`).end(), "response")) as [IncomingMessage];
  return answer;
}

const isLinux = process.platform === "linux";

(isLinux ? test : test.skip)("an artifact goes up and down in constant memory", async (t) => {
  const { server, uri, spooled, peak } = await setUp(t);
  const { asked } = await upload(uri, BYTES);
  const [answer] = (await once(asked.end(), "response")) as [IncomingMessage];
  t.is(answer.statusCode, 200);
  t.is(server.received, BYTES);
  t.deepEqual(spooled(), []);
  let read = 0;
  for await (const chunk of await download(uri)) read += (chunk as Buffer).length;
  t.is(read, BYTES);
  t.log(`RssAnon at most ${Math.round(peak() / 1e6)} MB`);
  t.true(peak() < MEMORY_BYTES_MAX, `${peak()} bytes`);
});

(isLinux ? test : test.skip)(
  "peers that are slow or go away hold nothing for long, and no half artifact is left",
  async (t) => {
    const { server, uri, spooled, peak } = await setUp(t);
    const isFree = () => ({ open: server.open, spooled: spooled() });
    const freed = ({ open, spooled: left }: ReturnType<typeof isFree>) => open === 0 && left.length === 0;

    const gone = await upload(uri, 32 * MEGABYTE);
    gone.asked.destroy();
    await until("nothing is left of an upload whose sender has gone", isFree, freed, FREE);

    server.manner = "never reads";
    const stuck = await upload(uri, BYTES);
    t.true(stuck.sent() < IN_BETWEEN_BYTES_MAX, `${stuck.sent()} bytes went to a server that reads none`);
    stuck.asked.destroy();
    await until("no half artifact is left", spooled, (left) => left.length === 0, FREE);
    server.readOn();
    await until("nothing is left of an upload that its server did not read", isFree, freed, FREE);

    server.manner = "as ever";
    const unread = await download(uri);
    unread.pause();
    await sleep(1_000);
    t.true(server.sent < IN_BETWEEN_BYTES_MAX, `${server.sent} bytes went to a client that reads none`);
    unread.destroy();
    await until("nothing is left of a download whose reader has gone", isFree, freed, FREE);

    server.manner = "breaks in the midst";
    const broken = await download(uri);
    broken.resume();
    // A cut connection says that it is not all.
    await t.throwsAsync(once(broken, "end"));
    await until("nothing is left of a download whose server broke off", isFree, freed, FREE);
    t.true(peak() < MEMORY_BYTES_MAX, `${peak()} bytes`);
  },
);

test("what is no request of HTTP ends its connection and nothing else", async (t) => {
  const { uri } = await setUp(t);
  const socket = connect(Number(new URL(uri).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("\x16\x03\x01 GET nothing\r\n\r\n");
  await once(socket.resume(), "close");
  t.is((await fetch(`${uri}/version`)).status, 200);
});
