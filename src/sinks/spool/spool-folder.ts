/** One home's folder below a spool's, with the bundles that wait in it and what receipts said. */
import { lstat, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BundleFile } from "../../bundles/bundle-reader.js";
import { BundleWriter, DRAFT_ENDING } from "../../bundles/bundle-writer.js";
import { fileFault } from "../../bundles/file-fault.js";
import { RECEIPT_ENDING, type Receipt, type ReceiptRun, readReceipt } from "../../bundles/receipt.js";
import { toStepwellError } from "../../errors/stepwell-error.js";
import { isCode } from "../../errors/system-code.js";
import type { BundledLane, BundleHead } from "../../gen/stepwell/v1/bundles.js";
import { SPOOLED_BYTES_MAX } from "../../model/bundle-limits.js";
import type { Clock } from "../../model/clock.js";
import type { Log } from "../../model/log.js";
import type { Pack } from "../../model/pack.js";
import { VERSION } from "../../model/version.js";
import type { RunIds } from "../run-ids.js";
import type { Outcome } from "../sink.js";
import { writePack } from "./spooled-pack.js";

export interface SpoolFolderOptions {
  /** The spool's, which has to be there: a volume that is not mounted is not written beside. */
  readonly folder: string;
  readonly homeId: string;
  readonly trackerId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnations: () => readonly string[];
  /** Our id of a run, by that or by one that a server gave it. */
  readonly ownId: RunIds["ownId"];
  /** Bytes of bundles that may wait for their import. */
  readonly bytesMax?: number;
}

/** The ending of a bundle's name in a spool. */
const BUNDLE_ENDING = ".bundle";
/** Digits of a bundle's number in its name: names sort as numbers do. */
const NUMBER_DIGITS = 16;
/** How long a receipt may be seen in part. */
const UNREADABLE_MS = 60_000;

/** A run's part of a bundle that waits. */
interface Waiting {
  readonly file: string;
  readonly number: number;
  readonly afterSeq: number;
  readonly lastSeq: number;
}

export class SpoolFolder {
  readonly #options: SpoolFolderOptions;
  readonly #place: string;
  /** Bytes of each bundle that waits, by its name. */
  readonly #bundles = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  /** Receipts that can't be read, by when that was seen first, of the monotonic clock. */
  readonly #unreadableMs = new Map<string, number>();
  /** What receipts said, by run, until the run's lane has heard it. */
  readonly #confirmed = new Map<string, ReceiptRun>();
  #number = 0;
  #seenVolume = "";

  private constructor(options: SpoolFolderOptions) {
    this.#options = options;
    this.#place = join(options.folder, options.homeId);
  }

