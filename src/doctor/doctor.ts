/**
 * What the doctor looks at on the daemon's side: the stores, the backends and the clock.
 * It changes nothing. While a daemon runs the state store is its own, and the facts that
 * it holds are given instead.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { toStepwellError } from "../errors/stepwell-error.js";
import { ERRORS } from "../errors/table.js";
import type { HomePaths } from "../home/endpoint.js";
import { holdHome } from "../home/hold.js";
import { type Deadline, deadlineAfter } from "../home/wait.js";
import { inspectJournal } from "../journal/inspect.js";
import { quotaFault, roomFault, type Volume, volumeOf } from "../journal/room.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import {
  failedCheck,
  faultCheck,
  type HomeCheck,
  type HomeFacts,
  okCheck,
  warnCheck,
} from "../model/home-check.js";
import { DOCTOR_MS_MAX } from "../model/limits.js";
import { shellWord } from "../model/shell-word.js";
import { sizeText } from "../model/size.js";
import { type Backend, factsOf } from "../model/target.js";
import { segmentNotes } from "../runs/segment-notes.js";
import { codeOf } from "../secrets/backend-choice.js";
import { secretBackends } from "../secrets/secret-backends.js";
import { driverOf } from "../sinks/drivers.js";
import { backendOf } from "../stacks/targets.js";
import { openStore } from "../store/store.js";
import { readHomeFacts } from "./home-facts.js";
import { salvageFault } from "./open-state.js";

/** What the doctor needs. */
export interface DoctorOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly journalQuotaBytes: number;
  /** Databases are looked at for so long. */
  readonly timeMs: number;
}

/** 2024-01-01, before any Stepwell: a clock that shows less was never set. */
const EARLIEST_MS = 1_704_067_200_000;
/** Producers that a finding names; status -o json has more of them. */
const ENDED_PRODUCERS_NAMED = 3;
/** Files may be a little younger than a clock that is corrected now and then. */
const CLOCK_SLACK_MS = 60_000;

/** Looks at everything; `given` is what a running daemon says. */
export async function examine(options: DoctorOptions, given: HomeFacts | undefined): Promise<HomeCheck[]> {
  const deadline = deadlineAfter(options.timeMs);
  const state: StateFindings = given ? { facts: given, checks: [] } : await readState(options);
  const facts = state.facts;
  return [
    ...state.checks,
    ...(await journalChecks(options, state.noted ?? [])),
    ...(facts ? await factChecks(options, facts, deadline) : []),
    await clockCheck(options),
  ];
}

/** What the state store tells, to whoever can read it. */
interface StateFindings {
  readonly facts?: HomeFacts;
  /** Segments that the journal is to have; a daemon that runs has missed what was gone already. */
  readonly noted?: readonly number[];
  readonly checks: readonly HomeCheck[];
}

async function readState({ paths, clock }: DoctorOptions): Promise<StateFindings> {
  const check = "state store";
  if (!existsSync(paths.stateFolder)) return { checks: [okCheck(check, "Not made yet.")] };
  try {
    // LevelDB's own lock is a file that may be gone: a store that a daemon has would be destroyed.
    const hold = holdHome(paths.home);
    const store = await openStore(paths.stateFolder).catch((error: unknown) => {
      hold.release();
      throw error;
    });
    try {
      const facts = await readHomeFacts(store, clock, await secretBackends(store, paths));
      const damage = await salvageFault(store);
      const found = damage ? faultCheck(check, "failed", damage) : okCheck(check, "It can be read.");
      return { facts, noted: await segmentNotes(store).read(), checks: [found] };
    } finally {
      await store.close();
      hold.release();
    }
  } catch (error) {
    const { code } = toStepwellError(error);
    return { checks: [faultCheck(check, code === "STEPWELL_HOME_LOCKED" ? "warn" : "failed", error)] };
  }
}

