/**
 * The spool: artifacts that were taken while their tracker's server could not have them, in the order they came.
 *
 * Each is one file, named by a rising number: the length of a header (4 bytes, big-endian), the header as JSON, then
 * the artifact's bytes. It is written as NUMBER.part, synced, renamed, and its folder synced: what has a whole name is
 * whole, and what is not is removed at the next start, for nobody was told that it is safe. A file whose header can't be
 * read is set aside as NUMBER.damaged, with its bytes.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { StepwellError } from "../../errors/stepwell-error.js";
import { syncFolder } from "../../home/replace-file.js";
import { SPOOL_FREE_BYTES_MIN } from "../../model/limits.js";
import type { Log } from "../../model/log.js";

/** What an artifact is. */
export interface ArtifactFacts {
  readonly trackerId: string;
  /** Below the server's artifact endpoint, as it was sent: with the ids that the sender knows, and escapes. */
  readonly path: string;
  readonly contentType: string;
  /** Of the server's, which its run is in; absent: the default one. */
  readonly workspace?: string;
  /** It is no artifact but the body of a request, which goes to that path of the server's. */
  readonly call?: SpooledCall;
}

/** What a request has beside its body. */
export interface SpooledCall {
  /** The experiment that it names in a header. */
  readonly experimentId?: string;
  readonly encoding?: string;
}

/** One that waits. */
export interface Spooled extends ArtifactFacts {
  readonly number: number;
  /** Bytes of the artifact. */
  readonly bytes: number;
  /** Where they begin in the file. */
  readonly offset: number;
}

const LENGTH_BYTES = 4;
const HEADER_BYTES_MAX = 64 * 1024;
const WHOLE = /^\d{12}$/;

export class ArtifactSpool {
  readonly #folder: string;
  readonly #quotaBytes: number;
  readonly #waiting = new Map<number, Spooled>();
  #writingBytes = 0;
  #last = 0;

  private constructor(folder: string, quotaBytes: number) {
    this.#folder = folder;
    this.#quotaBytes = quotaBytes;
  }

