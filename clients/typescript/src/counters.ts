/**
 * What the sender's thread tells the caller's thread, in shared memory.
 *
 * A message would arrive only when the caller's event loop turns, and a training loop
 * may not let it turn for minutes; memory can be read at any time, and waited for in a
 * process's last moment.
 */
const FIELDS = [
  "acknowledgedSequence",
  "acknowledgedBytes",
  "acknowledgedEntries",
  "acknowledgedPoints",
  "rejectedEntries",
  "sentEntries",
  "sentPoints",
  "connects",
  /** The largest message that the daemon takes; 0 until it has said so. */
  "messageBytesMax",
  /** 1 once the sender has stopped for good. */
  "failed",
] as const;

/** The name of a counter. */
export type CounterField = (typeof FIELDS)[number];

const BYTES = 8;

/** Whole numbers that two threads see; only the sender writes them. */
export class Counters {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: BigInt64Array;
  readonly #signal: Int32Array;

  /** Makes new memory, or looks at what another thread made. */
  constructor(memory = new SharedArrayBuffer((FIELDS.length + 1) * BYTES)) {
    this.memory = memory;
    this.#numbers = new BigInt64Array(memory, 0, FIELDS.length);
    this.#signal = new Int32Array(memory, FIELDS.length * BYTES, 1);
  }

  get(field: CounterField): number {
    return Number(Atomics.load(this.#numbers, FIELDS.indexOf(field)));
  }

  set(field: CounterField, value: number): void {
    Atomics.store(this.#numbers, FIELDS.indexOf(field), BigInt(value));
  }

  add(field: CounterField, value: number): void {
    Atomics.add(this.#numbers, FIELDS.indexOf(field), BigInt(value));
  }

  /** Wakes a thread that waits in waitForChange. */
  changed(): void {
    Atomics.add(this.#signal, 0, 1);
    Atomics.notify(this.#signal, 0);
  }

  /** A mark for waitForChange: take it before looking at the counters. */
  mark(): number {
    return Atomics.load(this.#signal, 0);
  }

  /** Blocks this thread until something changed after the mark, or the time is over. */
  waitForChange(mark: number, timeoutMs: number): void {
    Atomics.wait(this.#signal, 0, mark, Math.max(0, timeoutMs));
  }
}
