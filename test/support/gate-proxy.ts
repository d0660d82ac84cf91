/** A proxy before a server that tells when a request is under way there, and keeps its answer back. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";

/** A request that was waited for. */
export interface CaughtRequest {
  /** Resolves when the server has all of the request. */
  readonly underWay: Promise<void>;
  /** Whether the server has answered; whoever asked has not got it before release. */
  readonly isAnswered: boolean;
  /** Lets the answer pass. */
  release(): void;
}

interface Trap {
  readonly ending: string;
  readonly onSent: () => void;
  readonly onAnswer: () => Promise<void>;
}

export class GateProxy {
  readonly url: string;
  readonly #target: URL;
  #trap: Trap | undefined;

  private constructor(url: string, target: URL) {
    this.url = url;
    this.#target = target;
  }

  /** Starts one; it ends with the test. */
  static async start(t: ExecutionContext, target: string): Promise<GateProxy> {
    const server = createServer((asked, answer) => void proxy.#forward(asked, answer));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const proxy = new GateProxy(`http://127.0.0.1:${port}`, new URL(target));
    return proxy;
  }

  /** Catches the next request whose path ends so. */
  catch(ending: string): CaughtRequest {
    let isAnswered = false;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const onAnswer = async () => {
      isAnswered = true;
      await released;
    };
    const underWay = new Promise<void>((onSent) => {
      this.#trap = { ending, onSent, onAnswer };
    });
    return {
      underWay,
      get isAnswered() {
        return isAnswered;
      },
      release,
    };
  }

  async #forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = "", url: path = "", headers } = asked;
    const trap = this.#trap && path.endsWith(this.#trap.ending) ? this.#trap : undefined;
    if (trap) this.#trap = undefined;
    const onward = request(this.#target, {
      method,
      path,
      headers: { ...headers, host: this.#target.host },
      agent: false,
    });
    onward.on("error", () => asked.socket.destroy());
    const answered = once(onward, "response") as Promise<[IncomingMessage]>;
    onward.end(Buffer.concat(chunks), () => trap?.onSent());
    const [response] = await answered.catch(() => []);
    if (!response) return;
    await trap?.onAnswer();
    answer.writeHead(response.statusCode ?? 0, response.headers);
    response.pipe(answer).on("error", () => response.destroy());
    response.on("error", () => asked.socket.destroy());
  }
}
