/**
 * A note of how a step run, or a run outside of steps, ended, which a client leaves in the home's
 * folder "step-ends" when it can't tell the daemon: one file for each, named by its id. The daemon
 * takes it as soon as it can, and before it calls the process lost.
 */
import { END_STATUS, type EndStatus } from "../model/end-status.js";
import { isId } from "../model/id.js";
import type { ProcessId } from "../model/process.js";

interface Ending {
  /** As its process said. */
  readonly status: EndStatus;
  /** Milliseconds since 1970. Without it the time of the file counts. */
  readonly endTimeMs?: number;
}

/** How a step run ended. */
export interface StepEndNote extends Ending {
  readonly stepRunId: string;
  readonly pipelineRunId: string;
}

/** How a run ended that a process had begun by itself, outside of any step. */
export interface RunEndNote extends Ending {
  readonly runId: string;
  /** Who ended it: the note is nothing to others that go on with the run. */
  readonly process: ProcessId;
}

/** One kind of notes: how their files are named and what stands in them. */
export interface NoteKind<Note extends Ending> {
  idOf(note: Note): string;
  /** The name of the file of the note with that id. */
  fileOf(id: string): string;
  /** The id in a file's name; undefined where it is no such note, as a draft is not. */
  idIn(name: string): string | undefined;
  format(note: Note): string;
  /** A note out of its file's text; undefined for a text that is none. */
  parse(text: string): Note | undefined;
}

const STATUSES: readonly unknown[] = Object.values(END_STATUS);

export const STEP_NOTES: NoteKind<StepEndNote> = {
  idOf: ({ stepRunId }) => stepRunId,
  fileOf: (id) => `${id}.json`,
  idIn: (name) => idBefore(name, ".json"),
  format: ({ stepRunId, pipelineRunId, ...ending }) =>
    JSON.stringify({ step_run_id: stepRunId, pipeline_run_id: pipelineRunId, ...formatted(ending) }),
  parse: (text) => {
    const found = fieldsOf(text);
    const { step_run_id: stepRunId, pipeline_run_id: pipelineRunId } = found;
    const ending = endingOf(found);
    return ending && isId(stepRunId) && isId(pipelineRunId)
      ? { stepRunId, pipelineRunId, ...ending }
      : undefined;
  },
};

// Older daemons look at no file of that name.
export const RUN_NOTES: NoteKind<RunEndNote> = {
  idOf: ({ runId }) => runId,
  fileOf: (id) => `${id}.run.json`,
  idIn: (name) => idBefore(name, ".run.json"),
  format: ({ runId, process, ...ending }) => {
    const { bootId, pidNamespace, pid, startTicks } = process;
    const who = { boot_id: bootId, pid_namespace: pidNamespace, pid, start_ticks: startTicks };
    return JSON.stringify({ run_id: runId, process: who, ...formatted(ending) });
  },
  parse: (text) => {
    const found = fieldsOf(text);
    const { run_id: runId } = found;
    const process = processIn(found["process"]);
    const ending = endingOf(found);
    return ending && process && isId(runId) ? { runId, process, ...ending } : undefined;
  },
};

type Fields = Partial<Record<string, unknown>>;

function fieldsOf(text: string): Fields {
  try {
    return Object(JSON.parse(text)) as Fields;
  } catch {
    return {};
  }
}

function formatted({ status, endTimeMs }: Ending) {
  return { status, end_time_ms: endTimeMs };
}

function endingOf({ status, end_time_ms: endTimeMs }: Fields): Ending | undefined {
  const isTime = endTimeMs === undefined || (Number.isSafeInteger(endTimeMs) && Number(endTimeMs) > 0);
  return isTime && STATUSES.includes(status) ? ({ status, endTimeMs } as Ending) : undefined;
}

function processIn(value: unknown): ProcessId | undefined {
  const {
    boot_id: bootId,
    pid_namespace: pidNamespace,
    pid,
    start_ticks: startTicks,
  } = Object(value) as Fields;
  const isProcess =
    typeof bootId === "string" && isNumber(pidNamespace) && Number.isSafeInteger(pid) && isNumber(startTicks);
  return isProcess ? { bootId, pidNamespace, pid: Number(pid), startTicks } : undefined;
}

function idBefore(name: string, ending: string): string | undefined {
  const id = name.slice(0, -ending.length);
  return name.endsWith(ending) && isId(id) ? id : undefined;
}

/** In decimal: it may be larger than what JSON's readers keep. */
function isNumber(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value);
}
