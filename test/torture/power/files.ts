import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Random } from "../random.js";
import type { RecordPlaces } from "./cut.js";
import { pathOf } from "./inodes.js";
import type { FileChange } from "./record.js";

const SECTOR_BYTES = 512;
/** The share of lost writes that left a beginning. */
const TORN = 0.3;

/** Takes a file back to its last sync and does again what is kept; the rest is lost, or torn. */
export function rewriteFile(
  places: RecordPlaces,
  inode: bigint,
  changes: readonly FileChange[],
  kept: readonly boolean[],
  random: Random,
): { readonly lost: number; readonly torn: number } {
  const path = pathOf(places, inode);
  if (path === undefined) return { lost: 0, torn: 0 };
  const file = openSync(path, "r+");
  let lost = 0;
  let torn = 0;
  try {
    for (const change of [...changes].reverse()) undo(file, change);
    for (const [index, change] of changes.entries()) {
      if (kept[index]) apply(file, change, Number.POSITIVE_INFINITY);
      else lost += 1;
      if (kept[index] || change.kind === "truncate" || !random.chance(TORN)) continue;
      const end = change.at + random.between(0, change.bytes.length);
      apply(file, change, Math.floor(end / SECTOR_BYTES) * SECTOR_BYTES - change.at);
      torn += 1;
    }
  } finally {
    closeSync(file);
  }
  return { lost, torn };
}

function undo(file: number, change: FileChange): void {
  ftruncateSync(file, change.size);
  if (change.old.length > 0) writeSync(file, change.old, 0, change.old.length, change.at);
}

function apply(file: number, change: FileChange, bytesMax: number): void {
  if (change.kind === "truncate") return ftruncateSync(file, change.at);
  const length = Math.min(change.bytes.length, bytesMax);
  if (length > 0) writeSync(file, change.bytes, 0, length, change.at);
}
