/** A stretch of a run: the curves of the records between two places of the journal, without a hole. */
import type { ColumnView } from "../model/batch-view.js";
import { Curve } from "./curve.js";
import type { PointReader } from "./points.js";

/** What a stretch takes of a record. */
export interface LoggedRecord {
  readonly seq: number;
  /** Points in it, and of its run through it. */
  readonly points: number;
  readonly pointsThrough: number;
  readonly columns: readonly ColumnView[];
}

/** What a curve takes beside its buckets: objects, and its key. */
const CURVE_BYTES = 500;

export class Stretch {
  readonly curves = new Map<string, Curve>();
  /** Points of the run before its first record. */
  readonly pointsBefore: number;
  /** Points of the run through its last record, and where that is. */
  pointsThrough: number;
  seqThrough = 0;
  /** Bytes of memory that its buckets take. */
  bytes = 0;

  constructor(pointsBefore: number) {
    this.pointsBefore = pointsBefore;
    this.pointsThrough = pointsBefore;
  }

  /** Whether a record follows on the last one. */
  isNext({ pointsThrough, points }: LoggedRecord): boolean {
    return pointsThrough - points === this.pointsThrough;
  }

  /** Adds the record that follows. */
  add(record: LoggedRecord, reader: PointReader, lengthMax: number): void {
    this.pointsThrough = record.pointsThrough;
    this.seqThrough = record.seq;
    for (const column of record.columns) {
      const key = column.key ?? "";
      let curve = this.curves.get(key);
      if (!curve) {
        curve = new Curve();
        this.curves.set(key, curve);
        this.bytes += CURVE_BYTES + curve.bytes;
      }
      const before = curve.bytes;
      curve.add(reader.read(column), lengthMax);
      this.bytes += curve.bytes - before;
    }
  }
}
