/** A write to a segment. */
export interface SegmentPut {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Counts writes as they are asked for: what one of them holds may be gone when the next one is. */
export class PutTally {
  count = 0;
  /** Of keys and values. */
  bytes = 0;

  *of(puts: Iterable<SegmentPut>): Generator<SegmentPut> {
    for (const put of puts) {
      this.count += 1;
      this.bytes += put.key.length + put.value.length;
      yield put;
    }
  }
}
