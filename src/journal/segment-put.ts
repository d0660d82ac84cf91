/** A write to a segment. */
export interface SegmentPut {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}