async function journalChecks(
  { paths, journalQuotaBytes }: DoctorOptions,
  noted: readonly number[],
): Promise<HomeCheck[]> {
  const { segments, bytes, damaged, missing, salvaged } = await inspectJournal(paths.journalFolder, noted);
  const volume = await volumeOf(existsSync(paths.home) ? paths.home : "/");
  const size = `${counted(segments, "segment")}, ${sizeText(bytes)}`;
  const kept = salvaged.length > 0 ? `; read out and kept: ${salvaged.join(", ")}` : "";
  const lost = [
    ...(damaged.length > 0 ? [`damaged and set aside: ${damaged.join(", ")}`] : []),
    ...(missing.length > 0 ? [`gone: ${missing.join(", ")}`] : []),
  ];
  const journal =
    lost.length === 0
      ? okCheck("journal", `${size}${kept}.`)
      : failedCheck(
          "journal",
          `${size}; ${lost.join("; ")}${kept}.`,
          "Bring back what can be read: stepwell doctor --salvage --stop.",
        );
  return [journal, roomCheck(bytes, journalQuotaBytes, volume)];
}

function roomCheck(bytes: number, quotaBytes: number, volume: Volume): HomeCheck {
  const full = roomFault(bytes, quotaBytes, volume);
  if (full) return faultCheck("disk space", "failed", full);
  const tooLarge = quotaFault(bytes, quotaBytes, volume);
  if (tooLarge !== undefined)
    return warnCheck("disk space", tooLarge, "Free disk space, or set STEPWELL_JOURNAL_QUOTA_BYTES lower.");
  const free = sizeText(volume.freeBytes);
  return okCheck("disk space", `${free} free; up to ${sizeText(quotaBytes)} for the journal.`);
}

/** `endMs` is of the monotonic clock. */
async function factChecks(
  options: DoctorOptions,
  facts: HomeFacts,
  deadline: Deadline,
): Promise<HomeCheck[]> {
  const { deadLetters } = facts;
  return [
    secretsCheck(facts),
    ...(await trackerChecks(options, facts, deadline)),
    laneCheck(facts),
    deadLetters === 0
      ? okCheck("dead letters", "None.")
      : warnCheck(
          "dead letters",
          `${counted(deadLetters, "entry is kept as a dead letter", "entries are kept as dead letters")}.`,
          "See why: stepwell dead-letter list.",
        ),
    producersCheck(facts),
    ...facts.notices.map((notice) =>
      warnCheck("notice", notice, "Nothing has to be done unless it says so."),
    ),
  ];
}

function producersCheck({ endedWithoutClosing, lastEnded, producersWithLosses }: HomeFacts): HomeCheck {
  const check = "producers";
  const losses = `${counted(producersWithLosses, "producer")} had been acknowledged more than this home has: the journal lost it.`;
  const ends = lastEnded
    .slice(0, ENDED_PRODUCERS_NAMED)
    .map(({ clientName, pid, endedMs, runId }) =>
      [
        `${clientName} (pid ${pid})`,
        ...(runId ? [`run ${runId}`] : []),
        new Date(endedMs).toISOString(),
      ].join(", "),
    );
  const ended = `${counted(endedWithoutClosing, "producer")} ended without closing. What those with a spool here had logged is kept; of others what was not sent is lost. The last: ${ends.join("; ")}.`;
  if (producersWithLosses > 0) {
    const finding = endedWithoutClosing > 0 ? `${losses} ${ended}` : losses;
    return warnCheck(
      check,
      finding,
      "See what runs miss: stepwell dead-letter list, and stepwell daemon logs.",
    );
  }
  if (endedWithoutClosing === 0) return okCheck(check, "All closed, or connected.");
  return warnCheck(
    check,
    ended,
    "See how their processes ended: killed, out of memory, or left without close().",
  );
}

