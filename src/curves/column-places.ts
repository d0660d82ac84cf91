/**
 * Where the columns of points lie in the bytes of a batch. It is looked at once for each record that is logged, beside the
 * acknowledgements: without an object for each column, and without a text for each key, both of which cost more than the points do.
 */
/** Numbers of one column: where its key begins and ends, where its steps, timestamps and values begin, and the bytes of each. */
const FIELDS = 6;
const [KEY, KEY_END, STEPS, TIMES, VALUES, LENGTH] = [0, 1, 2, 3, 4, 5] as const;
const ROOM_MIN = 64;
/** Fields of a batch, and of a metric, with the wire type of bytes. */
const METRICS_TAG = (5 << 3) | 2;
const ONLY_TRACKER_TAG = (9 << 3) | 2;
const [KEY_TAG, STEPS_TAG, TIMES_TAG, VALUES_TAG] = [(1 << 3) | 2, (2 << 3) | 2, (3 << 3) | 2, (4 << 3) | 2];
const ASCII_END = 0x80;
const [VARINT, BIT64, BYTES, BIT32] = [0, 1, 2, 5] as const;

export class ColumnPlaces {
  /** Columns that were found. */
  count = 0;
  #places = new Int32Array(ROOM_MIN * FIELDS);
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where what is read stands. */
  #at = 0;

  /**
   * Looks for the columns of a batch. False where they do not lie there in one piece each, as a client may send them:
   * then the batch has to be read. Of a batch for one tracker alone there are none: its points were logged before.
   */
  find(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#at = 0;
    this.count = 0;
    const end = bytes.length;
    let isForOne = false;
    while (this.#at < end) {
      const tag = this.#varint();
      if (tag === METRICS_TAG) {
        const length = this.#varint();
        if (this.#at + length > end || !this.#column(this.#at + length)) return false;
      } else if (tag === ONLY_TRACKER_TAG) {
        const length = this.#varint();
        isForOne = length > 0;
        this.#at += length;
      } else if (!this.#skip(tag)) return false;
    }
    if (isForOne) this.count = 0;
    return this.#at === end;
  }

  /** Where in the bytes a column's numbers lie. */
  steps(column: number): number {
    return this.#places[column * FIELDS + STEPS] as number;
  }

  timestamps(column: number): number {
    return this.#places[column * FIELDS + TIMES] as number;
  }

  values(column: number): number {
    return this.#places[column * FIELDS + VALUES] as number;
  }

  /** Bytes of each of its lists. */
  length(column: number): number {
    return this.#places[column * FIELDS + LENGTH] as number;
  }

  /** A column's key. */
  key(column: number): string {
    const bytes = this.#bytes;
    const place = column * FIELDS;
    const [start, end] = [this.#places[place + KEY] as number, this.#places[place + KEY_END] as number];
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  }

  /** Whether a text is a column's key: false, too, for one that is more than ASCII. */
  isKey(column: number, text: string): boolean {
    const place = column * FIELDS;
    const start = this.#places[place + KEY] as number;
    const length = (this.#places[place + KEY_END] as number) - start;
    if (length !== text.length) return false;
    const bytes = this.#bytes;
    // Keys differ at their ends.
    for (let index = length - 1; index >= 0; index--) {
      const byte = bytes[start + index] as number;
      if (byte !== text.charCodeAt(index) || byte >= ASCII_END) return false;
    }
    return true;
  }

  /** Reads one column; false where its lists are not in one piece each. */
  #column(end: number): boolean {
    let [key, keyEnd] = [this.#at, this.#at];
    let [steps, times, values] = [-1, -1, -1];
    let [stepsLength, timesLength, valuesLength] = [0, 0, 0];
    while (this.#at < end) {
      const tag = this.#varint();
      if (tag === KEY_TAG || (tag >= STEPS_TAG && tag <= VALUES_TAG && (tag & 7) === BYTES)) {
        const length = this.#varint();
        const start = this.#at;
        this.#at += length;
        if (tag === KEY_TAG) [key, keyEnd] = [start, this.#at];
        else if (tag === STEPS_TAG && steps < 0) [steps, stepsLength] = [start, length];
        else if (tag === TIMES_TAG && times < 0) [times, timesLength] = [start, length];
        else if (tag === VALUES_TAG && values < 0) [values, valuesLength] = [start, length];
        else return false;
      } else if ((tag >= STEPS_TAG - 2 && tag <= VALUES_TAG) || !this.#skip(tag)) return false;
    }
    if (this.#at !== end || stepsLength !== valuesLength || timesLength !== valuesLength) return false;
    if (valuesLength > 0) this.#put(key, keyEnd, steps, times, values, valuesLength);
    return true;
  }

  #put(key: number, keyEnd: number, steps: number, times: number, values: number, length: number): void {
    const place = this.count++ * FIELDS;
    if (place === this.#places.length) {
      const before = this.#places;
      this.#places = new Int32Array(2 * before.length);
      this.#places.set(before);
    }
    const places = this.#places;
    places[place + KEY] = key;
    places[place + KEY_END] = keyEnd;
    places[place + STEPS] = steps;
    places[place + TIMES] = times;
    places[place + VALUES] = values;
    places[place + LENGTH] = length;
  }

  /** Skips a field that is not looked at; false for one that no batch has. */
  #skip(tag: number): boolean {
    const wire = tag & 7;
    if (wire === VARINT) {
      while ((this.#bytes[this.#at++] as number) >= ASCII_END);
      return true;
    }
    if (wire === BYTES) {
      const length = this.#varint();
      this.#at += length;
    } else if (wire === BIT64) this.#at += 8;
    else if (wire === BIT32) this.#at += 4;
    else return false;
    return true;
  }

  /** A tag or a length; behind the end it is 0. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] ?? 0;
    if (byte < ASCII_END) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= ASCII_END && shift < 32; shift += 7) {
      byte = bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    return value >>> 0;
  }
}
