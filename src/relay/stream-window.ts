/** Packs of one stream that have no outcome, held against what it may have. */
export class StreamWindow {
  /** What packs without an outcome count, and how many they are. */
  #bytes = 0;
  packs = 0;
  /** Its share of what all streams may have. */
  shareBytes = 0;
  /** What its tenant's limit leaves of that. */
  paceBytes = Number.POSITIVE_INFINITY;

  get mayHaveBytes(): number {
    return Math.floor(Math.min(this.shareBytes, this.paceBytes));
  }

  /** A single pack may always be there. */
  get isFull(): boolean {
    return this.packs > 0 && this.#bytes >= this.mayHaveBytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.packs += 1;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    this.packs -= 1;
  }
}
