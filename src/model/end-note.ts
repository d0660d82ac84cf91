/**
 * A note of how a step run ended, which a client leaves in the home's folder "step-ends" when
 * it can't tell the daemon: one file for each step run, named by its id. The daemon takes it as
 * soon as it can, and before it calls the step's process lost.
 */

/** How a step run ended, as its process said. */
export interface EndNote {
  readonly stepRunId: string;
  readonly pipelineRunId: string;
  readonly status: "FINISHED" | "FAILED" | "KILLED";
  /** Milliseconds since 1970. Without it the time of the file counts. */
  readonly endTimeMs?: number;
}

const FILE = /^[0-9a-f]{32}\.json$/;
const ID = /^[0-9a-f]{32}$/;
const STATUSES: readonly unknown[] = ["FINISHED", "FAILED", "KILLED"];

/** The name of a note's file. */
export function endNoteFile({ stepRunId }: Pick<EndNote, "stepRunId">): string {
  return `${stepRunId}.json`;
}

/** Whether a file of that name is a note; drafts are not. */
export function isEndNoteFile(name: string): boolean {
  return FILE.test(name);
}

/** The text of a note's file. */
export function formatEndNote({ stepRunId, pipelineRunId, status, endTimeMs }: EndNote): string {
  return JSON.stringify({
    step_run_id: stepRunId,
    pipeline_run_id: pipelineRunId,
    status,
    end_time_ms: endTimeMs,
  });
}

/** A note out of its file's text; undefined for a text that is none. */
export function parseEndNote(text: string): EndNote | undefined {
  let found: Partial<Record<string, unknown>>;
  try {
    found = Object(JSON.parse(text)) as Partial<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { step_run_id: stepRunId, pipeline_run_id: pipelineRunId, status, end_time_ms: endTimeMs } = found;
  const isNote =
    ID.test(String(stepRunId)) &&
    ID.test(String(pipelineRunId)) &&
    STATUSES.includes(status) &&
    (endTimeMs === undefined || (Number.isSafeInteger(endTimeMs) && Number(endTimeMs) > 0));
  return isNote ? ({ stepRunId, pipelineRunId, status, endTimeMs } as EndNote) : undefined;
}
