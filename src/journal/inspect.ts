import { readdir, stat } from "node:fs/promises";
import { isCode } from "../errors/system-code.js";
import { numbersMissing } from "./lost-segments.js";
import { isDamagedName, isMissingName, isSegmentName, segmentName } from "./segment-names.js";

/** A journal's folder as it lies on disk, seen without opening anything. */
export interface JournalFolder {
  readonly segments: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Names of segments that are damaged and were not salvaged yet. */
  readonly damaged: readonly string[];
  /** Numbers of segments that are gone, as their folders were called. */
  readonly missing: readonly string[];
  /** Names of damaged segments that were read out. */
  readonly salvaged: readonly string[];
}

/**
 * Looks at a journal's folder, also while a daemon uses it. A folder that is not there is empty.
 * `noted` are the segments that are to be there, where somebody knows.
 */
export async function inspectJournal(folder: string, noted: readonly number[]): Promise<JournalFolder> {
  const names = await namesIn(folder);
  let bytes = 0;
  for (const name of names) {
    for (const file of await namesIn(`${folder}/${name}`)) bytes += await sizeOf(`${folder}/${name}/${file}`);
  }
  return {
    segments: names.filter(isSegmentName).length,
    bytes,
    damaged: names.filter(isDamagedName),
    missing: [
      ...names.filter(isMissingName).map((name) => name.slice(0, 8)),
      ...numbersMissing(noted, names).map(segmentName),
    ],
    salvaged: names.filter((name) => /\.salvaged(-\d+)?$/.test(name)),
  };
}

/** Segments come and go while we look. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return 0;
    throw error;
  }
}
