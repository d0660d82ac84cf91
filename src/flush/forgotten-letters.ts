/**
 * Dead letters of what backends forgot for good. A store that is put back to the same copy once more lacks
 * what was told before and more: the new letter tells all of it, and takes the place of those within it. So
 * what letters tell together is what is missing.
 */
import { Turns } from "../model/turns.js";
import type { DeadLetter, DeadLetters, LostRange } from "../runs/dead-letters.js";

interface Told {
  readonly number: number;
  readonly lost: LostRange;
}

export class ForgottenLetters {
  readonly #letters: DeadLetters;
  /** What was told, by run and tracker; each letter is read once. */
  readonly #told = new Map<string, Told[]>();
  readonly #reading = new Turns();
  #readThrough = 0;

  constructor(letters: DeadLetters) {
    this.#letters = letters;
  }

  /** Parks a letter of what was forgotten, in the place of those that tell a part of it. */
  async park(letter: DeadLetter & { readonly lost: LostRange }): Promise<void> {
    // One after the other: two that read at once would count a letter twice.
    await this.#reading.take(() => this.#read());
    const told = this.#told.get(keyOf(letter)) ?? [];
    const within = told.filter(({ lost }) => isWithin(lost, letter.lost));
    await this.#letters.parkInPlaceOf(
      within.map(({ number }) => number),
      letter,
    );
  }

  async #read(): Promise<void> {
    for await (const letter of this.#letters.list({ runId: "", tracker: "" }, this.#readThrough)) {
      this.#readThrough = letter.number;
      const { number, code, lost } = letter;
      if (code !== "STEPWELL_BACKEND_FORGOT" || !lost) continue;
      const key = keyOf(letter);
      this.#told.set(key, [...(this.#told.get(key) ?? []), { number, lost }]);
    }
  }
}

function keyOf({ runId, tracker }: DeadLetter): string {
  return `${runId}/${tracker}`;
}

function isWithin(one: LostRange, other: LostRange): boolean {
  return one.afterSeq >= other.afterSeq && one.throughSeq <= other.throughSeq;
}
