/**
 * A batch as it came over the wire, seen without copying its columns.
 *
 * The columns' fields are packed and of fixed width, so their bytes on the wire are
 * the array's bytes (little-endian). A view keeps them as bytes: nothing is decoded
 * per point until a pack is built. Texts are checked: what is not valid UTF-8 is
 * marked, never repaired, so that the door can refuse that entry alone.
 */
import { isUtf8 } from "node:buffer";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { StepwellError } from "../errors/stepwell-error.js";
import { ApiCall, MetricDataset, RunEnd, RunStart } from "../gen/stepwell/v1/ingest.js";
import { BATCH_PARTS_MAX } from "./limits.js";

/** A text of the wire; undefined when its bytes are not valid UTF-8. */
export type WireText = string | undefined;

/** A param or a tag. */
export interface TextView {
  readonly key: WireText;
  readonly value: WireText;
}

/** Points of one metric; each array holds 8 bytes a point, little-endian. */
export interface ColumnView {
  readonly key: WireText;
  readonly steps: Uint8Array;
  readonly timestampsMs: Uint8Array;
  readonly values: Uint8Array;
  /** The logged model that the points measure; empty: none. */
  readonly modelId: WireText;
  /** What it was measured with. */
  readonly dataset?: MetricDataset;
}

/** One batch. The arrays view the message's memory. */
export interface BatchView {
  readonly sequence: bigint;
  readonly runId: WireText;
  /** "malformed": there is one, but it can't be read. */
  readonly start: RunStart | "malformed" | undefined;
  readonly params: readonly TextView[];
  readonly columns: readonly ColumnView[];
  readonly tags: readonly TextView[];
  readonly removedTags: readonly WireText[];
  readonly end: RunEnd | undefined;
  /** The only tracker that it is for; empty: for all of the run's. */
  readonly onlyTrackerId: WireText;
  /** Calls of the gateway, which stand alone in their batch. */
  readonly calls: readonly ApiCall[];
}

/** Bytes of one point in each of its three columns. */
export const POINT_COLUMN_BYTES = 8;

/** How many points columns hold together. */
export function pointsIn(columns: readonly Pick<ColumnView, "values">[]): number {
  return columns.reduce((sum, { values }) => sum + values.length, 0) / POINT_COLUMN_BYTES;
}

/** What a record says of a batch beside its bytes. */
export function headOf({ columns, params, tags, removedTags, start, end, calls }: BatchView) {
  return {
    points: pointsIn(columns),
    params: params.length,
    tags: tags.length + removedTags.length + calls.length,
    startsRun: start !== undefined,
    endsRun: end !== undefined,
  };
}

/** Reads a Batch. Throws when the bytes are not one, and STEPWELL_MESSAGE_TOO_LARGE for more parts than a message may have. */
export function viewBatch(bytes: Uint8Array): BatchView {
  const reader = new BinaryReader(bytes);
  let sequence = 0n;
  let runId: WireText = "";
  let start: BatchView["start"];
  let end: RunEnd | undefined;
  let onlyTrackerId: WireText = "";
  const params: TextView[] = [];
  const columns: ColumnView[] = [];
  const tags: TextView[] = [];
  const removedTags: WireText[] = [];
  const calls: ApiCall[] = [];
  let parts = 0;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (++parts > BATCH_PARTS_MAX) throw tooManyParts();
    if (field === 1 && wire === WireType.Varint) sequence = BigInt(reader.uint64());
    else if (wire !== WireType.LengthDelimited) reader.skip(wire, field);
    else if (field === 2) runId = textOf(reader.bytes());
    else if (field === 3) start = viewStart(reader.bytes());
    else if (field === 4) params.push(viewText(reader.bytes()));
    else if (field === 5) columns.push(viewColumn(reader.bytes()));
    else if (field === 6) tags.push(viewText(reader.bytes()));
    else if (field === 7) end = RunEnd.decode(reader.bytes());
    else if (field === 8) removedTags.push(textOf(reader.bytes()));
    else if (field === 9) onlyTrackerId = textOf(reader.bytes());
    else if (field === 10) calls.push(ApiCall.decode(reader.bytes()));
    else reader.skip(wire, field);
  }
  return { sequence, runId, start, params, columns, tags, removedTags, end, onlyTrackerId, calls };
}

/** Above so many bytes what the writer holds is not kept: few batches are that large. */
const WRITER_BYTES_KEPT = 64 * 1024;
/** Used again for each batch: V8 looks through its whole heap when much was allocated beside it. */
let kept = new BinaryWriter();

/** Writes a batch whose texts are all valid. */
export function encodeBatch(batch: BatchView): Uint8Array {
  const writer = kept;
  // Where something is thrown nobody uses that one again.
  kept = new BinaryWriter();
  writeBatch(writer, batch);
  const bytes = writer.finish();
  if (bytes.length <= WRITER_BYTES_KEPT) kept = writer;
  return bytes;
}

