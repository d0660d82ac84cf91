/**
 * The batches that a spool's producer would have sent.
 *
 * What has a sequence was cut into that batch already. What has none is cut anew, in an order and into sizes that
 * the file alone decides: a daemon that dies in the middle and begins again makes the same batches.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { PART_KINDS, type Part, type RowColumn } from "./format.js";
import type { SpoolFile } from "./spool-file.js";

/** A batch holds no more of what has no sequence, unless it is one part that is larger. */
const BATCH_BYTES_MAX = 512 * 1024;

/** Parts that make one batch. */
export interface PlannedBatch {
  /** 0: it has none yet. */
  readonly sequence: number;
  readonly runId: string;
  readonly parts: readonly Part[];
}

/** All batches, those that have a sequence first, in the order in which they are to be sent. */
export function planBatches(parts: readonly Part[]): PlannedBatch[] {
  const sorted = [...parts].sort(compareParts);
  const batches: { sequence: number; runId: string; parts: Part[]; bytes: number }[] = [];
  for (const part of sorted) {
    const last = batches.at(-1);
    if (last && belongs(part, last)) {
      last.parts.push(part);
      last.bytes += part.bytes;
    } else {
      batches.push({ sequence: part.sequence, runId: part.runId, parts: [part], bytes: part.bytes });
    }
  }
  return batches;
}

/** A batch as the wire has it, under a sequence; empty of what is not there any more. */
export async function encodePlanned(file: SpoolFile, batch: PlannedBatch, sequence: number): Promise<Buffer> {
  const head = new BinaryWriter();
  head.tag(1, WireType.Varint).uint64(sequence);
  head.tag(2, WireType.LengthDelimited).string(batch.runId);
  const pieces: Uint8Array[] = [head.finish()];
  for (const part of batch.parts) {
    if (!part.isRows) pieces.push(await file.payloads(part));
    else {
      const rows = await file.rows(part);
      if (rows) pieces.push(encodeColumn(rows));
    }
  }
  return Buffer.concat(pieces);
}

function belongs(
  part: Part,
  last: { sequence: number; runId: string; parts: readonly Part[]; bytes: number },
): boolean {
  if (part.runId !== last.runId || part.sequence !== last.sequence) return false;
  if (last.sequence !== 0) return true;
  return part.opening === last.parts[0]?.opening && last.bytes + part.bytes <= BATCH_BYTES_MAX;
}

function compareParts(one: Part, other: Part): number {
  const bySequence = (one.sequence || Infinity) - (other.sequence || Infinity) || 0;
  if (one.sequence !== other.sequence) return bySequence;
  return (
    one.opening - other.opening ||
    PART_KINDS.indexOf(one.kind) - PART_KINDS.indexOf(other.kind) ||
    Number(one.number - other.number) ||
    one.offset - other.offset
  );
}

/** A MetricColumn as a field of a batch. */
function encodeColumn({ key, modelId, steps, timestampsMs, values }: RowColumn): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(5, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).bytes(key);
  writer.tag(2, WireType.LengthDelimited).bytes(steps);
  writer.tag(3, WireType.LengthDelimited).bytes(timestampsMs);
  writer.tag(4, WireType.LengthDelimited).bytes(values);
  if (modelId.length > 0) writer.tag(5, WireType.LengthDelimited).bytes(modelId);
  return writer.join().finish();
}
