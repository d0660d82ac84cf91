/**
 * The segments of a journal, in their order: the last one is active and takes records,
 * the others are sealed. Reads go one after the other, so that few are ever open.
 */

import { readdir, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { toStepwellError } from "../errors/stepwell-error.js";
import { makeFolderIn } from "../home/durable-folder.js";
import { syncFolder } from "../home/replace-file.js";
import { SEGMENTS_OPEN_MAX } from "../model/limits.js";
import { Turns } from "../model/turns.js";
import { KeptSegments } from "./kept-segments.js";
import type { FirstRecord } from "./ledger.js";
import { checkThere, type LostSegment, numbersMissing, setAside } from "./lost-segments.js";
import type { JournalOptions } from "./options.js";
import type { ReadBudget } from "./read-budget.js";
import type { JournalRecord } from "./record.js";
import type { FoundSegments } from "./recovery.js";
import { Segment } from "./segment.js";
import { dropFolder, isEmptyFolder, isUnfinished } from "./segment-folder.js";
import { isDamagedName, isKeptName, isMissingName, isSegmentName, segmentName } from "./segment-names.js";
import type { SegmentContents } from "./segment-scan.js";
import { segmentsToShrink, settleShrunk } from "./segment-shrink.js";

export class SegmentList {
  readonly #options: Pick<JournalOptions, "folder" | "log" | "notes" | "window">;
  readonly #sealed: Segment[] = [];
  readonly #kept: KeptSegments;
  /** Numbers of the segments that are noted to be there. */
  readonly #noted = new Set<number>();
  #lost: LostSegment[] = [];
  #active: Segment | undefined;
  #lastNumber = 0;
  #damaged = 0;
  /** One after the other: whoever reads finds its segment open. */
  readonly #reading = new Turns();
  #reads = 0;

  constructor(options: Pick<JournalOptions, "folder" | "log" | "notes" | "window">) {
    this.#options = options;
    this.#kept = new KeptSegments(options.window);
  }

  /**
   * What the folder's segments hold. What is lost stays where it is until `settleLost`.
   * Throws STEPWELL_STORE_NEWER, or STEPWELL_JOURNAL_FAILED for a reason that may pass.
   */
  async recover(): Promise<FoundSegments> {
    const { folder, notes } = this.#options;
    await makeFolderIn(dirname(folder), basename(folder));
    for (const number of await notes.read()) this.#noted.add(number);
    const names = await this.#names();
    for (const number of numbersMissing(this.#noted, names)) this.#lost.push({ number, reason: undefined });
    const contents: FoundSegments["contents"][number][] = [];
    let newest = 0;
    for (const name of names) {
      const number = Number.parseInt(name, 10) || 0;
      this.#lastNumber = Math.max(this.#lastNumber, number);
      if (await this.#clearAway(name)) continue;
      if (isKeptName(name)) {
        await this.#kept.found(folder, name);
        continue;
      }
      newest = Math.max(newest, number);
      if (await this.#isOutOfUse(name, names)) this.#damaged += 1;
      if (!isSegmentName(name)) continue;
      const found = await this.#recoverOne(number);
      if (found) contents.push({ ...found, number });
      this.#noted.add(number);
    }
    const lostNumber = Math.max(0, ...this.#lost.map(({ number }) => number));
    this.#lastNumber = Math.max(this.#lastNumber, lostNumber);
    const isTailLost = Math.max(newest, lostNumber) > (contents.at(-1)?.number ?? 0);
    return { contents, lostNumber, isTailLost };
  }

  /** Sets aside what is lost and notes what is there; not before the active segment says which runs may miss something. */
  async settleLost(): Promise<void> {
    const { folder, log } = this.#options;
    await setAside(folder, this.#lost, log);
    for (const { number } of this.#lost) this.#noted.delete(number);
    this.#damaged += this.#lost.length;
    this.#lost = [];
    await this.#note();
  }

  /** Throws when the active segment's folder is gone. */
  async checkActive(): Promise<void> {
    await checkThere(this.active.folder);
  }

  /** What lies in the folder, by name, once copies that a crash left are settled. */
  async #names(): Promise<string[]> {
    const { folder } = this.#options;
    const names = await readdir(folder);
    const copies = names.filter((name) => name.endsWith(".shrunk"));
    for (const copy of copies) {
      await settleShrunk(`${folder}/${copy}`, names.includes(copy.slice(0, -".shrunk".length)));
    }
    return (copies.length > 0 ? await readdir(folder) : names).sort();
  }

  /** Removes what a kill left of a segment that was being made or removed; answers whether it was one. */
  async #clearAway(name: string): Promise<boolean> {
    const path = `${this.#options.folder}/${name}`;
    if (isSegmentName(name) && (await this.#isUnmade(name))) await dropFolder(path);
    else if (name.endsWith(".dropped")) await rm(path, { recursive: true, force: true });
    else return false;
    return true;
  }

  /** Whether nothing was ever written to a segment. One that is noted to be there and is empty lost what was in it. */
  async #isUnmade(name: string): Promise<boolean> {
    const path = `${this.#options.folder}/${name}`;
    if (await isUnfinished(path)) return true;
    return !this.#noted.has(Number.parseInt(name, 10)) && (await isEmptyFolder(path));
  }

  /** Whether a name says that a segment is set aside or gone. One that is back where it was is not. */
  async #isOutOfUse(name: string, names: readonly string[]): Promise<boolean> {
    if (!isMissingName(name)) return isDamagedName(name);
    if (!names.includes(name.slice(0, 8))) return true;
    await rm(`${this.#options.folder}/${name}`);
    return false;
  }

  /** Segments that can't be read in full, or that are gone. */
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

  /** Bytes of delivered segments that stay for a while. */
  get keptBytes(): number {
    return this.#kept.bytes;
  }

  /** When the next of them has been there long enough, in ms; undefined when there is none. */
  get keptDueInMs(): number | undefined {
    return this.#kept.dueInMs;
  }

  /** Removes those of them that are too old or more than may be kept. */
  async trimKept(bytesMax: number): Promise<void> {
    await this.#kept.trim(bytesMax);
  }

  /** Makes delivered records readable again: of these runs, behind a position. */
  async recall(wanted: ReadonlyMap<number, number>): Promise<void> {
    await this.#reading.take(async () => {
      const back = await this.#kept.recall(wanted);
      for (const segment of back) this.#noted.add(segment.number);
      if (back.length > 0) await this.#note();
      for (const segment of this.#all()) await this.#wantAgain(segment, wanted);
      this.#sealed.push(...back);
      this.#sealed.sort((one, other) => one.number - other.number);
    });
  }

  async #wantAgain(segment: Segment, wanted: ReadonlyMap<number, number>): Promise<void> {
    const those = [...wanted].filter(([run]) => segment.mayHave(run));
    if (those.length === 0) return;
    await this.#openForReading(segment);
    for (const [run, seq] of await segment.lastRecords(new Map(those))) segment.want(run, seq);
  }

  /** Seals the active segment and begins another one at a position, which holds these records. */
  async rotate(firstSeq: number, records: readonly FirstRecord[] = []): Promise<void> {
    const { folder } = this.#options;
    const number = this.#lastNumber + 1;
    const puts = records.map(({ put }) => put);
    const next = await Segment.create(`${folder}/${segmentName(number)}`, number, firstSeq, puts);
    for (const { run, seq, put } of records) next.note(run, seq, put.key.length + put.value.length);
    await syncFolder(folder);
    this.#lastNumber = number;
    // Only from here on it is missed when it is not there; nothing is written to it before.
    this.#noted.add(number);
    await this.#note();
    if (this.#active) this.#sealed.push(this.#active);
    this.#active = next;
    void this.#reading.take(() => this.#closeSurplus(SEGMENTS_OPEN_MAX)).catch(() => undefined);
  }

  /** Whether a segment has a record of the run after a position. */
  holds(run: number, afterSeq: number): boolean {
    return this.#all().some((segment) => (segment.outstanding.get(run) ?? 0) > afterSeq);
  }

  /** A run's records after a position, in order, from one segment. */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    return await this.#reading.take(() => this.#readFirst(run, afterSeq, budget));
  }

  /** Nobody will read the run's records through a position any more. */
  release(run: number, throughSeq: number): void {
    for (const segment of this.#all()) {
      const last = segment.outstanding.get(run);
      if (last !== undefined && last <= throughSeq) segment.release(run);
    }
  }

  /**
   * Gives up sealed segments that have nothing outstanding any more; `before` gets the producers whose
   * last mark goes with one: an older segment may know them too, but not how far they are.
   */
  async removeReleased(before: (producerIds: readonly string[]) => Promise<void>): Promise<void> {
    for (const segment of this.#sealed.filter((each) => each.outstanding.size === 0)) {
      await this.#reading.idle();
      const all = this.#all();
      const later = all.slice(all.indexOf(segment) + 1);
      await before([...segment.producers].filter((id) => !later.some((other) => other.producers.has(id))));
      this.#noted.delete(segment.number);
      await this.#note();
      await this.#kept.take(segment);
      if (segment.isDamaged) this.#damaged += 1;
      this.#sealed.splice(this.#sealed.indexOf(segment), 1);
    }
    for (const segment of segmentsToShrink(this.#all(), this.#sparedBytes())) {
      // What is released by now goes only once that is on disk; what is released later stays in the copy.
      const needed = [...segment.outstanding.keys()];
      await before([]);
      await this.#reading.take(() => this.#shrink(segment, needed));
    }
  }

  /** Bytes that were delivered of late in segments that still have something outstanding. */
  #sparedBytes(): number {
    const recent = this.#sealed.filter(({ releasedMs }) => this.#kept.isRecent(releasedMs));
    const bytes = recent.reduce((sum, segment) => sum + segment.bytes - segment.neededBytes(), 0);
    return Math.min(this.#kept.spareBytes, bytes);
  }

  async close(): Promise<void> {
    await this.#reading.idle();
    for (const segment of this.#all()) await segment.close();
  }

  async #shrink(segment: Segment, needed: readonly number[]): Promise<void> {
    await this.#openForReading(segment);
    await segment.shrink(needed);
    await syncFolder(this.#options.folder);
  }

  #all(): Segment[] {
    return this.#active ? [...this.#sealed, this.#active] : this.#sealed;
  }

  async #note(): Promise<void> {
    await this.#options.notes.write([...this.#noted]);
  }

  async #recoverOne(number: number): Promise<SegmentContents | undefined> {
    const { folder, log } = this.#options;
    const name = segmentName(number);
    try {
      const { segment, contents, isTorn } = await Segment.recover(`${folder}/${name}`, number);
      // Whether it was under way, and acknowledged to nobody, can't be seen: it is said.
      if (isTorn)
        log("warn", "a journal segment's last write is not whole and was left out", { segment: name });
      await segment.close();
      this.#sealed.push(segment);
      return contents;
    } catch (error) {
      if (toStepwellError(error).code !== "STEPWELL_STORE_DAMAGED") throw error;
      this.#lost.push({ number, reason: String(error) });
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
    const open = this.#sealed.filter(({ isOpen }) => isOpen).sort((a, b) => a.lastRead - b.lastRead);
    for (const segment of open.slice(0, Math.max(0, open.length - openMax))) await segment.close();
  }
}