function writeBatch(writer: BinaryWriter, batch: BatchView): void {
  if (batch.sequence !== 0n) writer.tag(1, WireType.Varint).uint64(batch.sequence);
  if (batch.runId) writer.tag(2, WireType.LengthDelimited).string(batch.runId);
  if (batch.start && batch.start !== "malformed")
    writer.tag(3, WireType.LengthDelimited).bytes(RunStart.encode(batch.start).finish());
  for (const param of batch.params) writeText(writer, 4, param);
  for (const column of batch.columns) writeColumn(writer, column);
  for (const tag of batch.tags) writeText(writer, 6, tag);
  if (batch.end) writer.tag(7, WireType.LengthDelimited).bytes(RunEnd.encode(batch.end).finish());
  for (const key of batch.removedTags) writer.tag(8, WireType.LengthDelimited).string(key ?? "");
  if (batch.onlyTrackerId) writer.tag(9, WireType.LengthDelimited).string(batch.onlyTrackerId);
  for (const call of batch.calls)
    writer.tag(10, WireType.LengthDelimited).bytes(ApiCall.encode(call).finish());
}

/** Whether the batch is for a tracker. */
export function isFor({ onlyTrackerId }: BatchView, trackerId: string): boolean {
  return onlyTrackerId === "" || onlyTrackerId === trackerId;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });

function viewStart(bytes: Uint8Array): RunStart | "malformed" {
  try {
    return RunStart.decode(new BinaryReader(bytes, (text) => STRICT.decode(text)));
  } catch {
    return "malformed";
  }
}

function textOf(bytes: Uint8Array): WireText {
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function viewText(bytes: Uint8Array): TextView {
  const reader = new BinaryReader(bytes);
  let key: WireText = "";
  let value: WireText = "";
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited) key = textOf(reader.bytes());
    else if (field === 2 && wire === WireType.LengthDelimited) value = textOf(reader.bytes());
    else reader.skip(wire, field);
  }
  return { key, value };
}

function viewColumn(bytes: Uint8Array): ColumnView {
  const reader = new BinaryReader(bytes);
  let key: WireText = "";
  let modelId: WireText = "";
  let dataset: MetricDataset | undefined;
  const steps: Uint8Array[] = [];
  const timestampsMs: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const list = field === 2 ? steps : field === 3 ? timestampsMs : field === 4 ? values : undefined;
    if (field === 1 && wire === WireType.LengthDelimited) key = textOf(reader.bytes());
    else if (field === 5 && wire === WireType.LengthDelimited) modelId = textOf(reader.bytes());
    else if (field === 6 && wire === WireType.LengthDelimited) dataset = MetricDataset.decode(reader.bytes());
    else if (list && wire === WireType.LengthDelimited) pushFilled(list, reader.bytes());
    else if (list && wire === WireType.Bit64) list.push(readFixed(reader));
    else reader.skip(wire, field);
  }
  const columns = { steps: joined(steps), timestampsMs: joined(timestampsMs), values: joined(values) };
  return { key, ...columns, modelId, ...(dataset ? { dataset } : {}) };
}

/** Chunks of nothing would take memory by the hundred thousand. */
function pushFilled(list: Uint8Array[], chunk: Uint8Array): void {
  if (chunk.length > 0) list.push(chunk);
}

/** One element of a list that a client sent unpacked, which proto3 allows. */
function readFixed(reader: BinaryReader): Uint8Array {
  const element = new Uint8Array(POINT_COLUMN_BYTES);
  new DataView(element.buffer).setBigUint64(0, BigInt(reader.fixed64()), true);
  return element;
}

const NOTHING = new Uint8Array(0);

function tooManyParts(): StepwellError {
  const sentence = `A batch has more than ${BATCH_PARTS_MAX} metrics, params and tags.`;
  return new StepwellError("STEPWELL_MESSAGE_TOO_LARGE", sentence);
}

/** A packed list may come in several chunks; nearly always it is one, which is not copied. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 && chunks[0] ? chunks[0] : chunks.length === 0 ? NOTHING : Buffer.concat(chunks);
}

function writeText(writer: BinaryWriter, field: number, text: TextView): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(text.key ?? "");
  writer.tag(2, WireType.LengthDelimited).string(text.value ?? "");
  writer.join();
}

function writeColumn(writer: BinaryWriter, column: ColumnView): void {
  writer.tag(5, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(column.key ?? "");
  writer.tag(2, WireType.LengthDelimited).bytes(column.steps);
  writer.tag(3, WireType.LengthDelimited).bytes(column.timestampsMs);
  writer.tag(4, WireType.LengthDelimited).bytes(column.values);
  if (column.modelId) writer.tag(5, WireType.LengthDelimited).string(column.modelId);
  if (column.dataset)
    writer.tag(6, WireType.LengthDelimited).bytes(MetricDataset.encode(column.dataset).finish());
  writer.join();
}
