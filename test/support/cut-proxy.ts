/** A way to a server that can be cut, as if the server were killed: what is under way breaks, and nobody listens. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class CutProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(target: URL) {
    this.#server = createServer((socket) => {
      const there = connect(Number(target.port), target.hostname);
      for (const each of [socket, there]) {
        this.#sockets.add(each);
        each.on("error", () => each.destroy());
        each.on("close", () => {
          this.#sockets.delete(each);
          socket.destroy();
          there.destroy();
        });
      }
      socket.pipe(there);
      there.pipe(socket);
    });
  }

  static async start(target: string): Promise<CutProxy> {
    const proxy = new CutProxy(new URL(target));
    await proxy.mend();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Cuts it. A second cut does nothing. */
  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Opens it again, on the same port. One that is open stays so. */
  async mend(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }
}
