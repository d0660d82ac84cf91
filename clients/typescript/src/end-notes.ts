/**
 * Notes in the home of how runs ended, for a daemon that has not acknowledged that. It takes them
 * when this process is gone, so that the end is known whatever becomes of either until then.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Pipeline } from "./pipeline.js";
import type { RunEnding } from "./run-buffer.js";
import { processIdentity } from "./sender/process-identity.js";
import type { ClientSettings } from "./settings.js";

/** A pipe in the file's place is an error, and not something to wait at. */
const REPLACING = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;

/** The notes of one client. Nothing here throws or waits for the daemon. */
export class EndNotes {
  readonly #pipeline: Pipeline;
  readonly #home: string | undefined;
  readonly #left = new Map<string, RunEnding>();

  constructor(pipeline: Pipeline, { home }: ClientSettings) {
    this.#pipeline = pipeline;
    this.#home = home;
  }

  /** Whether any is there. */
  get areLeft(): boolean {
    return this.#left.size > 0;
  }

  /** Notes each end that is not acknowledged and not noted now. */
  leave(): void {
    if (this.#home === undefined || !existsSync(this.#home)) return;
    for (const ending of this.#pipeline.unacknowledgedEnds) {
      const file = join(this.#home, "step-ends", `${ending.runId}.run.json`);
      // The daemon removes one that leads to nothing for a minute; an exit may go on for longer.
      if (this.#left.get(file) === ending && existsSync(file)) continue;
      try {
        writeNote(file, ending);
        this.#left.set(file, ending);
      } catch {
        // As on a full disk: then the daemon takes the run for killed.
      }
    }
  }

  /** The daemon has it all. */
  remove(): void {
    for (const file of this.#left.keys()) rmSync(file, { force: true });
    this.#left.clear();
  }
}

function writeNote(file: string, { runId, status, endTimeMs }: RunEnding): void {
  const { bootId, pidNamespace, pid, startTicks } = processIdentity();
  const note = {
    run_id: runId,
    // Long numbers as text: not every reader of JSON keeps them.
    process: { boot_id: bootId, pid_namespace: `${pidNamespace}`, pid, start_ticks: `${startTicks}` },
    status,
    end_time_ms: endTimeMs,
  };
  const folder = join(file, "..");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${pid}`;
  synced(openSync(draft, REPLACING, 0o600), (descriptor) => writeSync(descriptor, JSON.stringify(note)));
  renameSync(draft, file);
  synced(openSync(folder, "r"), () => undefined);
}

function synced(descriptor: number, work: (descriptor: number) => void): void {
  try {
    work(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
