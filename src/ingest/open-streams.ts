/** The streams that are open, and those of them that have not said Hello: bounded both, and Hello has a deadline. */
import { StepwellError } from "../errors/stepwell-error.js";
import { GREETING_STREAMS_MAX, HELLO_MS_MAX, STREAMS_MAX } from "../model/limits.js";

/** A stream as far as its place among others goes. */
export interface OpenStream {
  stop(error: StepwellError): void;
}

/** The bounds, which a test may narrow. */
export interface StreamBounds {
  readonly streams: number;
  readonly greeting: number;
  readonly helloMs: number;
}

const BOUNDS: StreamBounds = { streams: STREAMS_MAX, greeting: GREETING_STREAMS_MAX, helloMs: HELLO_MS_MAX };

export class OpenStreams {
  readonly #bounds: StreamBounds;
  readonly #open = new Set<OpenStream>();
  /** Since when each has to say Hello, the oldest first. */
  readonly #greeting = new Map<OpenStream, NodeJS.Timeout>();

  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** Takes a stream that was opened; one too many is ended, and of those without a Hello the oldest. */
  add(stream: OpenStream): void {
    const { streams, greeting, helloMs } = this.#bounds;
    if (this.#open.size >= streams) {
      const sentence = `${this.#open.size} streams are open; no more are taken.`;
      return stream.stop(new StepwellError("STEPWELL_STREAMS_FULL", sentence));
    }
    const [oldest] = this.#greeting.size < greeting ? [] : this.#greeting.keys();
    if (oldest) this.#end(oldest, `${greeting} streams are open that have not said Hello.`);
    this.#open.add(stream);
    const end = () => this.#end(stream, `No Hello came within ${helloMs / 1000} s.`);
    this.#greeting.set(stream, setTimeout(end, helloMs).unref());
  }

  /** Its first message came. */
  greeted(stream: OpenStream): void {
    clearTimeout(this.#greeting.get(stream));
    this.#greeting.delete(stream);
  }

  /** It is over. */
  leave(stream: OpenStream): void {
    this.greeted(stream);
    this.#open.delete(stream);
  }

  #end(stream: OpenStream, sentence: string): void {
    this.leave(stream);
    stream.stop(new StepwellError("STEPWELL_STREAMS_FULL", sentence));
  }
}
