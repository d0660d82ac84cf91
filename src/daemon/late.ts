/** A part that others ask before it is made: of two parts that know each other one comes second. */
export class Late<Part> {
  #part: Part | undefined;

  /** Gives the part to those who ask from now on. */
  set(part: Part): void {
    this.#part = part;
  }

  /** What the part says; undefined while there is none yet. */
  ask<Answer>(question: (part: Part) => Answer): Answer | undefined {
    return this.#part && question(this.#part);
  }
}
