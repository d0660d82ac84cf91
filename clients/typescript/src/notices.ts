/**
 * What people are told of runs, on stderr: that one begins, and what became of it. A line each, of the first few
 * runs of a thread; STEPWELL_QUIET=1 turns it off, and of a distributed program only the first rank speaks.
 */
import { writeSync } from "node:fs";
import { RUN_NAME_CHARACTERS_TOLD, RUNS_TOLD } from "./contract.js";
import { runNameOf } from "./run-name.js";

const NO = ["", "0", "false", "no", "off"];
/** Set by torchrun, SLURM, Open MPI and MPICH in each process; the first one that is there decides. */
const RANKS = ["RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK"];

/** A run that ended, and that people know of. */
export interface EndedRun {
  readonly runId: string;
  readonly name: string;
  readonly status: string;
}

/** Names as they were told, by run. */
const told = new Map<string, string>();
let hasToldOfMore = false;

/** Says that a run begins, once. Its name as it was told; undefined where nothing is told of the run. */
export function tellBegin(runId: string, runName: string | undefined, begins: string): string | undefined {
  if (isQuiet()) return undefined;
  const before = told.get(runId);
  if (before !== undefined) return before;
  if (told.size === RUNS_TOLD) {
    if (!hasToldOfMore) say("further runs of this process are not told of. All: stepwell runs list");
    hasToldOfMore = true;
    return undefined;
  }
  const name = shownName(runName || runNameOf(runId));
  told.set(runId, name);
  say(`run ${name} ${begins}. Look: stepwell runs show ${runId}`);
  return name;
}

/** Says what became of a run; without the daemon's word, that it is on disk. */
export function tellEnd({ name, status }: EndedRun, standing: string): void {
  say(`run ${name} ${status}. ${standing || "It is on disk, for the daemon to deliver."}`);
}

/** A run's name on one line, whatever is in it. */
function shownName(name: string): string {
  const shown = visible(name);
  return shown.length <= RUN_NAME_CHARACTERS_TOLD
    ? shown
    : `${shown.slice(0, RUN_NAME_CHARACTERS_TOLD - 3)}...`;
}

/** What would steer a terminal, or end the line, is a question mark: how a run stands may have words of its server in it. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

function say(sentence: string): void {
  try {
    writeSync(2, `stepwell: ${visible(sentence)}\n`);
  } catch {
    // A program may have closed it, or left it to a reader that is slow or gone.
  }
}

function isQuiet(): boolean {
  if (!NO.includes((process.env["STEPWELL_QUIET"] ?? "").trim().toLowerCase())) return true;
  const rank = RANKS.map((name) => process.env[name]).find(Boolean) ?? "0";
  return rank.trim() !== "0";
}
