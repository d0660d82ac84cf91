/** A stretch of a run: the curves of the records between two places of the journal. */
import type { WrittenRecord } from "../journal/append.js";
import { viewBatch } from "../model/batch-view.js";
import { CURVE_KEYS_KEPT_MAX } from "../model/curve-limits.js";
import { BucketRows } from "./bucket-rows.js";
import { Buckets } from "./buckets.js";
import type { ColumnPlaces } from "./column-places.js";
import { Curve } from "./curve.js";
import type { PointReader, Points } from "./points.js";
import { SlabMemory } from "./rows-memory.js";

/** What says where a record stands. */
interface RecordPlace {
  readonly seq: number;
  /** Points in it, and of its run through it. */
  readonly points: number;
  readonly pointsThrough: number;
}

/** What a curve takes beside its buckets: objects, and its key. */
export const CURVE_BYTES = 600;

export class Stretch {
  readonly curves = new Map<string, Curve>();
  /** The same in the order in which they came, and where the next column's is if keys come as they did before. */
  readonly #list: Curve[] = [];
  #next = 0;
  #memory = new SlabMemory();
  /** Points of the run before its first record. */
  readonly pointsBefore: number;
  /** Points of the run through its last record, and where that is. */
  pointsThrough: number;
  seqThrough = 0;
  /** Points of keys that were too many. */
  pointsLeftOut = 0;
  /** Bytes of memory that its curves take. */
  bytes = 0;

  constructor(pointsBefore: number) {
    this.pointsBefore = pointsBefore;
    this.pointsThrough = pointsBefore;
  }

  /** Whether a record follows on the last one. */
  isNext({ pointsThrough, points }: RecordPlace): boolean {
    return pointsThrough - points === this.pointsThrough;
  }

  /** Adds the record that follows, which was written just now. */
  add(record: WrittenRecord, places: ColumnPlaces, reader: PointReader, lengthMax: number): void {
    const { payload } = record;
    if (!places.find(payload)) return this.addBatch(record, payload, reader, lengthMax);
    this.#reach(record);
    for (let column = 0; column < places.count; column++) {
      const points = reader.readAt(
        payload,
        places.steps(column),
        places.timestamps(column),
        places.values(column),
        places.length(column),
      );
      this.#add(this.#curveOf(places, column), points, lengthMax);
    }
  }

  /** Adds the record that follows, with its batch as bytes. What was sent again to one tracker was logged before. */
  addBatch(record: RecordPlace, batch: Uint8Array, reader: PointReader, lengthMax: number): void {
    this.#reach(record);
    const { columns, onlyTrackerId } = viewBatch(batch);
    if (onlyTrackerId) return;
    for (const column of columns) this.addPoints(column.key ?? "", reader.read(column), lengthMax);
  }

  /** Adds points of one key. */
  addPoints(key: string, points: Points, lengthMax: number): void {
    this.#add(this.curves.get(key) ?? this.#begin(key), points, lengthMax);
  }

  #add(curve: Curve | undefined, points: Points, lengthMax: number): void {
    if (!curve) {
      this.pointsLeftOut += points.count;
      return;
    }
    const before = curve.bytes;
    curve.add(points, lengthMax);
    this.bytes += curve.bytes - before;
  }

  /** Takes the curves of the stretch that follows. */
  join(later: Stretch): void {
    for (const [key, curve] of later.curves) {
      const own = this.curves.get(key);
      if (own) own.merge(curve);
      else this.#keep(key, curve);
    }
    this.bytes += later.bytes;
    this.pointsThrough = later.pointsThrough;
    this.seqThrough = later.seqThrough;
  }

  /** Takes no more memory than so many buckets of each curve do. */
  compact(lengthMax: number): void {
    this.#memory = new SlabMemory();
    for (const curve of this.curves.values()) {
      const before = curve.bytes;
      curve.compact(lengthMax, this.#memory);
      this.bytes += curve.bytes - before;
    }
  }

  #reach({ seq, pointsThrough }: RecordPlace): void {
    this.pointsThrough = pointsThrough;
    this.seqThrough = seq;
  }

  /** The curve of a column. Programs log the same keys in the same order again and again: that needs no text of the key. */
  #curveOf(places: ColumnPlaces, column: number): Curve | undefined {
    const list = this.#list;
    if (this.#next >= list.length) this.#next = 0;
    const expected = list[this.#next];
    if (expected && places.isKey(column, expected.key)) {
      this.#next += 1;
      return expected;
    }
    const key = places.key(column);
    const curve = this.curves.get(key) ?? this.#begin(key);
    if (curve) this.#next = curve.place + 1;
    return curve;
  }

  #keep(key: string, curve: Curve): void {
    curve.key = key;
    curve.place = this.#list.length;
    this.#list.push(curve);
    this.curves.set(key, curve);
  }

  #begin(key: string): Curve | undefined {
    if (this.curves.size >= CURVE_KEYS_KEPT_MAX) return undefined;
    const curve = new Curve(new Buckets("both", new BucketRows(0, this.#memory)));
    this.#keep(key, curve);
    this.bytes += CURVE_BYTES + curve.bytes;
    return curve;
  }
}
