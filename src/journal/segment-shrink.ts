/**
 * One run that a backend does not take must not pin what all others wrote beside it: a
 * sealed segment that holds little that is still needed is written anew with that alone.
 *
 * The copy is built and synced as "NNNNNNNN.shrunk"; then the original becomes
 * "NNNNNNNN.dropped" and the copy takes its name. After a crash between the two renames
 * there is a copy and no segment: recovery gives the copy its name. A copy beside its
 * segment is unfinished and goes.
 */
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../home/replace-file.js";
import { MARK_KEYS } from "./mark.js";
import { recordKey } from "./record.js";
import type { SegmentPut } from "./segment-put.js";
import { type Database, META_KEY } from "./segment-scan.js";

/** The newest segments, the active one and the one before, are left alone: their lanes are most likely on their way. */
const NEWEST_KEPT = 2;
const COPY_READ_AHEAD_BYTES = 128 * 1024;
const COPY_ENTRIES = 256;

/** What the journal may hold of what is needed, in records; with what LevelDB adds it is below twice that. */
export const HELD_TIMES_MAX = 1.75;

/** What decides whether a segment is worth the copy. */
interface Shrinkable {
  readonly isDamaged: boolean;
  readonly bytes: number;
  neededBytes(): number;
}

interface Sizes {
  readonly bytes: number;
  readonly needed: number;
}

/**
 * The segments, of all in their order, that are to be shrunk so that the journal holds little
 * more than what is needed and what is spared: as few as that takes, the least used first.
 */
export function segmentsToShrink<Each extends Shrinkable>(all: readonly Each[], sparedBytes: number): Each[] {
  const newest = all.slice(-NEWEST_KEPT);
  const sizes = all
    .filter((segment) => !segment.isDamaged)
    .map((segment) => ({ segment, bytes: segment.bytes, needed: segment.neededBytes() }));
  let excess = sizes.reduce((sum, { bytes, needed }) => sum + bytes - HELD_TIMES_MAX * needed, -sparedBytes);
  // After nearly every delivery: nothing is to be shrunk.
  if (excess <= 0) return [];
  const shrunk: Each[] = [];
  const worthIt = sizes.filter(
    ({ segment, bytes, needed }) => !newest.includes(segment) && HELD_TIMES_MAX * needed < bytes,
  );
  for (const { segment, bytes, needed } of worthIt.sort(byNeededShare)) {
    if (excess <= 0) break;
    excess -= bytes - needed;
    shrunk.push(segment);
  }
  return shrunk;
}

function byNeededShare(one: Sizes, other: Sizes): number {
  return one.needed / one.bytes - other.needed / other.bytes;
}

/** The name of a segment's copy while it is built. */
export function shrunkFolder(folder: string): string {
  return `${folder}.shrunk`;
}

/** Copies what is still needed from an open segment to another store, and syncs it. */
export async function copyNeeded(from: Database, to: Database, runs: Iterable<number>): Promise<void> {
  for (const run of runs) {
    await copyRange(from, to, { gte: recordKey(run, 0), lt: recordKey(run + 1, 0) });
  }
  await copyRange(from, to, MARK_KEYS);
  const head: Uint8Array | undefined = await from.get(META_KEY);
  // The head comes last and synced: a store without one is no segment.
  await to.batch([{ type: "put", key: META_KEY, value: head ?? new Uint8Array(0) }], { sync: true });
}

/** Puts a finished copy in its segment's place. */
export async function replaceByShrunk(folder: string): Promise<void> {
  await rename(folder, `${folder}.dropped`);
  await rename(shrunkFolder(folder), folder);
  // Else a power cut might bring the original's name back to a folder that is empty.
  await syncFolder(dirname(folder));
  await rm(`${folder}.dropped`, { recursive: true, force: true });
}

/** What recovery does about a copy: it takes its segment's place if that is gone. */
export async function settleShrunk(copy: string, isOriginalThere: boolean): Promise<void> {
  if (isOriginalThere) await rm(copy, { recursive: true, force: true });
  else await rename(copy, copy.slice(0, -".shrunk".length));
}

async function copyRange(
  from: Database,
  to: Database,
  bounds: { gte: Uint8Array; lt: Uint8Array },
): Promise<void> {
  const iterator = from.iterator({ ...bounds, highWaterMarkBytes: COPY_READ_AHEAD_BYTES });
  try {
    for (;;) {
      const entries = await iterator.nextv(COPY_ENTRIES);
      if (entries.length === 0) return;
      const puts: SegmentPut[] = entries.map(([key, value]) => ({ type: "put", key, value }));
      await to.batch(puts);
    }
  } finally {
    await iterator.close();
  }
}