  /** Makes the home's folder where the spool's is there, and sees what waits in it. Throws STEPWELL_BUNDLE_FILE. */
  static async open(options: SpoolFolderOptions): Promise<SpoolFolder> {
    const folder = new SpoolFolder(options);
    try {
      await folder.#make();
      folder.#seenVolume = await folder.#volume();
      for (const name of await folder.#names()) await folder.#see(name);
    } catch (error) {
      throw fileFault(folder.#place, error);
    }
    return folder;
  }

  get isWaiting(): boolean {
    return this.#bundles.size > 0;
  }

  /** Takes what receipts say, and removes them with their bundles; whether there were any. Throws STEPWELL_BUNDLE_FILE. */
  async takeReceipts(): Promise<boolean> {
    const names = await this.#names().catch((error: unknown) => {
      throw fileFault(this.#place, error);
    });
    const present = new Set(names);
    for (const name of this.#unreadableMs.keys()) if (!present.has(name)) this.#unreadableMs.delete(name);
    let found = false;
    for (const name of names) {
      if (!name.endsWith(RECEIPT_ENDING)) continue;
      const receipt = await this.#receipt(name);
      if (!receipt) continue;
      for (const run of receipt.runs) this.#confirmed.set(run.runId, run);
      const bundle = name.slice(0, -RECEIPT_ENDING.length);
      // A bundle without its receipt would be imported once more.
      await rm(join(this.#place, bundle), { force: true });
      await rm(join(this.#place, name), { force: true });
      this.#forget(bundle);
      found = true;
    }
    for (const name of this.#bundles.keys()) if (!present.has(name)) this.#forget(name);
    return found;
  }

  /** What is known of a pack; "new" where no bundle has it. */
  outcomeOf(pack: Pack): Outcome | "new" {
    const { runId, lastSeq, author } = pack;
    const afterSeq = pack.after?.seq ?? 0;
    const confirmed = this.#confirmed.get(runId);
    if (confirmed && confirmed.through.seq <= afterSeq) this.#confirmed.delete(runId);
    else if (confirmed) {
      const { seq, points, bytes } = confirmed.through;
      const { homeId, incarnation } = confirmed.cursor ?? author;
      if (seq === lastSeq && homeId === author.homeId && incarnation === author.incarnation)
        return { kind: "delivered", refused: [] };
      return { kind: "elsewhere", homeId, cursor: { seq, points, bytes, incarnation } };
    }
    const waiting = this.#waiting.get(runId);
    return waiting?.afterSeq === afterSeq ? waits(waiting) : "new";
  }

  /** Writes packs as a bundle. Throws STEPWELL_BUNDLE_FILE, STEPWELL_DISK_FULL. */
  async write(packs: readonly Pack[]): Promise<Outcome> {
    const held = [...this.#bundles.values()].reduce((sum, bytes) => sum + bytes, 0);
    if (held > (this.#options.bytesMax ?? SPOOLED_BYTES_MAX)) {
      const reason = `Bundles of ${held} bytes wait in ${this.#place} for their import, and no more are written.`;
      return { kind: "retry", scope: "backend", code: "STEPWELL_BUNDLE_WAITS", reason };
    }
    const number = Math.max(this.#number + 1, this.#options.clock.nowMs());
    this.#number = number;
    const file = this.#nameOf(number);
    const writer = await BundleWriter.create(join(this.#place, file), this.#headOf(number, packs));
    try {
      for (const pack of packs) await writePack(writer, pack, this.#options.ownId);
      const { bytes } = await writer.finish();
      // It may have its name even where the folder could not be synced: then it counts, and is not written for ever anew.
      this.#bundles.set(file, bytes);
      await writer.publish();
    } finally {
      await writer.discard();
    }
    for (const pack of packs) this.#waiting.set(pack.runId, { file, number, ...rangeOf(pack) });
    return waits({ file, number });
  }

  /** Below the spool's folder, which is not made. */
  async #make(): Promise<void> {
    await mkdir(this.#place, { mode: 0o700 }).catch((error: unknown) => {
      if (!isCode(error, "EEXIST")) throw error;
    });
  }

  /** Tells the spool's folder from one in its place. */
  async #volume(): Promise<string> {
    const { dev, ino } = await stat(this.#options.folder);
    return `${dev} ${ino}`;
  }

  async #names(): Promise<string[]> {
    const own = `-${this.#options.trackerId.slice(0, 8)}${BUNDLE_ENDING}`;
    const names = await readdir(this.#place).catch(async (error: unknown) => {
      if (!isCode(error, "ENOENT")) throw error;
      // Scratch file systems are cleared of what was not used for long, empty folders too. Where the folder above is
      // another one, its volume is away, and nothing is written beside it.
      if ((await this.#volume()) !== this.#seenVolume) throw error;
      await this.#make();
      return [];
    });
    return names.filter((name) => name.includes(own)).toSorted();
  }

  #nameOf(number: number): string {
    const { trackerId } = this.#options;
    return `${String(number).padStart(NUMBER_DIGITS, "0")}-${trackerId.slice(0, 8)}${BUNDLE_ENDING}`;
  }

  /** What an earlier daemon left here. */
  async #see(name: string): Promise<void> {
    const path = join(this.#place, name);
    // A folder of such a name is somebody's.
    if (name.endsWith(DRAFT_ENDING)) return await rm(path, { force: true }).catch(() => undefined);
    const number = numberIn(name);
    if (!name.endsWith(BUNDLE_ENDING) || number === undefined) return;
    const found = await lstat(path).catch((error: unknown) => {
      // Its import was heard of by another daemon of this home, or somebody has removed it.
      if (!isCode(error, "ENOENT")) throw error;
    });
    // A pipe, a link or a folder in a bundle's place keeps nothing from being written beside it.
    if (!found?.isFile()) return;
    this.#bundles.set(name, found.size);
    this.#number = Math.max(this.#number, number);
    for (const { runId, afterSequence, lastSequence } of await this.#lanesOf(path))
      this.#waiting.set(runId, {
        ...{ file: name, number, afterSeq: Number(afterSequence), lastSeq: Number(lastSequence) },
      });
  }

  /** What a bundle of an earlier daemon holds; nothing is known of one that can't be read. */
  async #lanesOf(path: string): Promise<readonly BundledLane[]> {
    let file: BundleFile | undefined;
    try {
      file = await BundleFile.open(path);
      for await (const frame of file.frames()) return frame.$case === "head" ? frame.value.lanes : [];
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      this.#options.log("warn", "a bundle of this home can't be read", { path, code, reason });
    } finally {
      await file?.close();
    }
    return [];
  }

  async #receipt(name: string): Promise<Receipt | undefined> {
    const { homeId, trackerId, clock, log } = this.#options;
    const path = join(this.#place, name);
    try {
      const receipt = await readReceipt(path);
      if (receipt.homeId === homeId && receipt.trackerId === trackerId) return receipt;
      this.#unreadableMs.delete(name);
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      const nowMs = clock.monotonicMs();
      const sinceMs = this.#unreadableMs.get(name);
      if (sinceMs === undefined) {
        // It may be seen whole a moment later.
        this.#unreadableMs.set(name, nowMs);
        log("warn", "a receipt can't be read", { path, code, reason });
      } else if (nowMs - sinceMs > UNREADABLE_MS) {
        // Nobody imports what has a receipt. Without one it is imported once more, which writes nothing twice.
        this.#unreadableMs.delete(name);
        log("warn", "a receipt that can't be read is removed", { path, code, reason });
        await rm(path, { force: true }).catch(() => undefined);
      }
    }
    return undefined;
  }

  #forget(name: string): void {
    this.#bundles.delete(name);
    for (const [runId, { file }] of this.#waiting) if (file === name) this.#waiting.delete(runId);
  }

  #headOf(number: number, packs: readonly Pack[]): BundleHead {
    const { homeId, trackerId, clock, incarnations } = this.#options;
    const author = packs[0]?.author.incarnation ?? "";
    return {
      ...{ homeId, trackerId, tracker: "", number: BigInt(number), daemonVersion: VERSION },
      createdMs: BigInt(clock.nowMs()),
      incarnations: [...incarnations().filter((id) => id !== author), author],
      lanes: packs.map((pack) => {
        const { afterSeq, lastSeq } = rangeOf(pack);
        return { runId: pack.runId, afterSequence: BigInt(afterSeq), lastSequence: BigInt(lastSeq) };
      }),
    };
  }
}

/** A bundle's number by its name; undefined where it has none that many could follow. */
function numberIn(name: string): number | undefined {
  const number = Number(name.slice(0, NUMBER_DIGITS));
  return number < Number.MAX_SAFE_INTEGER / 2 ? number : undefined;
}

function rangeOf({ after, lastSeq }: Pack): Pick<Waiting, "afterSeq" | "lastSeq"> {
  return { afterSeq: after?.seq ?? 0, lastSeq };
}

function waits({ file }: Pick<Waiting, "file" | "number">): Outcome {
  const reason = `The bundle ${file} waits for its import.`;
  return { kind: "retry", scope: "run", code: "STEPWELL_BUNDLE_WAITS", reason };
}
