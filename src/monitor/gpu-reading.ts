/** One GPU; what its driver does not tell is undefined. */
export interface GpuReading {
  readonly index: number;
  readonly utilization: number | undefined;
  readonly memoryUsedBytes: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly powerWatts: number | undefined;
  readonly powerLimitWatts: number | undefined;
  readonly celsius: number | undefined;
}
