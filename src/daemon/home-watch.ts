/** Looks now and then whether the home is still there and its daemon can be found in it. */
import type { HomePaths } from "../home/endpoint.js";
import type { HomeHold } from "../home/hold.js";
import { changeOf, type HomeSight, lookAtHome } from "../home/home-sight.js";
import type { Clock } from "../model/clock.js";
import { HOME_GONE_MS, HOME_LOOK_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";

/** Why a daemon has to end: its home is at its path no longer, or open to a second daemon. */
export type HomeLoss = "gone" | "unlocked";

export interface HomeWatchOptions {
  readonly paths: HomePaths;
  readonly socketPath: () => string;
  readonly hold: HomeHold;
  readonly log: Log;
  readonly clock: Clock;
  /** Makes the socket, or the endpoint file, anew. */
  readonly listenAgain: () => Promise<void>;
  readonly announceAgain: () => Promise<void>;
  readonly onLost: (loss: HomeLoss) => void;
}

export class HomeWatch {
  readonly #options: HomeWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #before: HomeSight | undefined;
  /** Since when the home is not at its path. */
  #goneSinceMs: number | undefined;

  constructor(options: HomeWatchOptions) {
    this.#options = options;
  }

  /**
   * Takes what it sees now for what has to stay: the folder that is held, and in it the lock of a store that is open.
   * Before anybody can find the daemon, who might change it.
   */
  async begin(): Promise<void> {
    this.#before = { ...(await this.#see()), home: this.#options.hold.place };
  }

  /** Looks at intervals, once the daemon can be found. */
  async start(): Promise<void> {
    await this.#refresh();
    let isLooking = false;
    // On a volume that does not answer one look waits, and no second one beside it.
    this.#timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      this.#looking = this.look().finally(() => (isLooking = false));
    }, HOME_LOOK_MS).unref();
  }

  /** Stops looking; nothing is made anew once this resolves. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks once. Throws nothing: what could not be put right is tried at the next look. */
  async look(): Promise<void> {
    const { hold, log, onLost } = this.#options;
    if (!this.#before) return;
    const change = changeOf(this.#before, await this.#see(), hold.isLocked);
    if (change.kind !== "gone") this.#goneSinceMs = undefined;
    try {
      if (change.kind === "unlocked") onLost("unlocked");
      else if (change.kind === "gone" && this.#isGoneForGood()) onLost("gone");
      else if (change.kind === "unreachable") await this.#mend(change.parts);
    } catch (error) {
      log("warn", "the daemon can't be found, and that can't be put right yet", { reason: String(error) });
    }
  }

  /** A volume that is away for a moment comes back; a folder that was removed does not. */
  #isGoneForGood(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    this.#goneSinceMs ??= nowMs;
    return this.#options.hold.isRemoved() || nowMs - this.#goneSinceMs >= HOME_GONE_MS;
  }

  async #mend(parts: readonly ("endpoint file" | "socket")[]): Promise<void> {
    const { log, listenAgain, announceAgain } = this.#options;
    if (parts.includes("socket")) await listenAgain();
    await announceAgain();
    await this.#refresh();
    log("warn", "what the daemon is found by was gone, and is made anew", { parts });
  }

  /** What the daemon is found by was made just now. */
  async #refresh(): Promise<void> {
    const { endpointFile, socket } = await this.#see();
    if (this.#before) this.#before = { ...this.#before, endpointFile, socket };
  }

  async #see(): Promise<HomeSight> {
    return await lookAtHome(this.#options.paths, this.#options.socketPath());
  }
}
