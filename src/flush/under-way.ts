/** The requests of one backend that are under way, and how many there may be: the pace (pace.ts), learned from them. */
import { SLOW_REQUEST_MS } from "../model/limits.js";
import { FIRST_PACE, GAIN, type Pace, type PaceBounds, paceAfter, paceAfterLull } from "./pace.js";

/** Packs of one window, after those that were under way when it began: one in ten waits for a server's disk. */
const WINDOW_PACKS = 8;

export interface UnderWayOptions extends PaceBounds {
  /** Of a monotonic clock. */
  readonly nowMs: () => number;
  /** Called when there is room for another request though none ended. */
  readonly onRoom: () => void;
}

interface Window {
  sinceMs: number;
  entries: number;
  packs: number;
  /** How long its packs took, summed. */
  packsMs: number;
  /** Requests that were under way when it began, and count for nothing. */
  skip: number;
}

/** Ends a request; entries: how many it brought there, waiting: how many could go beside it. */
export type EndRequest = (entries: number, waiting: number) => void;

export class UnderWay {
  readonly #options: UnderWayOptions;
  #pace: Pace;
  /** Requests that are open, and those of them that do not hang. */
  #open = 0;
  #busy = 0;
  #window: Window;

  constructor(options: UnderWayOptions) {
    this.#options = options;
    const first = Math.min(FIRST_PACE.limit, options.requestsMax);
    this.#pace = { ...FIRST_PACE, limit: first, best: first };
    this.#window = this.#newWindow();
  }

  /** Whether another request may begin. */
  get hasRoom(): boolean {
    const { requestsMax } = this.#options;
    return this.#busy < this.#pace.limit && this.#open < Math.max(requestsMax, this.#pace.limit);
  }

  /** How many have to go, or to be ready to go, for anything to be learned. */
  get enough(): number {
    return Math.max(this.#pace.limit, this.#pace.best);
  }

  /** A request begins; answers how to end it. */
  begin(): EndRequest {
    const { nowMs, onRoom } = this.#options;
    const beganMs = nowMs();
    this.#open += 1;
    this.#busy += 1;
    let isBusy = true;
    const release = () => {
      if (isBusy) this.#busy -= 1;
      isBusy = false;
    };
    // One that hangs takes nobody's place.
    const timer = setTimeout(() => {
      release();
      onRoom();
    }, SLOW_REQUEST_MS);
    return (entries, waiting) => {
      clearTimeout(timer);
      this.#learn(entries, nowMs() - beganMs, this.#busy + waiting);
      release();
      this.#open -= 1;
    };
  }

  /** `ready` is how many go or could go, with this one among them. */
  #learn(entries: number, packMs: number, ready: number): void {
    const { limit, best, bestRate } = this.#pace;
    if (ready < this.enough || entries === 0) {
      this.#pace = paceAfterLull(this.#pace);
      this.#window = this.#newWindow();
      return;
    }
    const window = this.#window;
    const nowMs = this.#options.nowMs();
    if (window.skip > 0) {
      window.skip -= 1;
      window.sinceMs = nowMs;
      return;
    }
    window.entries += entries;
    window.packs += 1;
    window.packsMs += packMs;
    const packs = Math.max(WINDOW_PACKS, limit);
    const tookMs = Math.max(1, nowMs - window.sinceMs);
    // The most that it can be: as if the packs that are missing came now.
    const rate = ((window.entries / window.packs) * packs) / tookMs;
    // A trial that can no longer be good enough ends.
    const isLost = limit !== best && rate < bestRate * GAIN;
    if (window.packs < packs && !isLost) return;
    this.#pace = paceAfter(this.#pace, { rate, packMs: window.packsMs / window.packs }, this.#options);
    this.#window = this.#newWindow();
  }

  #newWindow(): Window {
    return { sinceMs: this.#options.nowMs(), entries: 0, packs: 0, packsMs: 0, skip: this.#pace.limit };
  }
}
