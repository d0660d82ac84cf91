/**
 * The replay window: delivered segments that stay for a while, because a backend may turn out to be an
 * earlier state of itself: restored from a backup, failed over, replaced. What is here is sent again then.
 *
 * A segment with nothing outstanding becomes "NNNNNNNN.kept", behind the same steps as before its
 * removal: what only it knew of producers is kept elsewhere. So nobody needs it, and recovery opens none
 * of them. The oldest go when they are too old or too many bytes, all of them when the disk is needed.
 * Ages are counted anew from each start: a wall clock that jumps takes nothing away.
 *
 * When a run of a kept segment is wanted again, the segment takes its name back and is a sealed one like any other.
 */
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { systemClock } from "../home/clock.js";
import { syncFolder } from "../home/replace-file.js";
import { Segment } from "./segment.js";
import { dropFolder, folderBytes } from "./segment-folder.js";
import { segmentName } from "./segment-names.js";

/** How long, and how much of it, delivered records stay; with either 0 none does. */
export interface ReplayWindow {
  readonly ms: number;
  readonly bytes: number;
}

interface Kept {
  readonly number: number;
  readonly folder: string;
  readonly bytes: number;
  readonly sinceMs: number;
}

const SUFFIX = ".kept";

export class KeptSegments {
  readonly #window: ReplayWindow;
  readonly #nowMs: () => number;
  /** The oldest first. */
  readonly #kept: Kept[] = [];

  constructor(window: ReplayWindow, nowMs = () => systemClock.monotonicMs()) {
    this.#window = window;
    this.#nowMs = nowMs;
  }

  get bytes(): number {
    return this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What may still be kept of segments that are partly delivered. */
  get spareBytes(): number {
    return this.#window.ms === 0 ? 0 : Math.max(0, this.#window.bytes - this.bytes);
  }

  /** Whether so long ago is still within the window. */
  isRecent(sinceMs: number): boolean {
    return this.#nowMs() - sinceMs < this.#window.ms;
  }

  /** When the oldest is too old, in ms from now; undefined when there is none. */
  get dueInMs(): number | undefined {
    const oldest = this.#kept[0];
    return oldest && Math.max(0, oldest.sinceMs + this.#window.ms - this.#nowMs());
  }

  /** One of an earlier daemon. */
  async found(folder: string, name: string): Promise<void> {
    const path = `${folder}/${name}`;
    const number = Number.parseInt(name, 10);
    this.#kept.push({ number, folder: path, bytes: await folderBytes(path), sinceMs: this.#nowMs() });
  }

  /** Keeps a segment, or removes it where there is nothing to keep it for. It is no segment any more. */
  async take(segment: Segment): Promise<void> {
    const { ms, bytes } = this.#window;
    if (segment.isDamaged || !segment.hadRecords || ms === 0 || segment.bytes > bytes)
      return await segment.remove();
    await segment.close();
    const folder = `${segment.folder}${SUFFIX}`;
    await rename(segment.folder, folder);
    await syncFolder(dirname(folder));
    this.#kept.push({ number: segment.number, folder, bytes: segment.bytes, sinceMs: this.#nowMs() });
  }

  /** Removes what is too old, and the oldest of what is more than may be kept. */
  async trim(bytesMax: number): Promise<void> {
    const most = Math.min(bytesMax, this.#window.bytes);
    for (let oldest = this.#kept[0]; oldest; oldest = this.#kept[0]) {
      if (this.isRecent(oldest.sinceMs) && this.bytes <= most) return;
      await dropFolder(oldest.folder);
      this.#kept.shift();
    }
  }

  /** Gives back segments that have records of these runs behind a position, with the last one's position. */
  async recall(wanted: ReadonlyMap<number, number>): Promise<Segment[]> {
    const back: Segment[] = [];
    for (const kept of [...this.#kept]) {
      const found = await lastRecordsIn(Segment.at(kept.folder, kept.number), wanted);
      if (found.size === 0) continue;
      const folder = `${dirname(kept.folder)}/${segmentName(kept.number)}`;
      await rename(kept.folder, folder);
      await syncFolder(dirname(folder));
      this.#kept.splice(this.#kept.indexOf(kept), 1);
      const segment = Segment.at(folder, kept.number);
      segment.bytes = kept.bytes;
      for (const [run, seq] of found) segment.want(run, seq);
      back.push(segment);
    }
    return back;
  }
}

async function lastRecordsIn(
  segment: Segment,
  wanted: ReadonlyMap<number, number>,
): Promise<Map<number, number>> {
  await segment.open();
  try {
    return await segment.lastRecords(wanted);
  } finally {
    await segment.close();
  }
}
