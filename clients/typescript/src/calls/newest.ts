/** What came last and was not taken yet: who takes slowly gets the newest, and nothing piles up. */
export class Newest<Value> {
  #value: { readonly value: Value } | undefined;
  #end: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Takes the place of what was not taken. */
  set(value: Value): void {
    this.#value = { value };
    this.#wake?.();
  }

  /** Nothing comes any more; the first reason counts. */
  end(reason: unknown): void {
    this.#end ??= { reason };
    this.#wake?.();
  }

  /** Waits for what comes next, for a bounded time. Throws the reason of its end; undefined when nothing came. */
  async next(waitMs: number): Promise<Value | undefined> {
    if (this.#value === undefined && this.#end === undefined) await this.#change(waitMs);
    if (this.#end !== undefined) throw this.#end.reason;
    const next = this.#value?.value;
    this.#value = undefined;
    return next;
  }

  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.#wake = wake;
    });
  }
}
