/** What this daemon noticed of its home and of trackers' stores, for whoever asks for the status: each thing once. */

/** More are in the log alone. */
const NOTICES_MAX = 50;

export class Notices {
  readonly #sentences = new Set<string>();

  add(sentence: string): void {
    if (this.#sentences.size < NOTICES_MAX) this.#sentences.add(sentence);
  }

  all(): string[] {
    return [...this.#sentences];
  }
}
