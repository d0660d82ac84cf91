/** A socket between a client and a daemon that cuts connections in the middle. */
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Random numbers from 0 to below 1 that a seed repeats (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cuts the first connections at random byte counts, in either direction, and lets the later ones be. */
export class CuttingProxy {
  readonly endpoint: string;
  cuts = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), "stepwell-proxy-"));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string, cutsMax: number, bytesMax: number, random: () => number) {
    const path = join(this.#folder, "p.sock");
    this.endpoint = `unix:${path}`;
    this.#server = createServer((near) => {
      const far = createConnection(target.replace(/^unix:/, ""));
      this.#sockets.add(near).add(far);
      const cut = () => {
        near.destroy();
        far.destroy();
      };
      const isCut = this.cuts < cutsMax;
      const cutsAnswers = random() < 0.3;
      let leftBytes = isCut
        ? 1 + Math.floor(random() * bytesMax * (cutsAnswers ? 0.01 : 1))
        : Number.POSITIVE_INFINITY;
      const pass = (from: Socket, to: Socket, isCounted: boolean) => {
        from.on("data", (chunk) => {
          // What came behind a cut goes nowhere.
          if (leftBytes <= 0) return;
          to.write(isCounted ? chunk.subarray(0, leftBytes) : chunk);
          if (!isCounted || from.destroyed) return;
          leftBytes -= chunk.length;
          if (leftBytes > 0) return;
          this.cuts++;
          // What was passed on still arrives: a cut loses what comes after it.
          to.end(cut);
        });
        from.on("error", cut);
        from.on("close", cut);
      };
      pass(near, far, !cutsAnswers);
      pass(far, near, cutsAnswers);
    });
    this.#server.listen(path);
  }

  /** A proxy before a Unix socket. */
  static start(
    target: string,
    options: { cutsMax: number; bytesMax: number; random: () => number },
  ): CuttingProxy {
    return new CuttingProxy(target, options.cutsMax, options.bytesMax, options.random);
  }

  /** Ends it with every connection. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