function secretsCheck({ secrets: { backend, state, finding }, lanes }: HomeFacts): HomeCheck {
  const check = "secrets";
  if (state === "unsaid")
    return warnCheck(check, finding, "Ask with more time: stepwell secret backend get.");
  const kind = backend === "vault" ? "vault" : "keychain";
  const where = backend === "" ? "" : ` Secrets are kept in the ${kind}.`;
  // Without a keychain the vault is chosen; a locked one has to be unlocked even for the first secret.
  if (state === "ready" || (backend === "" && state === "absent"))
    return okCheck(
      check,
      backend === "" && state === "absent" ? "In the vault, a file of the home." : `In the ${kind}.`,
    );
  const code = codeOf(kind, state === "locked" ? "locked" : "absent");
  const { remedy } = ERRORS[code];
  if (code === "STEPWELL_VAULT_LOCKED" && !lanes)
    return warnCheck(check, "The vault has a passphrase, which the next daemon has to be given.", remedy);
  const result = backend === "" ? "warn" : "failed";
  return { check, result, finding: `${code}: ${finding}${where}`, remedy };
}

async function trackerChecks(
  { paths }: DoctorOptions,
  { trackers, artifactStore }: HomeFacts,
  deadline: Deadline,
): Promise<HomeCheck[]> {
  if (trackers.length === 0) {
    const remedy = "Register one: stepwell experiment-tracker register NAME --flavor=mlflow.";
    return [
      warnCheck("trackers", "No experiment tracker is registered: entries wait in the journal.", remedy),
    ];
  }
  const folders = { defaultArtifactStore: paths.artifactStoreFolder };
  const checks: HomeCheck[] = [];
  for (const tracker of trackers) {
    const check = `tracker ${tracker.name}`;
    try {
      const backend = backendOf({ id: "", ...tracker }, artifactStore, folders);
      checks.push(await backendCheck(check, tracker.name, backend, deadline));
    } catch (error) {
      checks.push(faultCheck(check, "failed", error));
    }
  }
  return checks;
}

async function backendCheck(
  check: string,
  tracker: string,
  backend: Backend,
  deadline: Deadline,
): Promise<HomeCheck> {
  const { trackingUri, file } = factsOf(backend);
  const { look } = driverOf(backend);
  if (!look) return okCheck(check, "A server: a daemon that runs asks it.");
  if (deadline.leftMs() > 0) return await look(check);
  const finding = `${file ?? trackingUri} was not looked at: the ${DOCTOR_MS_MAX / 1000} s of a doctor's visit were nearly over.`;
  return warnCheck(
    check,
    finding,
    `Look at it alone: stepwell experiment-tracker test ${shellWord(tracker)}.`,
  );
}

function laneCheck({ lanes }: HomeFacts): HomeCheck {
  if (!lanes) return okCheck("lanes", "What is journaled stays.");
  const { count, troubled, queuedPoints, told } = lanes;
  const size = `${counted(count, "lane holds", "lanes hold")} ${counted(queuedPoints, "point")}`;
  if (troubled === 0) return okCheck("lanes", count === 0 ? "Nothing waits." : `${size}.`);
  const inTrouble = told.filter(({ state }) => state === "held" || state === "retrying");
  const reasons = new Set(inTrouble.map((lane) => `${lane.tracker} (${lane.state}): ${lane.lastError}`));
  return warnCheck(
    "lanes",
    `${size}; ${counted(troubled, "is", "are")} in trouble: ${[...reasons].join("; ")}`,
    "See: stepwell status.",
  );
}

/** A clock that is behind the files of the home has gone back. */
async function clockCheck({ paths, clock }: DoctorOptions): Promise<HomeCheck> {
  const nowMs = clock.nowMs();
  const remedy = "Set the clock: entries are stamped with it when they are logged.";
  const shown = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS) return failedCheck("clock", `It shows ${shown}, which can't be.`, remedy);
  for (const file of [paths.endpointFile, paths.logFile, paths.journalFolder, paths.stateFolder]) {
    const changedMs = existsSync(file) ? (await stat(file)).mtimeMs : 0;
    if (changedMs <= nowMs + CLOCK_SLACK_MS) continue;
    const seconds = Math.round((changedMs - nowMs) / 1000);
    return warnCheck(
      "clock",
      `It shows ${shown}, but ${file} was changed ${seconds} s later: it went back.`,
      remedy,
    );
  }
  return okCheck("clock", `${shown.slice(0, 19).replace("T", " ")} UTC.`);
}
