/**
 * Tells a user's command what happened: at most once a minute, with all that came meanwhile, one call at a time. What is
 * more than it takes is counted. A command that fails is no trouble of the daemon's: that is said in the log, and in
 * the status until a call goes well.
 */
import type { Notification, NotifyEvent } from "../home/notify-command.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";

/** How long events gather before the first call, so that those of one cause come together. */
const GATHER_MS = 2_000;
/** From one call to the next. */
const PAUSE_MS = 60_000;
/** Events of one call. */
const EVENTS_MAX = 100;

/** When the last call was, in ms since 1970; undefined: that is not known. */
export interface CallMemory {
  readonly lastMs: () => number | undefined;
  readonly called: (nowMs: number) => void;
}

export interface NotifierOptions {
  /** Resolves to why a call was in vain. */
  readonly tell: (notification: Notification) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** Remembers when it was called last: a daemon that is started again and again tells no more often than one that lives. */
  readonly memory?: CallMemory;
  readonly gatherMs?: number;
  readonly pauseMs?: number;
}

export class Notifier {
  readonly #options: NotifierOptions;
  #events: NotifyEvent[] = [];
  #more = 0;
  #timer: NodeJS.Timeout | undefined;
  #calling: Promise<void> | undefined;
  #calledMs = Number.NEGATIVE_INFINITY;
  #fault = "";

  constructor(options: NotifierOptions) {
    this.#options = options;
    const { memory, clock } = options;
    const lastMs = memory?.lastMs();
    // A clock that was set back makes nobody wait longer than the pause.
    if (lastMs !== undefined) this.#calledMs = clock.monotonicMs() - Math.max(0, clock.nowMs() - lastMs);
  }

  /** Why the last call was in vain, a sentence; empty where it was not. */
  get fault(): string {
    return this.#fault;
  }

  add(event: NotifyEvent): void {
    if (this.#events.length < EVENTS_MAX) this.#events.push(event);
    else this.#more += 1;
    this.#arm();
  }

  /** Tells what waits without waiting for its time. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#calling;
    await this.#call();
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#timer || this.#calling || this.#events.length === 0) return;
    const { clock, gatherMs = GATHER_MS, pauseMs = PAUSE_MS } = this.#options;
    const sinceMs = clock.monotonicMs() - this.#calledMs;
    this.#timer = setTimeout(() => void this.#call(), Math.max(gatherMs, pauseMs - sinceMs)).unref();
  }

  async #call(): Promise<void> {
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const notification = { events: this.#events, more: this.#more };
    this.#events = [];
    this.#more = 0;
    this.#calling = this.#tell(notification);
    await this.#calling;
    this.#calling = undefined;
    this.#arm();
  }

  async #tell(notification: Notification): Promise<void> {
    const { tell, clock, log, memory } = this.#options;
    this.#calledMs = clock.monotonicMs();
    memory?.called(clock.nowMs());
    const reason = await tell(notification);
    const before = this.#fault;
    this.#fault =
      reason === undefined ? "" : `The command of STEPWELL_NOTIFY could not tell what happened: ${reason}.`;
    if (reason !== undefined)
      log("warn", "what happened could not be told by a command", {
        reason,
        events: notification.events.length,
      });
    else if (before !== "") log("info", "what happens is told by a command again");
  }
}
