/** What became of runs that the program ended: told once the daemon has their ends. Nobody waits for it but a close. */
import { TELL_PAUSES_MS, TELL_WAIT_MS } from "../contract.js";
import { type EndedRun, tellEnd } from "../notices.js";
import type { ToldRun } from "../wire.js";

/** Asks the daemon of a run; rejects while there is none to ask. */
export type AskRun = (runId: string) => Promise<ToldRun>;

export class Endings {
  readonly #ask: AskRun;
  readonly #ended = new Map<string, EndedRun>();

  constructor(ask: AskRun) {
    this.#ask = ask;
  }

  get isEmpty(): boolean {
    return this.#ended.size === 0;
  }

  /** Takes a run that was just ended. */
  add(ended: EndedRun): void {
    this.#ended.set(ended.runId, ended);
    this.#lookLater(ended, 0);
  }

  /** Tells of all that are left, for a bounded time. */
  async tellAll(): Promise<void> {
    const left = [...this.#ended.values()];
    const telling = left.map(async (ended) => {
      const standing = await this.#ask(ended.runId).then(
        (run) => run.standing,
        () => "",
      );
      this.#tell(ended, standing);
    });
    const overdue = new Promise<void>((resolve) => setTimeout(resolve, TELL_WAIT_MS).unref());
    await Promise.race([Promise.all(telling), overdue]);
  }

  /** Gives the delivery a little time, so that most often there is nothing but that to say. */
  #lookLater(ended: EndedRun, turn: number): void {
    const pauseMs = TELL_PAUSES_MS[turn];
    if (pauseMs !== undefined) setTimeout(() => void this.#look(ended, turn), pauseMs).unref();
  }

  async #look(ended: EndedRun, turn: number): Promise<void> {
    if (this.#ended.get(ended.runId) !== ended) return;
    const run = await this.#ask(ended.runId).catch(() => undefined);
    const isLast = turn === TELL_PAUSES_MS.length - 1;
    // Before the daemon has the end there is nothing to tell of it: the close does.
    if (run?.hasEnded && (!run.isMoving || isLast)) this.#tell(ended, run.standing);
    else this.#lookLater(ended, turn + 1);
  }

  #tell(ended: EndedRun, standing: string): void {
    if (this.#ended.get(ended.runId) !== ended) return;
    this.#ended.delete(ended.runId);
    tellEnd(ended, standing);
  }
}
