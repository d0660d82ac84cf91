/**
 * What a program writes, within a bound: the beginning and the end are kept, and what is between them is counted. A program
 * may write byte by byte, so pieces are copied and none is held: what they take is what they have.
 */

/** Bytes of the beginning, and of the end. */
export const KEPT_BYTES_EACH = 5 * 1024 * 1024;
/** What is had at first: most programs write little. */
const FIRST_BYTES = 64 * 1024;

export class BoundedOutput {
  readonly #each: number;
  #head: Buffer;
  #headBytes = 0;
  /** A ring once it is full. */
  #tail: Buffer = Buffer.alloc(0);
  #tailBytes = 0;
  /** Where in the ring the oldest byte is. */
  #tailFrom = 0;
  /** Bytes between the two. */
  #left = 0;

  constructor(each = KEPT_BYTES_EACH) {
    this.#each = each;
    this.#head = Buffer.alloc(0);
  }

  /** How many bytes there were. */
  get count(): number {
    return this.#headBytes + this.#left + this.#tailBytes;
  }

  /** Takes a piece; it may be reused by whoever gave it. */
  push(piece: Uint8Array): void {
    const ofHead = Math.min(piece.length, this.#each - this.#headBytes);
    if (ofHead > 0) {
      this.#head = withRoom(this.#head, this.#headBytes, this.#headBytes + ofHead, this.#each);
      this.#head.set(piece.subarray(0, ofHead), this.#headBytes);
      this.#headBytes += ofHead;
    }
    const rest = piece.subarray(ofHead);
    const over = Math.max(0, rest.length - this.#each);
    this.#left += over;
    if (rest.length > over) this.#pushToTail(rest.subarray(over));
  }

  /** Bytes that are known and were not looked at. */
  skip(bytes: number): void {
    this.#left += this.#tailBytes + bytes;
    this.#tailBytes = 0;
    this.#tailFrom = 0;
  }

  /** All that is kept. A line says what is left out. */
  bytes(): Buffer {
    const note = this.#left > 0 ? [Buffer.from(`\n[stepwell: ${this.#left} bytes are left out here]\n`)] : [];
    const toEnd = Math.min(this.#tailBytes, this.#tail.length - this.#tailFrom);
    return Buffer.concat([
      this.#head.subarray(0, this.#headBytes),
      ...note,
      this.#tail.subarray(this.#tailFrom, this.#tailFrom + toEnd),
      this.#tail.subarray(0, this.#tailBytes - toEnd),
    ]);
  }

  /** Takes no more than a tail has room for. */
  #pushToTail(piece: Uint8Array): void {
    const over = Math.max(0, this.#tailBytes + piece.length - this.#each);
    this.#left += over;
    this.#tailBytes -= over;
    // It grows while it begins at 0: only one of full size is a ring.
    if (over === 0 && this.#tailFrom === 0)
      this.#tail = withRoom(this.#tail, this.#tailBytes, this.#tailBytes + piece.length, this.#each);
    else if (this.#tail.length < this.#each)
      this.#tail = withRoom(this.#tail, this.#tailBytes + over, this.#each, this.#each);
    this.#tailFrom = (this.#tailFrom + over) % this.#tail.length;
    const at = (this.#tailFrom + this.#tailBytes) % this.#tail.length;
    const toEnd = Math.min(piece.length, this.#tail.length - at);
    this.#tail.set(piece.subarray(0, toEnd), at);
    this.#tail.set(piece.subarray(toEnd), 0);
    this.#tailBytes += piece.length;
  }
}

/** The buffer, or one with the same bytes that is large enough; each is twice the one before it. */
function withRoom(buffer: Buffer, used: number, wanted: number, bytesMax: number): Buffer {
  if (wanted <= buffer.length) return buffer;
  const larger = Buffer.alloc(Math.min(bytesMax, Math.max(wanted, 2 * buffer.length, FIRST_BYTES)));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