  /** Takes up what an earlier daemon left. */
  static async open(folder: string, quotaBytes: number, log: Log): Promise<ArtifactSpool> {
    const spool = new ArtifactSpool(folder, quotaBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(folder)).sort()) await spool.#takeUp(name, log);
    return spool;
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return [...this.#waiting.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The number that was given last. */
  get lastNumber(): number {
    return this.#last;
  }

  /** The lowest number that waits. */
  get firstNumber(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...this.#waiting.keys());
  }

  /** What waits for a tracker, in its order. */
  waitingFor(trackerId: string): Spooled[] {
    return [...this.#waiting.values()].filter((each) => each.trackerId === trackerId);
  }

  /** Whether one waits still. */
  has({ number }: Spooled): boolean {
    return this.#waiting.has(number);
  }

  /** The trackers that something waits for. */
  trackers(): Set<string> {
    return new Set([...this.#waiting.values()].map(({ trackerId }) => trackerId));
  }

  /** Begins one. Throws STEPWELL_SPOOL_FULL where so many bytes have no room. */
  async begin(facts: ArtifactFacts, bytes: number): Promise<SpoolWriter> {
    this.#checkQuota(bytes);
    await this.#checkVolume(bytes);
    const number = ++this.#last;
    const part = `${this.#pathOf(number)}.part`;
    const handle = await open(part, "wx", 0o600);
    try {
      const header = Buffer.from(JSON.stringify(facts));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(header.length);
      await handle.write(Buffer.concat([length, header]));
      const offset = LENGTH_BYTES + header.length;
      return new SpoolWriter({
        handle,
        checkQuota: (more) => this.#checkQuota(more),
        checkVolume: (more) => this.#checkVolume(more),
        grow: (more) => {
          this.#writingBytes += more;
        },
        keep: async (written) => {
          await rename(part, this.#pathOf(number));
          await syncFolder(this.#folder);
          this.#waiting.set(number, { ...facts, number, bytes: written, offset });
        },
        drop: () => rm(part, { force: true }),
      });
    } catch (error) {
      await handle.close();
      await rm(part, { force: true });
      throw error;
    }
  }

  /** Its bytes, from somewhere on. */
  async read({ number, offset }: Spooled, from = 0): Promise<Readable> {
    const handle = await open(this.#pathOf(number), "r");
    return handle.createReadStream({ start: offset + from });
  }

  /** The server has it, or nobody wants it any more. */
  async remove({ number }: Spooled): Promise<void> {
    this.#waiting.delete(number);
    await rm(this.#pathOf(number), { force: true });
  }

  /** The server will never take it: its bytes stay for whoever looks. */
  async refuse({ number }: Spooled): Promise<string> {
    this.#waiting.delete(number);
    const aside = `${this.#pathOf(number)}.refused`;
    await rename(this.#pathOf(number), aside);
    return aside;
  }

  #checkQuota(more: number): void {
    if (this.bytes + this.#writingBytes + more > this.#quotaBytes)
      throw new StepwellError(
        "STEPWELL_SPOOL_FULL",
        `Artifacts that wait take ${this.bytes} bytes; their quota is ${this.#quotaBytes}.`,
      );
  }

  async #checkVolume(more: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize - more < SPOOL_FREE_BYTES_MIN)
      throw new StepwellError("STEPWELL_SPOOL_FULL", "The volume of the home has no room for an artifact.");
  }

  async #takeUp(name: string, log: Log): Promise<void> {
    const path = join(this.#folder, name);
    this.#last = Math.max(this.#last, Number.parseInt(name, 10) || 0);
    if (name.endsWith(".part")) return await rm(path, { force: true });
    if (!WHOLE.test(name)) return;
    const number = Number(name);
    const found = await readHeader(path);
    if (found) this.#waiting.set(number, { ...found, number });
    else {
      await rename(path, `${path}.damaged`);
      log("error", "an artifact that waits can't be read, and is set aside", { path: `${path}.damaged` });
    }
  }

  #pathOf(number: number): string {
    return join(this.#folder, String(number).padStart(12, "0"));
  }
}

interface WriterParts {
  readonly handle: FileHandle;
  readonly checkQuota: (more: number) => void;
  readonly checkVolume: (more: number) => Promise<void>;
  readonly grow: (more: number) => void;
  readonly keep: (bytes: number) => Promise<void>;
  readonly drop: () => Promise<void>;
}

/** How often the volume's room is looked at while one is written. */
const CHECK_EVERY_BYTES = 64 * 1024 * 1024;

/** One artifact that is being written. It ends with keep or drop. */
export class SpoolWriter {
  readonly #parts: WriterParts;
  #bytes = 0;
  #unchecked = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Throws STEPWELL_SPOOL_FULL, and what the disk says. */
  async write(chunk: Buffer): Promise<void> {
    const { handle, checkQuota, checkVolume, grow } = this.#parts;
    checkQuota(chunk.length);
    this.#unchecked += chunk.length;
    if (this.#unchecked > CHECK_EVERY_BYTES) {
      await checkVolume(chunk.length);
      this.#unchecked = 0;
    }
    for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten;
    this.#bytes += chunk.length;
    grow(chunk.length);
  }

  /** It is on disk when this resolves, and comes back after a power cut. */
  async keep(): Promise<void> {
    const { handle, grow, keep } = this.#parts;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await keep(this.#bytes);
    grow(-this.#bytes);
  }

  async drop(): Promise<void> {
    const { handle, grow, drop } = this.#parts;
    grow(-this.#bytes);
    this.#bytes = 0;
    await handle.close().catch(() => undefined);
    await drop();
  }
}

async function readHeader(path: string): Promise<Omit<Spooled, "number"> | undefined> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const length = Buffer.alloc(LENGTH_BYTES);
    await handle.read(length, 0, LENGTH_BYTES, 0);
    const headerBytes = length.readUInt32BE();
    if (headerBytes > HEADER_BYTES_MAX || LENGTH_BYTES + headerBytes > size) return undefined;
    const header = Buffer.alloc(headerBytes);
    await handle.read(header, 0, headerBytes, LENGTH_BYTES);
    const facts = JSON.parse(header.toString("utf8")) as Partial<ArtifactFacts>;
    const { trackerId, path: of, contentType, workspace, call } = facts;
    if (typeof trackerId !== "string" || typeof of !== "string" || typeof contentType !== "string")
      return undefined;
    const offset = LENGTH_BYTES + headerBytes;
    const within = { ...(typeof workspace === "string" ? { workspace } : {}), ...(call ? { call } : {}) };
    return { trackerId, path: of, contentType, ...within, bytes: size - offset, offset };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
