/** The pieces of a bundle's file: each as its length, its CRC-32C and itself. */
import { StepwellError } from "../errors/stepwell-error.js";
import { BundleFrame } from "../gen/stepwell/v1/bundles.js";
import { crc32c } from "../leveldb/crc32c.js";
import { MESSAGE_BYTES_MAX } from "../model/limits.js";

/** One piece; never an unknown one. */
export type Frame = NonNullable<BundleFrame["frame"]>;

/** What stands before each frame: its length and its sum. */
const FRAME_HEAD_BYTES = 8;
/** A record of any size fits, and the names of ten thousand starts of a daemon. */
const FRAME_BYTES_MAX = MESSAGE_BYTES_MAX + 1024 * 1024;

export function encodeFrame(frame: Frame): Buffer {
  const body = BundleFrame.encode({ frame }).finish();
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.writeUInt32LE(crc32c(body, 0, body.length), 4);
  bytes.set(body, FRAME_HEAD_BYTES);
  return bytes;
}

/** A frame with the bytes that it came as. */
export interface FoundFrame {
  readonly frame: Frame;
  readonly bytes: Buffer;
}

/** Takes frames out of bytes that come in chunks. Throws STEPWELL_BUNDLE_DAMAGED. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The frames that are whole with these bytes. */
  *take(chunk: Buffer): Generator<FoundFrame> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const found = this.#first();
      if (!found) return;
      this.#bytes = this.#bytes.subarray(found.bytes.length);
      yield found;
    }
  }

  /** Whether nothing of another frame has come. */
  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  #first(): FoundFrame | undefined {
    if (this.#bytes.length < FRAME_HEAD_BYTES) return undefined;
    const length = this.#bytes.readUInt32LE(0);
    if (length > FRAME_BYTES_MAX) throw damaged("it has a piece that is larger than any");
    const bytes = this.#bytes.subarray(0, FRAME_HEAD_BYTES + length);
    if (bytes.length < FRAME_HEAD_BYTES + length) return undefined;
    const body = bytes.subarray(FRAME_HEAD_BYTES);
    if (bytes.readUInt32LE(4) !== crc32c(body, 0, length) >>> 0) throw damaged("a checksum is wrong");
    return { frame: decoded(body), bytes };
  }
}

function decoded(body: Buffer): Frame {
  let frame: Frame | undefined;
  try {
    ({ frame } = BundleFrame.decode(body));
  } catch {
    frame = undefined;
  }
  if (!frame) throw damaged("it has a piece that can't be read");
  return frame;
}

/** A bundle that is not as it was written. */
export function damaged(what: string): StepwellError {
  return new StepwellError("STEPWELL_BUNDLE_DAMAGED", `The bundle is damaged: ${what}.`);
}
