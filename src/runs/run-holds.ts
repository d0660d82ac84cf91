/**
 * Runs that something is being prepared for: what the run book knows already is not in the
 * journal yet. A run that looks delivered then is not: archived, it would never see the rest.
 */
export class RunHolds {
  readonly #counts = new Map<string, number>();

  /** Keeps a run out of the archive; answers how to let it go, which may be called once. */
  take(runId: string): () => void {
    this.#counts.set(runId, (this.#counts.get(runId) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(runId) ?? 0) - 1;
      if (left > 0) this.#counts.set(runId, left);
      else this.#counts.delete(runId);
    };
  }

  has(runId: string): boolean {
    return this.#counts.has(runId);
  }
}
