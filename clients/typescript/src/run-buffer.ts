/** What one run has logged and not sent yet, and how it is cut into batches. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Column, type ColumnBytes, POINT_BYTES } from "./column.js";
import { stringField } from "./wire.js";

/** A batch as the stream carries it: a whole IngestRequest. */
export interface EncodedBatch {
  readonly sequence: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Points, params and tags in it. */
  readonly entries: number;
  readonly points: number;
}

const LENGTH = WireType.LengthDelimited;
/** The most that a column adds to its name and points: four tags and four lengths. */
const COLUMN_OVERHEAD_BYTES = 4 + 4 * 5;
/** The most that a batch adds to its fields: the envelope's tag and length, the sequence, the run's id. */
const BATCH_OVERHEAD_BYTES = 6 + 11 + 34;
/** Columns that are kept while they are empty; beyond it they are forgotten after a cut. */
const COLUMNS_KEPT_MAX = 10_000;

/** The pending entries of one run. */
export class RunBuffer {
  readonly runId: string;
  /** Which of the client's openings of runs it is. */
  readonly opening: number;
  readonly #columns = new Map<string, Column>();
  /** The start, params, tags and the end that are not in the spool. */
  #unkept: Uint8Array[];
  /** The sequence of the run's last batch so far; 0 before the first. */
  lastSequence = 0;
  readonly #runIdField: Uint8Array;
  readonly #start: Uint8Array | undefined;
  #isStartPending = true;
  readonly #params: Uint8Array[] = [];
  readonly #tags: Uint8Array[] = [];
  #end: Uint8Array | undefined;
  #isEnded = false;

  constructor(runId: string, start: Uint8Array | undefined, opening: number) {
    this.runId = runId;
    this.opening = opening;
    this.#unkept = start ? [start] : [];
    this.#runIdField = stringField(2, runId);
    this.#start = start;
  }

