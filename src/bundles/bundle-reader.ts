/**
 * Reads the file of a bundle. What comes out of `frames` before its end may still turn out to be of a file that is
 * cut or changed: whoever acts on it reads it to its end once before, from the same open file.
 */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { StepwellError } from "../errors/stepwell-error.js";
import { openPlain } from "../home/plain-file.js";
import type { Owner } from "../home/replace-file.js";
import { fileFault } from "./file-fault.js";
import { damaged, type Frame, FrameReader } from "./frames.js";

/** Bytes of the first line at most. */
const LINE_BYTES_MAX = 64;
/** What is unpacked at a time: a record of 4 MiB comes in a few chunks. */
const CHUNK_BYTES = 256 * 1024;

export class BundleFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #identity: string;

  private constructor(path: string, handle: FileHandle, identity: string) {
    this.#path = path;
    this.#handle = handle;
    this.#identity = identity;
  }

  /** Opens one, with the age identity that opens what is encrypted. Throws STEPWELL_BUNDLE_FILE. */
  static async open(path: string, identity = ""): Promise<BundleFile> {
    const handle = await openPlain(path).catch((error: unknown) => {
      throw fileFault(path, error);
    });
    return new BundleFile(path, handle, identity);
  }

  /**
   * All of it, from its beginning: the head, then runs with their records behind each, then the end. Throws
   * STEPWELL_BUNDLE_DAMAGED, STEPWELL_BUNDLE_NEWER, STEPWELL_BUNDLE_SEALED.
   */
  async *frames(): AsyncGenerator<Frame> {
    const { bytes, isSealed } = await this.#line();
    const source = Readable.from(this.#chunks(bytes));
    const order = new FrameOrder();
    const reader = new FrameReader();
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const packed = isSealed ? await this.#opened(source) : source;
    packed.once("error", (error) => gunzip.destroy(error));
    packed.pipe(gunzip);
    try {
      for await (const chunk of gunzip) {
        for (const { frame, bytes: of } of reader.take(chunk as Buffer)) {
          order.take(frame, of);
          yield frame;
        }
      }
    } catch (error) {
      // Whatever went wrong with a file that could be opened: its bytes are not as they were written.
      throw error instanceof StepwellError ? error : damaged(sayCut(error));
    } finally {
      source.destroy();
      gunzip.destroy();
    }
    if (!order.isWhole || !reader.isEmpty) throw damaged("it is cut off");
  }

  /** Whose it is. Throws STEPWELL_BUNDLE_FILE. */
  async owner(): Promise<Owner> {
    return await this.#handle.stat().catch((error: unknown) => {
      throw fileFault(this.#path, error);
    });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The bytes from a position on. A stream of the handle's own would close it. */
  async *#chunks(from: number): AsyncGenerator<Buffer> {
    for (let position = from; ; ) {
      const { buffer, bytesRead } = await this.#handle.read({ buffer: Buffer.alloc(CHUNK_BYTES), position });
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async #line(): Promise<{ readonly bytes: number; readonly isSealed: boolean }> {
    const { buffer, bytesRead } = await this.#handle
      .read({ buffer: Buffer.alloc(LINE_BYTES_MAX), position: 0 })
      .catch((error: unknown) => {
        throw fileFault(this.#path, error);
      });
    const found = /^stepwell-bundle (\d{1,9}) (\S+)\n/.exec(buffer.subarray(0, bytesRead).toString("latin1"));
    if (!found) throw damaged("it does not begin as one");
    const [line, version, form = ""] = found;
    if (version !== "1" || !["gzip", "gzip+age"].includes(form)) {
      const sentence = `The bundle is of version ${version} (${form}), which this Stepwell does not know.`;
      throw new StepwellError("STEPWELL_BUNDLE_NEWER", sentence);
    }
    return { bytes: line.length, isSealed: form === "gzip+age" };
  }

  async #opened(source: Readable): Promise<Readable> {
    if (this.#identity === "") throw new StepwellError("STEPWELL_BUNDLE_SEALED", "The bundle is encrypted.");
    const { Decrypter } = await import("age-encryption");
    const decrypter = new Decrypter();
    try {
      decrypter.addIdentity(this.#identity);
    } catch (cause) {
      throw new StepwellError("STEPWELL_BUNDLE_SEALED", "The identity is none of age's.", { cause });
    }
    try {
      const bytes = Readable.toWeb(source) as ReadableStream<Uint8Array>;
      return Readable.fromWeb((await decrypter.decrypt(bytes)) as never);
    } catch (cause) {
      const sentence = "The bundle is encrypted for another identity, or its beginning is damaged.";
      throw new StepwellError("STEPWELL_BUNDLE_SEALED", sentence, { cause });
    }
  }
}

/** Holds frames against the order in which a bundle has them, and its sums. */
class FrameOrder {
  readonly #hash = createHash("sha256");
  #last: Frame["$case"] | undefined;
  #runs = 0n;
  #records = 0n;

  get isWhole(): boolean {
    return this.#last === "end";
  }

  take(frame: Frame, bytes: Buffer): void {
    const isFirst = this.#last === undefined;
    if (isFirst !== (frame.$case === "head") || this.isWhole) throw damaged("its pieces are in disorder");
    if (frame.$case === "record" && this.#last === "head") throw damaged("its pieces are in disorder");
    if (frame.$case === "run") this.#runs += 1n;
    if (frame.$case === "record") this.#records += 1n;
    if (frame.$case === "end") {
      const { runs, records, sha256 } = frame.value;
      const isSame = runs === this.#runs && records === this.#records;
      if (!isSame || !this.#hash.digest().equals(sha256)) throw damaged("its checksum is wrong");
    } else this.#hash.update(bytes);
    this.#last = frame.$case;
  }
}

function sayCut(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return /unexpected end/i.test(why) ? "it is cut off" : `it can't be unpacked (${why})`;
}
