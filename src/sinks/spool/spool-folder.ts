/** One home's folder below a spool's, with the bundles that wait in it and what receipts said. */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BundleFile } from "../../bundles/bundle-reader.js";
import { BundleWriter, DRAFT_ENDING } from "../../bundles/bundle-writer.js";
import { fileFault } from "../../bundles/file-fault.js";
import { RECEIPT_ENDING, type Receipt, type ReceiptRun, readReceipt } from "../../bundles/receipt.js";
import { toStepwellError } from "../../errors/stepwell-error.js";
import { isCode } from "../../errors/system-code.js";
import type { BundledLane, BundleHead, BundleRun } from "../../gen/stepwell/v1/bundles.js";
import { pointsIn, viewBatch } from "../../model/batch-view.js";
import { SPOOLED_BYTES_MAX } from "../../model/bundle-limits.js";
import type { Clock } from "../../model/clock.js";
import type { Log } from "../../model/log.js";
import type { Pack, RecordThrough } from "../../model/pack.js";
import { VERSION } from "../../model/version.js";
import { endMessage, leftMessage, parentMessages, startMessage } from "../../model/wire-run.js";
import { parentsOf } from "../parent-tag.js";
import type { RunIds } from "../run-ids.js";
import type { Outcome } from "../sink.js";

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
  /** What receipts said, by run, until the run's lane has heard it. */
  readonly #confirmed = new Map<string, ReceiptRun>();
  #number = 0;

  private constructor(options: SpoolFolderOptions) {
    this.#options = options;
    this.#place = join(options.folder, options.homeId);
  }

  /** Makes the home's folder where the spool's is there, and sees what waits in it. Throws STEPWELL_BUNDLE_FILE. */
  static async open(options: SpoolFolderOptions): Promise<SpoolFolder> {
    const folder = new SpoolFolder(options);
    try {
      await mkdir(folder.#place, { mode: 0o700 }).catch((error: unknown) => {
        if (!isCode(error, "EEXIST")) throw error;
      });
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
      await writer.publish();
      this.#bundles.set(file, bytes);
    } finally {
      await writer.discard();
    }
    for (const pack of packs) this.#waiting.set(pack.runId, { file, number, ...rangeOf(pack) });
    return waits({ file, number });
  }

  async #names(): Promise<string[]> {
    const own = `-${this.#options.trackerId.slice(0, 8)}${BUNDLE_ENDING}`;
    const names = await readdir(this.#place);
    return names.filter((name) => name.includes(own)).toSorted();
  }

  #nameOf(number: number): string {
    const { trackerId } = this.#options;
    return `${String(number).padStart(NUMBER_DIGITS, "0")}-${trackerId.slice(0, 8)}${BUNDLE_ENDING}`;
  }

  /** What an earlier daemon left here. */
  async #see(name: string): Promise<void> {
    const path = join(this.#place, name);
    if (name.endsWith(DRAFT_ENDING)) return await rm(path, { force: true });
    if (!name.endsWith(BUNDLE_ENDING)) return;
    const { size } = await stat(path);
    this.#bundles.set(name, size);
    this.#number = Math.max(this.#number, Number(name.slice(0, NUMBER_DIGITS)) || 0);
    const number = this.#number;
    for (const { runId, afterSequence, lastSequence } of await this.#lanesOf(path))
      this.#waiting.set(runId, {
        ...{ file: name, number, afterSeq: Number(afterSequence), lastSeq: Number(lastSequence) },
      });
  }

  /** What a bundle of an earlier daemon holds; nothing is known of one that can't be read. */
  async #lanesOf(path: string): Promise<readonly BundledLane[]> {
    const file = await BundleFile.open(path);
    try {
      for await (const frame of file.frames()) return frame.$case === "head" ? frame.value.lanes : [];
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      this.#options.log("warn", "a bundle of this home can't be read", { path, code, reason });
    } finally {
      await file.close();
    }
    return [];
  }

  async #receipt(name: string): Promise<Receipt | undefined> {
    const { homeId, trackerId, log } = this.#options;
    const path = join(this.#place, name);
    try {
      const receipt = await readReceipt(path);
      if (receipt.homeId === homeId && receipt.trackerId === trackerId) return receipt;
    } catch (error) {
      // It may be seen whole a moment later.
      const { code, message: reason } = toStepwellError(error);
      log("warn", "a receipt can't be read", { path, code, reason });
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

function rangeOf({ after, lastSeq }: Pack): Pick<Waiting, "afterSeq" | "lastSeq"> {
  return { afterSeq: after?.seq ?? 0, lastSeq };
}

function waits({ file }: Pick<Waiting, "file" | "number">): Outcome {
  const reason = `The bundle ${file} waits for its import.`;
  return { kind: "retry", scope: "run", code: "STEPWELL_BUNDLE_WAITS", reason };
}

async function writePack(writer: BundleWriter, pack: Pack, ownId: RunIds["ownId"]): Promise<void> {
  await writer.run(runOf(pack));
  const hasTags = pack.tags.length > 0;
  for (const [index, payload] of pack.records.entries()) {
    const { seq, points, bytes } = throughOf(pack, index);
    await writer.record({
      ...{ sequence: BigInt(seq), pointsThrough: BigInt(points), bytesThrough: BigInt(bytes) },
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      parents: parentMessages(await parentsOf(hasTags ? viewBatch(payload).tags : [], ownId)),
    });
  }
}

function runOf(pack: Pack): BundleRun {
  const { runId, start, end, after, records } = pack;
  const first = throughOf(pack, 0);
  const [payload = new Uint8Array()] = records;
  return {
    ...{ runId, runStart: start && startMessage(start), goesOn: start?.goesOn === true },
    runEnd: end && endMessage(end),
    after: leftMessage(after),
    afterSequence: BigInt(after?.seq ?? 0),
    afterPoints: BigInt(first.points - pointsIn(viewBatch(payload).columns)),
    afterBytes: BigInt(Math.max(0, first.bytes - payload.length)),
    ...{ afterBundle: 0n, run: undefined },
  };
}

function throughOf({ recordsThrough = [] }: Pack, index: number): RecordThrough {
  const through = recordsThrough[index];
  if (!through) throw new RangeError("a pack for a spool tells each record's position");
  return through;
}
