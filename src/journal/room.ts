/**
 * Room: how much the journal may still grow. Above its quota, or when the volume is
 * nearly full, new batches are refused while lanes go on draining; what they free makes
 * room again. A part of the volume is left for those who free it.
 */
import { statfs } from "node:fs/promises";
import { StepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { HEADROOM_BYTES_MAX, HEADROOM_SHARE } from "../model/limits.js";
import { sizeText } from "../model/size.js";
import type { JournalOptions } from "./options.js";

/** A volume as the file system reports it, in bytes. */
export interface Volume {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** A volume that nothing is known about. */
const ENDLESS_VOLUME: Volume = {
  totalBytes: Number.MAX_SAFE_INTEGER,
  freeBytes: Number.MAX_SAFE_INTEGER,
};

/** The bytes of a volume that the journal leaves alone. */
function headroomBytes(volume: Volume): number {
  return Math.min(HEADROOM_BYTES_MAX, Math.floor(volume.totalBytes * HEADROOM_SHARE));
}

/** Why the journal may not grow now, with the numbers; undefined while it may. */
export function roomFault(
  journalBytes: number,
  quotaBytes: number,
  volume: Volume,
): StepwellError | undefined {
  if (journalBytes >= quotaBytes) {
    const sentence = `The journal holds ${journalBytes} bytes; its quota is ${quotaBytes}.`;
    return new StepwellError("STEPWELL_JOURNAL_FULL", sentence);
  }
  const headroom = headroomBytes(volume);
  if (volume.freeBytes >= headroom) return undefined;
  const sentence = `The journal's volume has ${volume.freeBytes} bytes free; ${headroom} are kept for delivery.`;
  return new StepwellError("STEPWELL_JOURNAL_FULL", sentence);
}

/** Whether a volume has little more than what the journal leaves alone: nothing is kept there that nobody waits for. */
export function isNearlyFull(volume: Volume): boolean {
  return volume.freeBytes < 2 * headroomBytes(volume);
}

/** Why the journal will never reach its quota on this volume, however much is delivered; undefined where it can. */
export function quotaFault(journalBytes: number, quotaBytes: number, volume: Volume): string | undefined {
  const reachable = journalBytes + volume.freeBytes - headroomBytes(volume);
  if (quotaBytes <= reachable) return undefined;
  const room = sizeText(Math.max(0, reachable));
  return `The journal's quota is ${sizeText(quotaBytes)}, and its volume has room for ${room}: it is full at that.`;
}

/** Says in the log, at a start, when the volume is too small for the quota. Never throws. */
export async function tellQuota(
  { folder, quotaBytes, log }: Pick<JournalOptions, "folder" | "quotaBytes" | "log">,
  journalBytes: number,
): Promise<void> {
  const reason = quotaFault(journalBytes, quotaBytes, await volumeOf(folder));
  if (reason !== undefined) log("warn", "the journal's quota is larger than its volume", { reason });
}

/** The volume that a folder is on, as it was when it was looked at last. */
export class WatchedVolume {
  readonly #folder: string;
  #lookedMs = Number.NEGATIVE_INFINITY;
  last = ENDLESS_VOLUME;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How long ago that was. */
  get ageMs(): number {
    return systemClock.monotonicMs() - this.#lookedMs;
  }

  /** With so many more bytes free. */
  lastWith(bytes: number): Volume {
    return { ...this.last, freeBytes: this.last.freeBytes + bytes };
  }

  async look(): Promise<void> {
    this.last = await volumeOf(this.#folder);
    this.#lookedMs = systemClock.monotonicMs();
  }
}

/** The volume that a folder is on; one without an end where the system does not say. */
export async function volumeOf(folder: string): Promise<Volume> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
  } catch {
    return ENDLESS_VOLUME;
  }
}
