/**
 * Whether a server's connections are worth keeping.
 *
 * `mlflow server` with several workers, which is its default, leaves Nagle's algorithm on: the
 * body of an answer is sent once the client's system has acknowledged its head, and Linux puts
 * that off for 40 ms, but for the first exchange on a connection. Measured on one machine: 47 ms
 * for a small answer, 43 of them between its head and its body; 3 ms over a connection of its
 * own. So where a kept connection loses more than a new one takes, each request has its own.
 */

/** What was seen of each kind: a single one may be the machine's noise. */
const SEEN = 3;
/** What a connection of its own has to save a request, in ms. */
const GAIN_MS = 10;
/** Requests until kept connections are looked at again: another server may answer there. */
const OWN_REQUESTS = 256;

export class KeepAlive {
  /** How long answers on kept connections took from their head to their body, in ms; the last few. */
  #kept: number[] = [];
  /** The same on new connections, and making them. */
  #made: number[] = [];
  #ownRequests = 0;

  /** Whether the next request uses a connection that is kept. */
  next(): boolean {
    if (this.#kept.length < SEEN || Math.min(...this.#kept) < Math.min(...this.#made) + GAIN_MS) return true;
    this.#ownRequests += 1;
    if (this.#ownRequests < OWN_REQUESTS) return false;
    this.#ownRequests = 0;
    this.#kept = [];
    return true;
  }

  /** An answer's body began so long after its head; connectMs tells how long its connection took if it was new. */
  saw(bodyMs: number, connectMs: number | undefined): void {
    if (connectMs === undefined) this.#kept = [...this.#kept, bodyMs].slice(-SEEN);
    else this.#made = [...this.#made, connectMs + bodyMs].slice(-SEEN);
  }
}
