/** A proxy before a server that keeps a request back, or tells when it is under way there and keeps its answer back. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import { bodyOf } from "./request-body.js";
import { signal } from "./signal.js";

/** A request that was waited for. */
export interface CaughtRequest {
  /** Resolves when the server has all of the request. */
  readonly underWay: Promise<void>;
  /** Resolves when the server has answered; whoever asked does not get it before release. */
  readonly answered: Promise<void>;
  readonly isAnswered: boolean;
  /** Lets the request, or the answer, pass. */
  release(): void;
}

interface Trap {
  readonly ending: string;
  readonly keeps: "request" | "answer";
  readonly released: Promise<void>;
  readonly onSent: () => void;
  readonly onAnswer: () => void;
}

export class GateProxy {
  readonly url: string;
  readonly #target: URL;
  /** Paths of requests, and the status that each was answered with. */
  readonly answers: { readonly path: string; readonly status: number }[] = [];
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

  /** Traps the next request whose path ends so, and keeps it back or its answer. */
  trap(ending: string, keeps: Trap["keeps"] = "answer"): CaughtRequest {
    let isAnswered = false;
    const [released, release] = signal();
    const [underWay, onSent] = signal();
    const [answered, onAnswer] = signal();
    const noted = () => {
      isAnswered = true;
      onAnswer();
    };
    this.#trap = { ending, keeps, released, onSent, onAnswer: noted };
    return {
      underWay,
      answered,
      get isAnswered() {
        return isAnswered;
      },
      release,
    };
  }

  async #forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await bodyOf(asked);
    if (body === undefined) return;
    const { method = "", url: path = "", headers } = asked;
    const trap = this.#trap && path.endsWith(this.#trap.ending) ? this.#trap : undefined;
    if (trap) this.#trap = undefined;
    if (trap?.keeps === "request") await trap.released;
    const onward = request(this.#target, {
      method,
      path,
      headers: { ...headers, host: this.#target.host },
      agent: false,
    });
    onward.on("error", () => asked.socket.destroy());
    const answered = once(onward, "response") as Promise<[IncomingMessage]>;
    onward.end(body, () => trap?.onSent());
    const [response] = await answered.catch(() => []);
    if (!response) return;
    this.answers.push({ path, status: response.statusCode ?? 0 });
    trap?.onAnswer();
    if (trap?.keeps === "answer") await trap.released;
    answer.writeHead(response.statusCode ?? 0, response.headers);
    response.pipe(answer).on("error", () => response.destroy());
    response.on("error", () => asked.socket.destroy());
  }
}
