/** Reads LevelDB's numbers and texts one after the other. */
export class ByteReader {
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  /** The next number, up to 2^53; behind the end 0. */
  varint(): number {
    let value = 0;
    for (let power = 1; power < 2 ** 53; power *= 128) {
      const byte = this.#bytes[this.offset++] ?? 0;
      value += (byte & 0x7f) * power;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** The next bytes; undefined when there are fewer. */
  take(count: number): Uint8Array | undefined {
    const end = this.offset + count;
    if (end > this.#bytes.length) return undefined;
    const taken = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }
}
