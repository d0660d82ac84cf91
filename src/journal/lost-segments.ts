/**
 * Segments that were lost: damaged ones, which are set aside under another name, and ones whose
 * folder is gone; a file "NNNNNNNN.missing" stands for it. So everybody sees them in the journal's
 * folder until they are salvaged.
 */
import { access, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { syncFolder } from "../home/replace-file.js";
import { freeName } from "../model/free-name.js";
import type { Log } from "../model/log.js";
import { isMissingName, segmentName } from "./segment-names.js";

/** A segment that was there and can't be used. */
export interface LostSegment {
  readonly number: number;
  /** Why it was set aside; undefined where its folder is gone. */
  readonly reason: string | undefined;
}

/** The noted numbers that none of the names in the folder has. */
export function numbersMissing(noted: Iterable<number>, names: readonly string[]): number[] {
  const there = new Set(names.filter((name) => !name.endsWith(".dropped")).map((name) => name.slice(0, 8)));
  return [...noted].filter((number) => !there.has(segmentName(number)));
}

/** The names of the files that stand for segments that are gone. */
export async function missingSegments(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(isMissingName).sort();
}

/** Forgets a segment that is gone. */
export async function forgetMissing(folder: string, name: string): Promise<void> {
  await rm(`${folder}/${name}`, { force: true });
  await syncFolder(folder);
}

/** Gives a damaged segment's folder another name; one of its number may lie there whose salvage was cut off. */
export async function moveAside(path: string): Promise<void> {
  const taken = new Set(await readdir(dirname(path)));
  const aside = freeName(`${path}.damaged`, (each) => taken.has(basename(each)));
  await rename(path, aside);
}

/** Sets lost segments aside and says so; it is on disk when this resolves. */
export async function setAside(folder: string, lost: readonly LostSegment[], log: Log): Promise<void> {
  for (const { number, reason } of lost) {
    const name = segmentName(number);
    const path = `${folder}/${name}`;
    if (reason === undefined) {
      await writeFile(`${path}.missing`, "", { mode: 0o600 });
      log("error", "a journal segment is gone; what it still held is lost", { segment: name });
    } else {
      await moveAside(path);
      log("error", "a journal segment is damaged and was set aside", { segment: name, reason });
    }
  }
  if (lost.length > 0) await syncFolder(folder);
}

/** Throws when a segment's folder is no more where it was: what is written to it is on no disk. */
export async function checkThere(folder: string): Promise<void> {
  await access(`${folder}/CURRENT`);
}
