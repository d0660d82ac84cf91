/**
 * Queues of turns: work that must not run beside other work waits for it, whatever becomes of that.
 */

/** One queue: one piece of work after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async take<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return await result;
  }

  /** Resolves when all work that was asked for by now is over. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

/** A queue for each key. Work may stand in several: it waits for all of them, and they for it. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** Whether work of this key runs or waits. */
  isTaken(key: string): boolean {
    return this.#last.has(key);
  }

  /** Begins at once where no key is taken. Works of one key run in the order of the calls. */
  async take<Value>(keys: readonly string[], work: () => Promise<Value>): Promise<Value> {
    const before = keys.map((key) => this.#last.get(key)).filter((each) => each !== undefined);
    const result = before.length === 0 ? work() : Promise.all(before).then(work);
    const over = result.then(
      () => undefined,
      () => undefined,
    );
    for (const key of keys) this.#last.set(key, over);
    try {
      return await result;
    } finally {
      for (const key of keys) if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }

  /** Resolves when all work that was asked for by now is over. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
