/** Admission of what begins and ends a run: its start, its end, its id; and what a refusal says. */
import type { ErrorCode } from "../errors/table.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { BatchView } from "../model/batch-view.js";
import { END_STATUS } from "../model/end-status.js";
import { codePoints } from "../model/entry-text.js";
import { isId } from "../model/id.js";
import { EXPERIMENT_NAME_CODE_POINTS_MAX, TAG_VALUE_CODE_POINTS_MAX } from "../model/limits.js";
import { isWorkspaceName } from "../model/names.js";
import type { RunEnd, RunStart } from "../model/run.js";

/** Which kind of entry a refusal speaks of. */
export type EntryName = "metric" | "param" | "tag" | "start" | "end";

/** One entry that is not taken. */
export interface EntryRefusal {
  readonly kind: EntryName;
  /** Its position in its list of the batch. */
  readonly index: number;
  /** Points that are refused with it. */
  readonly entries: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Takes note of a refusal. */
export type Refuse = (refusal: EntryRefusal) => void;

/** A start that is taken, and the trackers that it asks for. */
export interface AdmittedStart {
  readonly run: RunStart;
  readonly trackers: readonly string[];
}

/** The start, unless it is refused or there is none. */
export function admitStart({ start }: Pick<BatchView, "start">, refuse: Refuse): AdmittedStart | undefined {
  if (start === undefined) return undefined;
  const fault = (code: ErrorCode, message: string) => {
    refuse({ kind: "start", index: 0, entries: 1, code, message });
    return undefined;
  };
  if (start === "malformed")
    return fault("STEPWELL_TEXT_MALFORMED", "The run's start holds text that is not valid UTF-8.");
  if (codePoints(start.experimentName) > EXPERIMENT_NAME_CODE_POINTS_MAX) {
    return fault("STEPWELL_EXPERIMENT_INVALID", "The experiment's name is too long.");
  }
  // Databases other than SQLite don't hold it, and an experiment has nothing but its name.
  if (start.experimentName.includes("\0"))
    return fault("STEPWELL_EXPERIMENT_INVALID", "The experiment's name has a NUL character in it.");
  // MLflow keeps all three as tags.
  const { runName, user, sourceName } = start;
  for (const [what, text] of Object.entries({ name: runName, user, program: sourceName })) {
    if (codePoints(text) > TAG_VALUE_CODE_POINTS_MAX)
      return fault("STEPWELL_VALUE_TOO_LONG", `The run's ${what} is too long.`);
  }
  if (!isRunTime(start.startTimeMs))
    return fault("STEPWELL_TIMESTAMP_INVALID", "The run's start time is negative, or later than any clock.");
  if (start.parentRunId !== "" && !isId(start.parentRunId))
    return fault("STEPWELL_RUN_ID_INVALID", "The parent's run id is not 32 lower-case hexadecimal digits.");
  if (start.workspace && !isWorkspaceName(start.workspace))
    return fault("STEPWELL_WORKSPACE_INVALID", "The run's workspace has a name that no workspace has.");
  const run: RunStart = {
    experimentName: start.experimentName || "Default",
    runName,
    startTimeMs: Number(start.startTimeMs),
    user,
    sourceName,
    parentRunId: start.parentRunId,
    ...(start.hasOwnTags ? { hasOwnTags: true } : {}),
    ...(start.workspace ? { workspace: start.workspace } : {}),
  };
  return { run, trackers: start.trackers };
}

/** Times of runs are numbers here and on the way to MLflow; one that a number can't hold would change. */
function isRunTime(ms: bigint): boolean {
  return ms >= 0n && ms <= BigInt(Number.MAX_SAFE_INTEGER);
}

/** The end, unless it is refused or there is none. */
export function admitEnd({ end }: Pick<BatchView, "end">, refuse: Refuse): RunEnd | undefined {
  if (end === undefined) return undefined;
  const status = STATUS[end.status];
  if (status && isRunTime(end.endTimeMs)) return { status, endTimeMs: Number(end.endTimeMs) };
  const code = status ? "STEPWELL_TIMESTAMP_INVALID" : "STEPWELL_STATUS_INVALID";
  refuse({
    kind: "end",
    index: 0,
    entries: 1,
    code,
    message: "The run's end has a status or a time that no run ends with.",
  });
  return undefined;
}

const STATUS: Readonly<Partial<Record<number, RunEnd["status"]>>> = {
  ...END_STATUS,
  [RunStatus.RUN_STATUS_RUNNING]: "RUNNING",
};
