/** What a program writes, within a bound: the beginning and the end are kept, and what is between them is counted. */

/** Bytes of the beginning, and of the end. */
export const KEPT_BYTES_EACH = 5 * 1024 * 1024;

export class BoundedOutput {
  readonly #each: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  /** Bytes between the two. */
  #left = 0;

  constructor(each = KEPT_BYTES_EACH) {
    this.#each = each;
  }

  /** Takes a piece; it may be reused by whoever gave it. */
  push(piece: Uint8Array): void {
    const ofHead = Math.min(piece.length, this.#each - this.#headBytes);
    if (ofHead > 0) {
      this.#head.push(Buffer.from(piece.subarray(0, ofHead)));
      this.#headBytes += ofHead;
    }
    const rest = piece.subarray(ofHead);
    if (rest.length === 0) return;
    this.#tail.push(Buffer.from(rest));
    this.#tailBytes += rest.length;
    this.#trim();
  }

  /** Bytes that are known and were not looked at. */
  skip(bytes: number): void {
    this.#left += this.#tailBytes + bytes;
    this.#tail = [];
    this.#tailBytes = 0;
  }

  /** All that is kept. A line says what is left out. */
  bytes(): Buffer {
    const note = this.#left > 0 ? [Buffer.from(`\n[stepwell: ${this.#left} bytes are left out here]\n`)] : [];
    return Buffer.concat([...this.#head, ...note, ...this.#tail]);
  }

  #trim(): void {
    while (this.#tailBytes > this.#each) {
      const [first] = this.#tail;
      if (!first) return;
      const over = this.#tailBytes - this.#each;
      // Pieces may be small: whole ones go, and the last one that is too much is cut.
      if (first.length <= over) this.#tail.shift();
      else this.#tail[0] = first.subarray(over);
      this.#left += Math.min(first.length, over);
      this.#tailBytes -= Math.min(first.length, over);
    }
  }
}
