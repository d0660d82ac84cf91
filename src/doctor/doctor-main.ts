/**
 * The doctor's process, which the command starts: what opens stores and databases is of
 * the daemon's side. It answers one JSON value on stdout: for "examine MILLISECONDS", with the
 * facts of a running daemon on stdin or nothing, the checks; for "salvage" what became of each
 * damaged segment. What stops it is {"fault": {"code", "message"}}.
 */
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { type DoctorConfig, readDoctorConfig } from "../home/config.js";
import { holdHome } from "../home/hold.js";
import { keepMemoryPrivate } from "../home/private-memory.js";
import type { HomeCheck, HomeFacts, SegmentSalvage } from "../model/home-check.js";
import { forgetSalvageNotes, salvageNotes } from "../runs/salvage-notes.js";
import type { Store } from "../store/contract.js";
import { openStore } from "../store/store.js";
import { TABLES } from "../store/tables.js";
import { examine } from "./doctor.js";
import { openState } from "./open-state.js";
import { reportOfStore, salvageJournal } from "./salvage.js";

async function answer(config: DoctorConfig): Promise<HomeCheck[] | SegmentSalvage[]> {
  const { paths, journalQuotaBytes, timeMs } = config;
  if (config.task === "salvage") return await salvage(config);
  const given = await text(process.stdin);
  const facts = given === "" ? undefined : (JSON.parse(given) as HomeFacts);
  return await examine({ paths, clock: systemClock, journalQuotaBytes, timeMs }, facts);
}

/** The state store is ours, or somebody's daemon runs: nothing else holds its lock. */
async function salvage(config: DoctorConfig): Promise<SegmentSalvage[]> {
  const { home, stateFolder } = config.paths;
  if (!existsSync(stateFolder))
    throw new StepwellError("STEPWELL_HOME_UNUSABLE", `The home ${home} has no state store.`);
  const hold = holdHome(home);
  try {
    return await salvageHeld(config);
  } finally {
    hold.release();
  }
}

async function salvageHeld({ paths }: DoctorConfig): Promise<SegmentSalvage[]> {
  const store = await openState({ paths, clock: systemClock, open: openWhole });
  try {
    const notes = await salvageNotes(store);
    const reports = [
      ...notes.map(reportOfStore),
      ...(await salvageJournal(paths.journalFolder, store, systemClock)),
    ];
    await forgetSalvageNotes(store, notes);
    return reports;
  } finally {
    await store.close();
  }
}

/** The state store, once every row of it can be read. Throws STEPWELL_STORE_DAMAGED. */
async function openWhole(folder: string): Promise<Store> {
  const store = await openStore(folder);
  try {
    for (const table of Object.values(TABLES)) await store.list(table);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function main(): Promise<void> {
  process.umask(0o077);
  keepMemoryPrivate();
  try {
    process.stdout.write(JSON.stringify(await answer(readDoctorConfig())));
  } catch (thrown) {
    const { code, message } = toStepwellError(thrown);
    process.stdout.write(JSON.stringify({ fault: { code, message } }));
  }
}

void main();
