/** Which points of one metric are wanted of a run's local store: a range along an axis. */
export interface RangeQuestion {
  readonly key: string;
  readonly isByTime: boolean;
  readonly from: bigint;
  readonly to: bigint;
  /** Timestamps that all in the range are between. */
  readonly fromMs: bigint;
  readonly toMs: bigint;
  readonly most: number;
}
