/**
 * Runs the servers of a deployment: each once the one before it answers, again when it ends, with a pause that doubles.
 *
 * A server's state is a value: starting -> serving -> waiting -> starting and so on, until end() is called. Servers end with
 * their supervisor however that ends: their standard input ends with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { startTicksOf } from "../home/processes.js";
import { sleep, within } from "../home/wait.js";
import type { Clock } from "../model/clock.js";
import type { Part } from "./part.js";
import type { ServerLog } from "./server-log.js";
import type { PartReport } from "./state-file.js";

/** The pause before a server is started again. */
const PAUSE_MS = { first: 1_000, max: 60_000 } as const;
/** One that served so long has proved itself: its next pause is the first again. */
const PROVED_MS = 60_000;
/** How often a server on its way is asked whether it answers. */
const ASK_EVERY_MS = 100;

export interface SupervisorOptions {
  readonly parts: readonly Part[];
  readonly log: ServerLog;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Gets each change; calls come one after the other. */
  readonly report: (parts: readonly PartReport[]) => Promise<void>;
  readonly pauseMs?: { readonly first: number; readonly max: number };
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #runs: PartRun[];
  #reported: Promise<void> = Promise.resolve();
  #isEnding = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#runs = options.parts.map(
      (part) =>
        new PartRun(part, { ...options, changed: () => this.#report(), isEnding: () => this.#isEnding }),
    );
  }

  /** Starts all, one behind the other; resolves when each has answered, or end() was called. Rejects with what a prepare() throws. */
  async begin(): Promise<void> {
    for (const run of this.#runs) {
      if (this.#isEnding) return;
      await run.part.prepare?.();
      run.begin();
      await run.served;
    }
    await this.#reported;
  }

  /** Ends all, the last first. Whatever servers do, it resolves. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const run of this.#runs.toReversed()) await run.end();
    await this.#reported;
  }

  #report(): void {
    this.#reported = this.#reported.then(() =>
      this.#options.report(this.#runs.map((run) => run.told())).catch(() => undefined),
    );
  }
}

interface PartRunOptions extends SupervisorOptions {
  readonly changed: () => void;
  readonly isEnding: () => boolean;
}

/** One server's life. */
class PartRun {
  readonly part: Part;
  /** Resolves when it has answered for the first time, or the deployment ends. */
  readonly served: Promise<void>;
  readonly #options: PartRunOptions;
  #say: () => void = () => undefined;
  #child: ChildProcess | undefined;
  #wake: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();
  #report: PartReport;

  constructor(part: Part, options: PartRunOptions) {
    this.part = part;
    this.#options = options;
    this.served = new Promise((resolve) => (this.#say = resolve));
    this.#report = { name: part.name, state: "waiting", pid: 0, startTicks: "", restarts: 0, lastEnd: "" };
  }

  told(): PartReport {
    return this.#report;
  }

  begin(): void {
    this.#loop = this.#live();
  }

  async end(): Promise<void> {
    this.#say();
    this.#wake();
    const child = this.#child;
    child?.kill(this.part.endSignal);
    if (!(await within(this.part.endMsMax, this.#loop))) this.#child?.kill("SIGKILL");
    await this.#loop;
  }

  async #live(): Promise<void> {
    const { first, max } = this.#options.pauseMs ?? PAUSE_MS;
    for (let pauseMs: number = first; !this.#options.isEnding(); ) {
      const beganMs = this.#options.clock.monotonicMs();
      const how = await this.#once();
      this.#change({ state: "waiting", pid: 0, startTicks: "", lastEnd: how });
      if (this.#options.isEnding()) return;
      if (this.#options.clock.monotonicMs() - beganMs >= PROVED_MS) pauseMs = first;
      this.#options.log.write(this.part.name, `${how}; it is started again in ${pauseMs / 1000} s`);
      await this.#pause(pauseMs);
      pauseMs = Math.min(max, pauseMs * 2);
      if (!this.#options.isEnding()) this.#change({ restarts: this.#report.restarts + 1 });
    }
  }

  /** From a process's start to its end; answers how it ended. */
  async #once(): Promise<string> {
    if (await this.part.isPortTaken?.()) return "found its port taken by another program";
    if (this.#options.isEnding()) return "was not begun";
    const { program, args, cwd, env, input } = this.part.command();
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    // One that ended early can't be told.
    child.stdin.on("error", () => undefined);
    child.stdin.write(input);
    for (const stream of [child.stdout, child.stderr]) this.#options.log.follow(this.part.name, stream);
    const pid = child.pid ?? 0;
    this.#change({ state: "starting", pid, startTicks: startTicksOf(pid) ?? "" });
    const ended = new Promise<string>((resolve) => {
      child.once("error", ({ message }) => resolve(`did not start: ${message}`));
      child.once("exit", (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with ${code}`));
    });
    void this.#watch(child, ended);
    const how = await ended;
    this.#child = undefined;
    child.stdin.destroy();
    return how;
  }

  async #watch(child: ChildProcess, ended: Promise<string>): Promise<void> {
    let isThere = true;
    void ended.then(() => (isThere = false));
    while (isThere && !(await this.part.answers())) await sleep(ASK_EVERY_MS);
    // An answer may be another process's, which has the port: that this one lives is part of it.
    if (!isThere || this.#child !== child) return;
    this.#change({ state: "serving" });
    this.#options.log.write(this.part.name, "it answers");
    this.#say();
  }

  async #pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  #change(change: Partial<PartReport>): void {
    this.#report = { ...this.#report, ...change };
    this.#options.changed();
  }
}
