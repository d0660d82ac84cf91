/**
 * A way by TCP to any of several servers: what a balancer of connections is, or an address that moves from one server
 * to another. It can be aimed elsewhere, cut, and left open with nothing that goes through, as a partition does it.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Where a way leads. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Both ends of one connection. */
interface Link {
  readonly near: Socket;
  readonly far: Socket;
  readonly target: Target;
}

const LOOPBACK = "127.0.0.1";

export class Way {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #waiting = new Set<Socket>();
  /** Far ends that are being made, each with the near one that waits for it. */
  readonly #coming = new Map<Socket, Socket>();
  #targets: readonly Target[];
  #turn = 0;
  #isStalled = false;

  private constructor(targets: readonly Target[]) {
    this.#targets = targets;
    this.#server = createServer((near) => {
      this.#waiting.add(near);
      near.on("error", () => near.destroy());
      near.on("close", () => this.#waiting.delete(near));
      if (!this.#isStalled) this.#join(near);
    });
  }

  static async start(targets: readonly Target[], host = LOOPBACK): Promise<Way> {
    const way = new Way(targets);
    way.#server.listen(0, host);
    await once(way.#server, "listening");
    return way;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections lead there. */
  count(target: Target): number {
    return [...this.#links].filter((link) => isSame(link.target, target)).length;
  }

  /** Where connections go from now on; those that are open stay. */
  aim(targets: readonly Target[]): void {
    this.#targets = targets;
  }

  /** Breaks every connection, or those that lead there. */
  cut(target?: Target): void {
    for (const link of this.#links) if (!target || isSame(link.target, target)) breakOff(link);
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
    // One whose far end never came would be open for ever, and keep the test's process.
    for (const socket of [...this.#waiting, ...[...this.#coming].flat()]) socket.destroy();
  }

  /** To the next target that takes it. */
  #join(near: Socket): void {
    this.#waiting.delete(near);
    const tryNext = (left: number) => {
      const target = this.#targets[this.#turn++ % this.#targets.length];
      if (target === undefined || left === 0 || near.destroyed) {
        near.destroy();
        return;
      }
      const far = connect(target.port, target.host);
      this.#coming.set(far, near);
      far.once("close", () => this.#coming.delete(far));
      const refused = () => tryNext(left - 1);
      far.once("error", refused);
      far.once("connect", () => {
        far.off("error", refused);
        this.#coming.delete(far);
        const link = { near, far, target };
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
    tryNext(this.#targets.length);
  }
}

function isSame(one: Target, other: Target): boolean {
  return one.host === other.host && one.port === other.port;
}

function pipe({ near, far }: Link): void {
  near.pipe(far).pipe(near);
}

function breakOff({ near, far }: Link): void {
  near.destroy();
  far.destroy();
}
