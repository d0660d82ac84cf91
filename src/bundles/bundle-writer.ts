/**
 * Writes the file of a bundle. It has another name until it is whole and on disk: a reader sees all of it or
 * nothing, and what a kill leaves behind is no bundle.
 *
 * The SHA-256 at its end is of what is compressed, so that it also tells of a fault of the compression; the
 * sums of single frames tell where, and let a reader stop early.
 */
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, type Writable } from "node:stream";
import { createGzip } from "node:zlib";
import { StepwellError } from "../errors/stepwell-error.js";
import type { BundleHead, BundleRecord, BundleRun } from "../gen/stepwell/v1/bundles.js";
import { syncFolder } from "../home/replace-file.js";
import { fileFault } from "./file-fault.js";
import { encodeFrame, type Frame } from "./frames.js";

/** What the name of a file has behind it until it is whole. */
export const DRAFT_ENDING = ".part";
/** Level 1 is three times as fast as the usual one, and columns of numbers are hardly smaller with more. */
const GZIP_LEVEL = 1;

/** What a bundle holds. */
export interface BundleSums {
  readonly runs: number;
  readonly records: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

export class BundleWriter {
  readonly #path: string;
  readonly #draft: string;
  readonly #handle: FileHandle;
  readonly #frames: Writable;
  readonly #written: Promise<void>;
  readonly #hash = createHash("sha256");
  #runs = 0;
  #records = 0;
  #isOpen = true;

  private constructor(
    path: string,
    draft: string,
    handle: FileHandle,
    frames: Writable,
    written: Promise<void>,
  ) {
    this.#path = path;
    this.#draft = draft;
    this.#handle = handle;
    this.#frames = frames;
    this.#written = written;
    // Whoever writes next, or finishes, hears of it.
    written.catch(() => undefined);
  }

  /** Begins one, for an age recipient alone where there is one. Throws STEPWELL_BUNDLE_FILE, STEPWELL_DISK_FULL. */
  static async create(path: string, head: BundleHead, recipient = ""): Promise<BundleWriter> {
    const seal = recipient === "" ? undefined : await sealFor(recipient);
    const draft = `${path}.${randomBytes(6).toString("hex")}${DRAFT_ENDING}`;
    const handle = await open(draft, "wx", 0o600).catch((error: unknown) => {
      throw fileFault(path, error);
    });
    try {
      await handle.write(`stepwell-bundle 1 ${seal ? "gzip+age" : "gzip"}\n`);
      const gzip = createGzip({ level: GZIP_LEVEL });
      const written = seal ? sealed(gzip, seal, handle) : writeAll(gzip, handle);
      const writer = new BundleWriter(path, draft, handle, gzip, written);
      await writer.#write({ $case: "head", value: head });
      return writer;
    } catch (error) {
      await handle.close();
      await rm(draft, { force: true });
      throw fileFault(path, error);
    }
  }

  /** Begins a run; its records follow. */
  async run(run: BundleRun): Promise<void> {
    this.#runs += 1;
    await this.#write({ $case: "run", value: run });
  }

  async record(record: BundleRecord): Promise<void> {
    this.#records += 1;
    await this.#write({ $case: "record", value: record });
  }

  /** Ends it: all of it is on disk, under a name that nobody takes for a bundle's. */
  async finish(): Promise<BundleSums> {
    const runs = this.#runs;
    const records = this.#records;
    const sha256 = this.#hash.copy().digest();
    await this.#write({
      $case: "end",
      value: { runs: BigInt(runs), records: BigInt(records), sha256 },
    });
    try {
      this.#frames.end();
      await this.#written;
      await this.#handle.sync();
      const { size: bytes } = await this.#handle.stat();
      return { runs, records, bytes };
    } catch (error) {
      throw fileFault(this.#path, error);
    } finally {
      await this.#close();
    }
  }

  /** Gives a finished one its name. */
  async publish(): Promise<void> {
    try {
      await rename(this.#draft, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw fileFault(this.#path, error);
    }
  }

  /** Leaves nothing of it, whole or not, unless it was published. Never rejects. */
  async discard(): Promise<void> {
    this.#frames.destroy();
    await this.#written.catch(() => undefined);
    await this.#close().catch(() => undefined);
    await rm(this.#draft, { force: true }).catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }

  async #write(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame);
    this.#hash.update(bytes);
    try {
      // A stream that failed takes nothing more and never drains.
      if (this.#frames.destroyed) await this.#written;
      if (this.#frames.write(bytes)) return;
      const drained = new Promise<void>((resolve) => this.#frames.once("drain", resolve));
      await Promise.race([drained, this.#written]);
    } catch (error) {
      throw fileFault(this.#path, error);
    }
  }
}

type Seal = (bytes: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>;

async function sealFor(recipient: string): Promise<Seal> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new StepwellError("STEPWELL_USAGE", "The recipient is none of age's: it begins with age1.", {
      cause,
    });
  }
  return async (bytes) => await encrypter.encrypt(bytes);
}

async function sealed(gzip: Readable, seal: Seal, handle: FileHandle): Promise<void> {
  const plain = Readable.toWeb(gzip) as ReadableStream<Uint8Array>;
  await writeAll(Readable.fromWeb((await seal(plain)) as never), handle);
}

/** A stream of the handle's own would close it before it is synced. */
async function writeAll(bytes: Readable, handle: FileHandle): Promise<void> {
  for await (const chunk of bytes) await handle.writeFile(chunk as Uint8Array);
}
