/**
 * A way by TCP to any of several ports: what a balancer of connections is, or an address that moves from one server
 * to another. It can be aimed elsewhere, cut, and left open with nothing that goes through, as a partition does it.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Both ends of one connection. */
interface Link {
  readonly near: Socket;
  readonly far: Socket;
  readonly port: number;
}

export class Way {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #waiting = new Set<Socket>();
  #ports: readonly number[];
  #turn = 0;
  #isStalled = false;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((near) => {
      this.#waiting.add(near);
      near.on("error", () => near.destroy());
      near.on("close", () => this.#waiting.delete(near));
      if (!this.#isStalled) this.#join(near);
    });
  }

  static async start(ports: readonly number[]): Promise<Way> {
    const way = new Way(ports);
    way.#server.listen(0, "127.0.0.1");
    await once(way.#server, "listening");
    return way;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections go to each of the ports. */
  counts(): number[] {
    return this.#ports.map((port) => [...this.#links].filter((link) => link.port === port).length);
  }

  /** Where connections go from now on; those that are open stay. */
  aim(ports: readonly number[]): void {
    this.#ports = ports;
  }

  /** Breaks every connection, or those to one port. */
  cut(port?: number): void {
    for (const link of this.#links) if (port === undefined || link.port === port) breakOff(link);
  }

  /** Nothing goes through any more, and nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const { near, far } of this.#links) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  /** All goes through again. */
  flow(): void {
    this.#isStalled = false;
    for (const link of this.#links) pipe(link);
    for (const near of this.#waiting) this.#join(near);
  }

  close(): void {
    this.#server.close();
    this.cut();
    for (const near of this.#waiting) near.destroy();
  }

  /** To the next port that takes it. */
  #join(near: Socket): void {
    this.#waiting.delete(near);
    const tryNext = (left: number) => {
      const port = this.#ports[this.#turn++ % this.#ports.length];
      if (port === undefined || left === 0 || near.destroyed) {
        near.destroy();
        return;
      }
      const far = connect(port, "127.0.0.1");
      const refused = () => tryNext(left - 1);
      far.once("error", refused);
      far.once("connect", () => {
        far.off("error", refused);
        const link = { near, far, port };
        this.#links.add(link);
        for (const each of [near, far]) {
          each.on("error", () => each.destroy());
          each.on("close", () => {
            this.#links.delete(link);
            breakOff(link);
          });
        }
        if (near.destroyed) breakOff(link);
        else if (!this.#isStalled) pipe(link);
      });
    };
    tryNext(this.#ports.length);
  }
}

function pipe({ near, far }: Link): void {
  near.pipe(far).pipe(near);
}

function breakOff({ near, far }: Link): void {
  near.destroy();
  far.destroy();
}
