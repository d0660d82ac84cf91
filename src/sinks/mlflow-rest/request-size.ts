import { LOG_BATCH_BYTES_MAX, LOG_BATCH_ENTRIES_MAX } from "../../model/limits.js";

const ENTRIES_MIN = 50;
const BYTES_MIN = 1_000;

/** How large a server's requests may be: less after it could not cope, more again while it can. */
export class RequestSize {
  readonly #entriesLimit: number;
  #entries: number;
  #bytes = LOG_BATCH_BYTES_MAX;

  constructor(entriesLimit: number = LOG_BATCH_ENTRIES_MAX) {
    this.#entriesLimit = entriesLimit;
    this.#entries = entriesLimit;
  }

  get entriesMax(): number {
    return this.#entries;
  }

  get bytesMax(): number {
    return this.#bytes;
  }

  /** A request took too long, or found no database connection. */
  onOverload(): void {
    this.#entries = Math.max(ENTRIES_MIN, Math.ceil(this.#entries / 2));
  }

  /** A request of so many bytes was too large. What is in the way does not go: this stays. */
  onTooLarge(bytes: number): void {
    this.#bytes = Math.max(BYTES_MIN, Math.min(this.#bytes, Math.ceil(bytes / 2)));
  }

  onSuccess(): void {
    this.#entries = Math.min(this.#entriesLimit, this.#entries * 2);
  }
}
