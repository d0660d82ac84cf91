/** Processes of light clients, which do the same at the same time. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Teardown } from "../relay/relay.js";
import { ROOT } from "../support/home.js";
import type { LightReport, LightWork } from "./light-clients.js";

/** One process holds so many: its memory and its descriptors stay far below a relay's. */
const CLIENTS_MAX = 2_500;

export interface Sent {
  readonly latenciesMs: readonly number[];
  readonly retries: number;
  readonly moved: number;
}

export class Crew {
  readonly #children: readonly ChildProcess[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
  }

  static start(t: Teardown, work: Omit<LightWork, "first">): Crew {
    const children: ChildProcess[] = [];
    for (let first = 0; first < work.clients; first += CLIENTS_MAX) {
      const share = { ...work, first, clients: Math.min(CLIENTS_MAX, work.clients - first) };
      const child = fork(join(ROOT, "build/test/scale/light-clients.js"), [JSON.stringify(share)]);
      t.teardown(() => child.kill("SIGKILL"));
      children.push(child);
    }
    return new Crew(children);
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid ?? 0);
  }

  /** Opens all streams. */
  async open(): Promise<void> {
    await this.#all("open");
  }

  /** Sends all packs; resolves once each has its outcome. */
  async send(): Promise<Sent> {
    const sent = { latenciesMs: [] as number[], retries: 0, moved: 0 };
    for (const report of await this.#all("send")) {
      if (report.kind !== "sent") throw new Error(`it said ${report.kind}`);
      // Not spread: there may be more of them than a call takes arguments.
      for (const each of report.latenciesMs) sent.latenciesMs.push(each);
      sent.retries += report.retries;
      sent.moved += report.moved;
    }
    return sent;
  }

  /** Ends all streams and their processes. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const ended = once(child, "exit");
        child.disconnect();
        await ended;
      }),
    );
  }

  async #all(does: string): Promise<LightReport[]> {
    return await Promise.all(
      this.#children.map(async (child) => {
        const answered = once(child, "message") as Promise<[LightReport]>;
        const ended = once(child, "exit").then(() => {
          throw new Error("a process of clients ended");
        });
        // It is looked at where it comes first.
        ended.catch(() => undefined);
        child.send(does);
        const [report] = await Promise.race([answered, ended]);
        if (report.kind === "failed") throw new Error(report.reason);
        return report;
      }),
    );
  }
}
