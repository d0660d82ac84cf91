/** Questions that do not write, a few at a time: after a failover every home asks at once. */
import type { CursorAnswer, CursorQuestion } from "../model/cursor.js";
import type { Rights } from "../model/rights.js";
import type { RelayStore } from "./store.js";

const AT_ONCE = 4;

export class Queries {
  readonly #store: RelayStore;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(store: RelayStore) {
    this.#store = store;
  }

  async standing(
    questions: readonly CursorQuestion[],
    rights: Rights | undefined,
  ): Promise<readonly CursorAnswer[]> {
    return await this.#take(() => this.#store.standing(questions, rights));
  }

  async writesOf(homeId: string, rights: Rights | undefined): Promise<number> {
    return await this.#take(() => this.#store.writesOf(homeId, rights));
  }

  async #take<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The next one has its place.
      if (next) next();
      else this.#running -= 1;
    }
  }
}
