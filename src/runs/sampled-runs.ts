/** Runs that the daemon logs metrics of the system to, and those whose program logs them itself. */
import type { Run } from "./run.js";
import { hasEnded } from "./run.js";

/** What metrics of a system are named by, whoever logs them. */
const SYSTEM = "system/";

export class SampledRuns {
  readonly #asked = new Set<string>();
  #logged: ReadonlySet<string> = new Set();
  readonly #ofOthers = new Set<string>();

  /** Whether any run that goes on asks for them by itself. */
  get areAsked(): boolean {
    return this.#asked.size > 0;
  }

  /** A run as it is now; it goes to the archive once it has ended. */
  keep(run: Run): void {
    if (run.systemWish && run.systemWish.everyMs > 0 && !hasEnded(run)) this.#asked.add(run.runId);
    else if (this.#asked.size > 0) this.#asked.delete(run.runId);
  }

  /** The runs that the daemon logs them to now; what is known of others is forgotten with them. */
  logsTo(runIds: ReadonlySet<string>): void {
    this.#logged = runIds;
    for (const runId of this.#ofOthers) if (!runIds.has(runId)) this.#ofOthers.delete(runId);
  }

  /** A program logged these to a run. */
  saw(runId: string, columns: readonly { readonly key: string | undefined }[]): void {
    if (!this.#logged.has(runId)) return;
    if (columns.some(({ key }) => key?.startsWith(SYSTEM))) this.#ofOthers.add(runId);
  }

  /** Whether the run's program logs what the machine does: it must not be there twice. */
  isLoggedByOthers(runId: string): boolean {
    return this.#ofOthers.has(runId);
  }
}
