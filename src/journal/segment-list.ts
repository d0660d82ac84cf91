/**
 * The segments of a journal, in their order: the last one is active and takes records,
 * the others are sealed. Reads go one after the other, so that few are ever open.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { toStepwellError } from "../errors/stepwell-error.js";
import { SEGMENTS_OPEN_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { makeFolder } from "../store/durable-folder.js";
import { syncFolder } from "../store/replace-file.js";
import type { JournalRecord } from "./record.js";
import { dropFolder, isUnfinished, type ReadBudget, Segment } from "./segment.js";
import type { SegmentContents } from "./segment-scan.js";
import { segmentsToShrink, settleShrunk } from "./segment-shrink.js";

const SEGMENT_NAME = /^\d{8}$/;

export class SegmentList {
  readonly #folder: string;
  readonly #log: Log;
  readonly #sealed: Segment[] = [];
  #active: Segment | undefined;
  #lastNumber = 0;
  #damaged = 0;
  #isTailLost = false;
  #reading: Promise<unknown> = Promise.resolve();
  #reads = 0;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * What the folder's segments hold, oldest first. One that is damaged is set aside.
   * Throws STEPWELL_STORE_NEWER, or STEPWELL_JOURNAL_FAILED for a reason that may pass.
   */
  async recover(): Promise<SegmentContents[]> {
    await makeFolder(this.#folder);
    const found: SegmentContents[] = [];
    for (const name of await this.#names()) {
      const path = `${this.#folder}/${name}`;
      if (name.endsWith(".damaged")) this.#damaged += 1;
      if (name.endsWith(".dropped")) await rm(path, { recursive: true, force: true });
      this.#lastNumber = Math.max(this.#lastNumber, Number.parseInt(name, 10) || 0);
      if (SEGMENT_NAME.test(name) && (await isUnfinished(path))) {
        await dropFolder(path);
        continue;
      }
      const contents = SEGMENT_NAME.test(name) ? await this.#recoverOne(path, name) : undefined;
      if (contents) found.push(contents);
      if (/^\d{8}/.test(name) && !name.endsWith(".dropped")) this.#isTailLost = contents === undefined;
    }
    return found;
  }

  /** Whether the newest segment that was there is set aside: its positions are not known. */
  get isTailLost(): boolean {
    return this.#isTailLost;
  }

  /** What lies in the folder, by name, once copies that a crash left are settled. */
  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder);
    const copies = names.filter((name) => name.endsWith(".shrunk"));
    for (const copy of copies) {
      await settleShrunk(`${this.#folder}/${copy}`, names.includes(copy.slice(0, -".shrunk".length)));
    }
    return (copies.length > 0 ? await readdir(this.#folder) : names).sort();
  }

  /** Segments that are set aside as damaged. */
  get damaged(): number {
    return this.#damaged + this.#sealed.filter((segment) => segment.isDamaged).length;
  }

  /** The segment that takes records. */
  get active(): Segment {
    if (this.#active) return this.#active;
    throw new RangeError("the journal has no active segment yet");
  }

  /** Bytes that all segments hold, without LevelDB's own. Asked for every batch: it makes nothing. */
  get bytes(): number {
    let bytes = this.#active?.bytes ?? 0;
    for (const segment of this.#sealed) bytes += segment.bytes;
    return bytes;
  }

  /** Seals the active segment and begins another one at a position. */
  async rotate(firstSeq: number): Promise<void> {
    const number = this.#lastNumber + 1;
    const path = `${this.#folder}/${String(number).padStart(8, "0")}`;
    const next = await Segment.create(path, number, firstSeq);
    await syncFolder(this.#folder);
    this.#lastNumber = number;
    if (this.#active) this.#sealed.push(this.#active);
    this.#active = next;
    void this.#alone(() => this.#closeSurplus(SEGMENTS_OPEN_MAX)).catch(() => undefined);
  }

  /** Whether a segment has a record of the run after a position. */
  holds(run: number, afterSeq: number): boolean {
    return this.#all().some((segment) => (segment.outstanding.get(run) ?? 0) > afterSeq);
  }

  /** A run's records after a position, in order, from one segment. */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    return await this.#alone(() => this.#readFirst(run, afterSeq, budget));
  }

  /** Nobody will read the run's records through a position any more. */
  release(run: number, throughSeq: number): void {
    for (const segment of this.#all()) {
      const last = segment.outstanding.get(run);
      if (last !== undefined && last <= throughSeq) segment.outstanding.delete(run);
    }
  }

  /**
   * Removes sealed segments that hold nothing any more; `before` gets the producers whose
   * last mark goes with one: an older segment may know them too, but not how far they are.
   */
  async removeReleased(before: (producerIds: readonly string[]) => Promise<void>): Promise<void> {
    for (const segment of this.#sealed.filter((each) => each.outstanding.size === 0)) {
      await this.#reading;
      const all = this.#all();
      const later = all.slice(all.indexOf(segment) + 1);
      await before([...segment.producers].filter((id) => !later.some((other) => other.producers.has(id))));
      await segment.remove();
      if (segment.isDamaged) this.#damaged += 1;
      this.#sealed.splice(this.#sealed.indexOf(segment), 1);
    }
    for (const segment of segmentsToShrink(this.#all())) {
      // What is released by now goes only once that is on disk; what is released later stays in the copy.
      const needed = [...segment.outstanding.keys()];
      await before([]);
      await this.#alone(() => this.#shrink(segment, needed));
    }
  }

  async close(): Promise<void> {
    await this.#reading;
    for (const segment of this.#all()) await segment.close();
  }

  /** One after the other: whoever reads finds its segment open. */
  async #alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#reading.then(work);
    this.#reading = result.catch(() => undefined);
    return await result;
  }

  async #shrink(segment: Segment, needed: readonly number[]): Promise<void> {
    await this.#openForReading(segment);
    await segment.shrink(needed);
    await syncFolder(this.#folder);
  }

  #all(): Segment[] {
    return this.#active ? [...this.#sealed, this.#active] : this.#sealed;
  }

  async #recoverOne(path: string, name: string): Promise<SegmentContents | undefined> {
    try {
      const { segment, contents, isTorn } = await Segment.recover(path, Number.parseInt(name, 10));
      // Whether it was under way, and acknowledged to nobody, can't be seen: it is said.
      if (isTorn)
        this.#log("warn", "a journal segment's last write is not whole and was left out", { segment: name });
      await segment.close();
      this.#sealed.push(segment);
      return contents;
    } catch (error) {
      if (toStepwellError(error).code !== "STEPWELL_STORE_DAMAGED") throw error;
      await rename(path, `${path}.damaged`);
      this.#damaged += 1;
      this.#log("error", "a journal segment is damaged and was set aside", {
        segment: name,
        reason: String(error),
      });
      return undefined;
    }
  }

  async #readFirst(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    for (const segment of this.#all()) {
      if ((segment.outstanding.get(run) ?? 0) <= afterSeq) continue;
      await this.#openForReading(segment);
      const records = await segment.read(run, afterSeq, budget);
      if (records.length > 0) return records;
    }
    return [];
  }

  async #openForReading(segment: Segment): Promise<void> {
    if (!segment.isOpen) {
      await this.#closeSurplus(SEGMENTS_OPEN_MAX - 1);
      await segment.open();
    }
    segment.lastRead = ++this.#reads;
  }

  /** Closes the sealed segments that were not read for longest. */
  async #closeSurplus(openMax: number): Promise<void> {
    const open = this.#sealed
      .filter((each) => each.isOpen)
      .sort((one, other) => one.lastRead - other.lastRead);
    for (const segment of open.slice(0, Math.max(0, open.length - openMax))) await segment.close();
  }
}
