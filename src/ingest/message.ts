/** What a client sends on its stream, read without a copy. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { StepwellError } from "../errors/stepwell-error.js";
import { Hello } from "../gen/stepwell/v1/ingest.js";
import { type BatchView, viewBatch } from "../model/batch-view.js";

export type Message =
  | { readonly kind: "hello"; readonly bytes: Uint8Array }
  | { readonly kind: "batch"; readonly bytes: Uint8Array }
  | { readonly kind: "close" };

/** One IngestRequest. Throws STEPWELL_BATCH_MALFORMED. */
export function readMessage(bytes: Uint8Array): Message {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (wire !== WireType.LengthDelimited) reader.skip(wire, field);
      else if (field === 1) return { kind: "hello", bytes: reader.bytes() };
      else if (field === 2) return { kind: "batch", bytes: reader.bytes() };
      else if (field === 3) return { kind: "close" };
      else reader.skip(wire, field);
    }
  } catch (error) {
    throw malformed(error);
  }
  throw malformed(undefined);
}

/** A batch with its sequence. Throws STEPWELL_BATCH_MALFORMED. */
export function readBatch(bytes: Uint8Array): BatchView {
  let batch: BatchView;
  try {
    batch = viewBatch(bytes);
  } catch (error) {
    throw error instanceof StepwellError ? error : malformed(error);
  }
  if (batch.sequence > 0n && batch.sequence <= BigInt(Number.MAX_SAFE_INTEGER)) return batch;
  throw malformed(undefined);
}

export function decodeHello(bytes: Uint8Array): Hello | undefined {
  try {
    return Hello.decode(bytes);
  } catch {
    return undefined;
  }
}

function malformed(cause: unknown): StepwellError {
  return new StepwellError("STEPWELL_BATCH_MALFORMED", "A request can't be read.", { cause });
}