  /** Sends the run's start once more, for a journal that does not know the run. Its size in bytes. */
  startAgain(): number {
    this.#isStartPending = true;
    if (this.#start) this.#unkept.push(this.#start);
    return this.#start?.length ?? 0;
  }

  /** The column of a key's points, of a model's where one is named; undefined before the first. */
  column(key: string, modelId: string | undefined): Column | undefined {
    return this.#columns.get(nameOf(key, modelId));
  }

  /** A new column of a key and a model's id that were checked. */
  addColumn(key: string, modelId: string | undefined): Column {
    const fields = [stringField(1, key), ...(modelId === undefined ? [] : [stringField(5, modelId)])];
    const column = new Column(Buffer.concat(fields));
    this.#columns.set(nameOf(key, modelId), column);
    return column;
  }

  /** Adds an encoded param or tag. */
  addText(kind: "param" | "tag", field: Uint8Array): void {
    (kind === "param" ? this.#params : this.#tags).push(field);
    this.#unkept.push(field);
  }

  /** Ends the run, behind all that waits; without a field only for this process. */
  setEnd(field: Uint8Array | undefined): void {
    this.#end = field;
    this.#isEnded = true;
    if (field !== undefined) this.#unkept.push(field);
  }

  /** What was logged since the last call, in pieces of a bounded size, for the spool. */
  *keep(bytesMax: number): Generator<Uint8Array[]> {
    let fields: Uint8Array[] = [];
    let bytes = 0;
    for (const field of this.#unkept.splice(0)) {
      if (bytes + field.length > bytesMax) {
        yield fields;
        [fields, bytes] = [[], 0];
      }
      fields.push(field);
      bytes += field.length;
    }
    for (const column of this.#columns.values()) {
      const overhead = COLUMN_OVERHEAD_BYTES + column.nameFields.length;
      while (column.unkept > 0) {
        const points = Math.min(column.unkept, Math.floor((bytesMax - bytes - overhead) / POINT_BYTES));
        if (points > 0) {
          fields.push(...partsOf(column, column.keep(points)));
          bytes += overhead + points * POINT_BYTES;
        }
        if (column.unkept === 0) break;
        yield fields;
        [fields, bytes] = [[], 0];
      }
    }
    if (fields.length > 0) yield fields;
  }

  /** Whether the end was set; it is sent once lastSequence holds it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Takes as much as one batch may carry, in the order in which the daemon applies it:
   * start, params, metrics, tags, and the end only with the last of the rest.
   * Undefined when nothing waits.
   */
  cut(sequence: number, bytesMax: number): EncodedBatch | undefined {
    const batch = new BatchWriter(bytesMax - BATCH_OVERHEAD_BYTES);
    if (this.#isStartPending && this.#start) batch.add(this.#start);
    this.#isStartPending = false;
    const rest = !batch.takeTexts(this.#params) || !this.#cutColumns(batch) || !batch.takeTexts(this.#tags);
    if (!rest && this.#end !== undefined && batch.fits(this.#end.length)) {
      batch.add(this.#end);
      this.#end = undefined;
    }
    if (batch.isEmpty) return undefined;
    this.lastSequence = sequence;
    return batch.finish(sequence, this.#runIdField);
  }

  /** Whether all columns were emptied. */
  #cutColumns(batch: BatchWriter): boolean {
    for (const column of this.#columns.values()) {
      if (column.length > 0 && !batch.takePoints(column)) return false;
    }
    if (this.#columns.size > COLUMNS_KEPT_MAX) this.#columns.clear();
    return true;
  }
}

/**
 * Gathers the parts of a batch up to a size and copies them once, in finish(). Points
 * are views of their column's memory until then, so no entry may be logged in between.
 */
class BatchWriter {
  entries = 0;
  points = 0;
  readonly #bytesMax: number;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  add(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
  }

  /** Moves texts from the front of a list. Whether all fitted. */
  takeTexts(texts: Uint8Array[]): boolean {
    let taken = 0;
    for (const text of texts) {
      if (!this.fits(text.length)) break;
      this.add(text);
      taken++;
    }
    texts.splice(0, taken);
    this.entries += taken;
    return texts.length === 0;
  }

  /** Moves points from the front of a column. Whether all fitted. */
  takePoints(column: Column): boolean {
    const room = this.#bytesMax - this.#bytes - COLUMN_OVERHEAD_BYTES - column.nameFields.length;
    const points = Math.min(column.length, Math.floor(room / POINT_BYTES));
    if (points <= 0) return false;
    this.add(...partsOf(column, column.bytes(points)));
    column.drop(points);
    this.entries += points;
    this.points += points;
    return column.length === 0;
  }

  finish(sequence: number, runIdField: Uint8Array): EncodedBatch {
    const sequenceField = new BinaryWriter().tag(1, WireType.Varint).uint64(sequence).finish();
    const envelope = lengthHeader(2, sequenceField.length + runIdField.length + this.#bytes);
    const parts = [envelope, sequenceField, runIdField, ...this.#parts];
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { sequence, bytes, entries: this.entries, points: this.points };
  }
}

/** An element of Batch.metrics: some of the column's points. */
function partsOf(column: Column, { steps, timestampsMs, values }: ColumnBytes): readonly Uint8Array[] {
  const headers = [2, 3, 4].map((field) => lengthHeader(field, steps.length));
  const [forSteps, forTimestamps, forValues] = headers as [Uint8Array, Uint8Array, Uint8Array];
  const bytes = column.nameFields.length + 3 * (forSteps.length + steps.length);
  return [
    lengthHeader(5, bytes),
    column.nameFields,
    forSteps,
    steps,
    forTimestamps,
    timestampsMs,
    forValues,
    values,
  ];
}

/** No key holds a line's end. */
function nameOf(key: string, modelId: string | undefined): string {
  return modelId === undefined ? key : `${key}\n${modelId}`;
}

/** The tag and the length of a field. */
function lengthHeader(field: number, bytes: number): Uint8Array {
  return new BinaryWriter().tag(field, LENGTH).uint32(bytes).finish();
}
