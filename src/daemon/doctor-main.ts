/**
 * The doctor's process, which the command starts: what opens stores and databases is of
 * the daemon's side. It answers one JSON value on stdout: for "examine", with the facts of
 * a running daemon on stdin or nothing, the checks; for "salvage" what became of each
 * damaged segment. What stops it is {"fault": {"code", "message"}}.
 */
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { HomeCheck, HomeFacts, SegmentSalvage } from "../model/home-check.js";
import { raiseRunNumbers } from "../state/run-sums.js";
import { salvageStore } from "../store/salvage-store.js";
import { openStore, type Store } from "../store/store.js";
import { TABLES } from "../store/tables.js";
import { systemClock } from "./clock.js";
import { type DoctorConfig, readDoctorConfig } from "./config.js";
import { examine } from "./doctor.js";
import { reportOfStore, salvageJournal } from "./salvage.js";

async function answer(config: DoctorConfig): Promise<HomeCheck[] | SegmentSalvage[]> {
  const { paths, journalQuotaBytes } = config;
  if (config.task === "salvage") return await salvage(config);
  const given = await text(process.stdin);
  const facts = given === "" ? undefined : (JSON.parse(given) as HomeFacts);
  return await examine({ paths, clock: systemClock, journalQuotaBytes }, facts);
}

/** The state store is ours, or somebody's daemon runs: nothing else holds its lock. */
async function salvage({ paths }: DoctorConfig): Promise<SegmentSalvage[]> {
  if (!existsSync(paths.stateFolder)) {
    throw new StepwellError("STEPWELL_HOME_UNUSABLE", `The home ${paths.home} has no state store.`);
  }
  const { store, reports } = await openOrSalvage(paths.stateFolder);
  try {
    return [...reports, ...(await salvageJournal(paths.journalFolder, store, systemClock))];
  } finally {
    await store.close();
  }
}

/** The state store, of which every row can be read. Throws STEPWELL_STORE_DAMAGED. */
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

/** The state store; one that is damaged is salvaged first, and told. */
async function openOrSalvage(folder: string): Promise<{ store: Store; reports: SegmentSalvage[] }> {
  try {
    return { store: await openWhole(folder), reports: [] };
  } catch (error) {
    if (toStepwellError(error).code !== "STEPWELL_STORE_DAMAGED") throw error;
  }
  const salvaged = await salvageStore(folder, raiseRunNumbers);
  return { store: await openStore(folder), reports: [reportOfStore(salvaged)] };
}

process.umask(0o077);
try {
  process.stdout.write(JSON.stringify(await answer(readDoctorConfig())));
} catch (thrown) {
  const { code, message } = toStepwellError(thrown);
  process.stdout.write(JSON.stringify({ fault: { code, message } }));
}
