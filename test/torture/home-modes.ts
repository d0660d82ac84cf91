/** The modes of the torture in which a home or a store goes back, or is there twice; each with its control. */

import { tortureCopiedHome } from "./copied.js";
import { copiedSentence, restoredSentence, rolledBackSentence } from "./home-sentences.js";
import { folderOf, type OtherModeOptions, type OtherReport, shareOf } from "./other-modes.js";
import { tortureRestoredStore, type Window } from "./restored-store.js";
import { type HomesOptions, type HomesReport, tortureRolledBackHome } from "./rolled-back.js";

const ROUNDS_OF_TEN_MINUTES = 60;
const ROUNDS_MIN = 2;
const WINDOWS: readonly Window[] = ["all of it", "nearly nothing"];

/** A home that is put back to snapshots of itself. */
export async function runRolledBack(options: OtherModeOptions): Promise<OtherReport> {
  return await runHomes(options, "rolled-back", tortureRolledBackHome, rolledBackSentence);
}

/** A home that is copied, with both copies going on. */
export async function runCopied(options: OtherModeOptions): Promise<OtherReport> {
  return await runHomes(options, "copied", tortureCopiedHome, copiedSentence);
}

/** A store that is put back to copies of itself. */
export async function runRestoredStore(options: OtherModeOptions): Promise<OtherReport> {
  const run = async (name: string, rounds: readonly Window[], isBroken: boolean) =>
    await tortureRestoredStore({ ...options, folder: folderOf(options, name), rounds, isBroken });
  const windows = Array.from({ length: roundsOf(options) }, (_, at) => WINDOWS[at % 2] ?? "all of it");
  options.log(`restored store: ${windows.length} rounds`);
  const report = await run("restored-store", windows, false);
  const control = await run("restored-store-unseen", ["all of it"], true);
  const { lost, doubled, invented, told, toldInside, findings } = report;
  const failures = [...findings];
  if (lost + doubled + invented > 0) failures.push("something is lost, doubled or invented");
  if (toldInside > 0) failures.push(`${toldInside} points were told to be missing that the window held`);
  if (told === 0) failures.push("nothing was ever below the window");
  if (control.lost === 0) failures.push("the control came out clean");
  return {
    sentence: restoredSentence(report, control),
    failures: failures.map((failure) => `restored-store: ${failure}`),
  };
}

async function runHomes(
  options: OtherModeOptions,
  name: string,
  torture: (options: HomesOptions) => Promise<HomesReport>,
  say: (report: HomesReport, control: HomesReport) => string,
): Promise<OtherReport> {
  const run = async (folder: string, rounds: number, isBroken: boolean) =>
    await torture({ ...options, folder: folderOf(options, folder), rounds, isBroken });
  const rounds = roundsOf(options);
  options.log(`${name}: ${rounds} rounds`);
  const report = await run(name, rounds, false);
  const control = await run(`${name}-by-positions`, 1, true);
  const { lost, doubled, invented, newIds, findings } = report;
  const failures = [...findings];
  if (lost + doubled + invented > 0) failures.push("something is lost, doubled or invented");
  if (newIds === 0) failures.push("the home never met what it did not write");
  if (control.lost === 0) failures.push("the control came out clean");
  return { sentence: say(report, control), failures: failures.map((failure) => `${name}: ${failure}`) };
}

function roundsOf(options: OtherModeOptions): number {
  return Math.max(ROUNDS_MIN, Math.ceil(ROUNDS_OF_TEN_MINUTES * shareOf(options)));
}
