/**
 * The packs of one stream: those that wait for room, in order, and those without an outcome.
 *
 * gRPC keeps what is written and not sent yet, without a bound. So no more is written than the relay's window
 * takes, except for a single pack when nothing is under way.
 */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { RelayOutcome } from "../../gen/stepwell/v1/relay.js";
import { RELAY_PACK_BYTES } from "../../model/relay-limits.js";

/** Makes the request with a pack once its number is known. */
export type EncodePack = (number: number) => Uint8Array;

/** What a pack is told that was not sent. */
export type NotSent =
  /** The stream takes nothing new: another one does. */
  | { readonly kind: "retired" }
  /** It is larger than the relay takes. */
  | { readonly kind: "too large"; readonly bytes: number; readonly bytesMax: number };

interface Waiting {
  readonly encode: EncodePack;
  readonly resolve: (answer: RelayOutcome | NotSent) => void;
  readonly reject: (error: StepwellError) => void;
  readonly timer: NodeJS.Timeout;
  encoded?: Uint8Array;
}

interface Sent extends Pick<Waiting, "resolve" | "reject" | "timer"> {
  /** What it takes of the window. */
  readonly counted: number;
}

export interface UnderWayHost {
  readonly write: (bytes: Uint8Array) => void;
  /** A pack that was sent has no outcome after all that time: nobody knows what becomes of any. */
  readonly onSilence: (error: StepwellError) => void;
  /** The relay's address, as it is shown. */
  readonly relay: string;
  /** How long a pack may be without an outcome. */
  readonly answerMs: number;
}

export class PacksUnderWay {
  readonly #host: UnderWayHost;
  readonly #waiting: Waiting[] = [];
  readonly #sent = new Map<bigint, Sent>();
  #lastNumber = 0;
  #countedBytes = 0;
  #windowBytes = 0;
  #messageBytesMax = 0;
  #isOpen = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(host: UnderWayHost) {
    this.#host = host;
  }

  /** Those that were sent and have no outcome. */
  get underWay(): number {
    return this.#sent.size;
  }

  /** Sends a pack once there is room. Rejects where it is not known what became of it, or it had to wait for too long. */
  async deliver(encode: EncodePack): Promise<RelayOutcome | NotSent> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#late(waiting), this.#host.answerMs);
      const waiting: Waiting = { encode, resolve, reject, timer };
      this.#waiting.push(waiting);
      this.#pump();
    });
  }

  /** The relay takes packs. */
  open(windowBytes: number, messageBytesMax: number): void {
    this.#isOpen = true;
    this.#windowBytes = windowBytes;
    this.#messageBytesMax = messageBytesMax;
    this.#pump();
  }

  /** The relay has another window, and wants nothing new for a while. */
  credit(windowBytes: number, pauseMs: number): void {
    this.#windowBytes = windowBytes;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    if (pauseMs > 0) {
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#pump();
      }, pauseMs);
    }
    this.#pump();
  }

  answered(outcome: RelayOutcome): void {
    const sent = this.#sent.get(outcome.number);
    if (!sent) return;
    this.#sent.delete(outcome.number);
    this.#countedBytes -= sent.counted;
    clearTimeout(sent.timer);
    sent.resolve(outcome);
    this.#pump();
  }

  /** Nothing new goes: what waits for room is to go elsewhere. */
  retire(): void {
    this.#isOpen = false;
    clearTimeout(this.#pause);
    for (const { resolve, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      resolve({ kind: "retired" });
    }
  }

  /** The stream is over. */
  fail(fault: StepwellError): void {
    this.#isOpen = false;
    clearTimeout(this.#pause);
    const all = [...this.#waiting.splice(0), ...this.#sent.values()];
    this.#sent.clear();
    for (const { reject, timer } of all) {
      clearTimeout(timer);
      reject(fault);
    }
  }

  /** Sends what there is room for, in order. */
  #pump(): void {
    while (this.#isOpen && this.#pause === undefined) {
      const [next] = this.#waiting;
      if (!next) return;
      // Nothing goes before it, so its number is this one.
      const number = this.#lastNumber + 1;
      next.encoded ??= next.encode(number);
      const bytes = next.encoded;
      const counted = bytes.length + RELAY_PACK_BYTES;
      const isTooLarge = bytes.length > this.#messageBytesMax;
      if (!isTooLarge && this.#sent.size > 0 && this.#countedBytes + counted > this.#windowBytes) return;
      this.#waiting.shift();
      const { resolve, reject, timer } = next;
      if (isTooLarge) {
        clearTimeout(timer);
        resolve({ kind: "too large", bytes: bytes.length, bytesMax: this.#messageBytesMax });
        continue;
      }
      this.#lastNumber = number;
      this.#countedBytes += counted;
      this.#sent.set(BigInt(number), { resolve, reject, timer, counted });
      this.#host.write(bytes);
    }
  }

  #late(waiting: Waiting): void {
    const { relay, answerMs, onSilence } = this.#host;
    const at = this.#waiting.indexOf(waiting);
    const within = `within ${answerMs / 1000} s`;
    if (at < 0) {
      const sentence = `${relay} did not say ${within} what became of a pack.`;
      return onSilence(new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence));
    }
    this.#waiting.splice(at, 1);
    waiting.reject(new StepwellError("STEPWELL_SERVER_BUSY", `${relay} had no room for a pack ${within}.`));
  }
}
