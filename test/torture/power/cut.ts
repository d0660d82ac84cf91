/**
 * Rebuilds a home as a power cut would have left it. What was synced stays. Of a file's later
 * writes any may be there, whole, torn at a sector's end or not at all; of a folder's later
 * changes a beginning may be. A file's own fsync does not keep its name: that takes the folder's.
 * What a sync that failed was to bring to the disk no later sync does: the kernel takes it for written.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../random.js";
import { undoEntry } from "./entries.js";
import { rewriteFile } from "./files.js";
import { type Change, type EntryChange, type FileChange, readRecord } from "./record.js";

/** Where a recorded daemon's changes are. */
export interface RecordPlaces {
  readonly home: string;
  readonly record: string;
  readonly graveyard: string;
}

/** What a cut took away. */
export interface CutReport {
  readonly lostWrites: number;
  readonly tornWrites: number;
  readonly undoneEntries: number;
}

/** How much of what was not synced is gone. */
type Harshness = "all of it" | "what came last" | "some of it";

/** Rebuilds the home of a daemon that is dead, and forgets what was recorded. */
export function cutPower(places: RecordPlaces, random: Random): CutReport {
  const changes = readRecord(places.record);
  const harshness = random.pick<Harshness>(["all of it", "what came last", "some of it"]);
  const pending = unsynced(changes);
  let lostWrites = 0;
  let tornWrites = 0;
  for (const [inode, writes] of pending.files) {
    const kept = keptOf(writes.length, harshness, random);
    const found = rewriteFile(
      places,
      inode,
      writes.map(({ change }) => change),
      writes.map(({ isSynced }, index) => isSynced || kept[index] === true),
      random,
    );
    lostWrites += found.lost;
    tornWrites += found.torn;
  }
  const undone = undoneEntries(pending.entries, harshness, random);
  for (const change of undone) undoEntry(places, change);
  rmSync(places.record, { force: true });
  for (const name of readdirSync(places.graveyard)) rmSync(join(places.graveyard, name), { force: true });
  return { lostWrites, tornWrites, undoneEntries: undone.length };
}

interface PendingWrite {
  readonly change: FileChange;
  /** It stays; it comes after one that may not, and has to be done again behind that. */
  readonly isSynced: boolean;
}

interface Pending {
  readonly files: Map<bigint, PendingWrite[]>;
  readonly entries: EntryChange[];
}

/** The changes that no completed sync had begun after. */
function unsynced(changes: readonly Change[]): Pending {
  const begun = new Map<bigint, number>();
  const made = new Map<bigint, number>();
  const syncedThrough = new Map<bigint, number>();
  /** From where to where writes of a file are taken for written and are not. */
  const dropped: { readonly inode: bigint; readonly from: number; readonly to: number }[] = [];
  for (const [index, change] of changes.entries()) {
    if (change.kind === "create" || change.kind === "mkdir") made.set(change.inode, index);
    if (change.kind === "sync begins") begun.set(change.id, index);
    if (change.kind === "sync failed")
      dropped.push({ inode: change.inode, from: syncedThrough.get(change.inode) ?? -1, to: index });
    if (change.kind === "sync ended") {
      const through = Math.max(syncedThrough.get(change.inode) ?? -1, begun.get(change.id) ?? -1);
      syncedThrough.set(change.inode, through);
    }
  }
  // What had the number before something else was made with it is gone: nothing of it can be lost.
  const isSynced = (inode: bigint, index: number) =>
    index < Math.max(syncedThrough.get(inode) ?? -1, made.get(inode) ?? -1);
  const isDropped = (inode: bigint, index: number) =>
    index >= (made.get(inode) ?? -1) &&
    dropped.some((range) => range.inode === inode && range.from <= index && index < range.to);
  const files = new Map<bigint, PendingWrite[]>();
  const entries: EntryChange[] = [];
  for (const [index, change] of changes.entries()) {
    if ("folder" in change) {
      const folders = change.kind === "rename" ? [change.folder, change.folder2] : [change.folder];
      if (!folders.every((folder) => isSynced(folder, index))) entries.push(change);
    } else if ("old" in change) {
      const stays = isSynced(change.inode, index) && !isDropped(change.inode, index);
      const before = files.get(change.inode) ?? [];
      if (stays && before.length === 0) continue;
      before.push({ change, isSynced: stays });
      files.set(change.inode, before);
    }
  }
  return { files, entries };
}

/** Which of so many writes are there; true at its place says so. */
function keptOf(count: number, harshness: Harshness, random: Random): boolean[] {
  const kept = new Array<boolean>(count).fill(false);
  if (harshness === "all of it") return kept;
  if (harshness === "what came last") return kept.fill(true, 0, random.between(0, count));
  const share = random.next();
  return kept.map(() => random.chance(share));
}

/** The folders' changes that did not happen, the last one first. */
function undoneEntries(entries: readonly EntryChange[], harshness: Harshness, random: Random): EntryChange[] {
  const last = [...entries].reverse();
  if (harshness === "all of it") return last;
  if (harshness === "what came last") return last.slice(0, random.between(0, last.length));
  const left = new Map<bigint, number>();
  for (const { folder } of entries) left.set(folder, (left.get(folder) ?? 0) + 1);
  for (const [folder, count] of left) left.set(folder, random.between(0, count));
  return last.filter(({ folder }) => {
    const toUndo = left.get(folder) ?? 0;
    left.set(folder, toUndo - 1);
    return toUndo > 0;
  });
}
