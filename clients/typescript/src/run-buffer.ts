/** What one run has logged and not sent yet, and how it is cut into batches. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Column, POINT_BYTES } from "./column.js";
import { type EndStatus, stringField } from "./wire.js";

/** A batch as the stream carries it: a whole IngestRequest. */
export interface EncodedBatch {
  readonly sequence: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Points, params and tags in it. */
  readonly entries: number;
  readonly points: number;
}

/** How a run ended. */
export interface RunEnding {
  readonly runId: string;
  readonly status: EndStatus;
  /** Milliseconds since 1970. */
  readonly endTimeMs: number;
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
  readonly #columns = new Map<string, Column>();
  /** The sequence of the run's last batch so far; 0 before the first. */
  lastSequence = 0;
  readonly #runIdField: Uint8Array;
  readonly #start: Uint8Array | undefined;
  #isStartPending = true;
  readonly #params: Uint8Array[] = [];
  readonly #tags: Uint8Array[] = [];
  #end: Uint8Array | undefined;
  #isEnded = false;
  #ending: RunEnding | undefined;

  constructor(runId: string, start: Uint8Array | undefined) {
    this.runId = runId;
    this.#runIdField = stringField(2, runId);
    this.#start = start;
  }

  /** Sends the run's start once more, for a journal that does not know the run. Its size in bytes. */
  startAgain(): number {
    this.#isStartPending = true;
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
  }

  /** Ends the run, behind all that waits; without a field only for this process. */
  setEnd(field: Uint8Array | undefined, status: EndStatus, endTimeMs: number): void {
    this.#end = field;
    this.#isEnded = true;
    if (field !== undefined) this.#ending = { runId: this.runId, status, endTimeMs };
  }

  /** How the run ended, if the daemon has not said that it knows: it has all through that sequence. */
  unacknowledgedEnd(acknowledgedSequence: number): RunEnding | undefined {
    const isKnown = this.#end === undefined && this.lastSequence <= acknowledgedSequence;
    return isKnown ? undefined : this.#ending;
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
    this.add(...columnParts(column, points));
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

/** An element of Batch.metrics: the column's first points. */
function columnParts(column: Column, points: number): readonly Uint8Array[] {
  const { steps, timestampsMs, values } = column.bytes(points);
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
