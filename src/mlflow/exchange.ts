/**
 * One request, from its beginning to its one end. It has ended at its deadline whatever its socket does, for the
 * deadline waits for no event of it: sockets switch protocols, say 1xx without an end, hang in a name's lookup or
 * in a handshake, stop reading, trickle, or are gone without a word, and Node tells some of these to nobody.
 *
 * An answer is read up to the bytes that its endpoint can need, and cut there: what is cut off is never looked at.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Clock } from "../model/clock.js";
import { CONNECT_MS_MAX, ERROR_BYTES_MAX, INTERIM_ANSWERS_MAX } from "../model/limits.js";
import type { Answer } from "./verdict.js";

/** What ends a request. */
export interface Bounds {
  /** From now to the end of the answer. */
  readonly timeoutMs: number;
  /** Bytes of a good answer's body that are read. */
  readonly answerBytesMax: number;
}

/** What became of it. */
export interface Exchange {
  /** What came back, or why nothing did. Never rejects. */
  readonly answer: Promise<Answer>;
  /** Ends it now. */
  abort(error: Error): void;
}

/** Told how long the answer's body took to begin, and how long its connection took to be made if it is a new one. */
type OnTimes = (bodyMs: number, connectMs: number | undefined) => void;

/** Sends a request that `open` makes; one that can't be made has failed. */
export function exchange(
  open: () => ClientRequest,
  body: Buffer | undefined,
  bounds: Bounds,
  clock: Clock,
  onTimes: OnTimes,
): Exchange {
  const running = new Running(bounds, clock, onTimes);
  running.begin(open, body);
  return running;
}

class Running implements Exchange {
  readonly answer: Promise<Answer>;
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  readonly #onTimes: OnTimes;
  readonly #beginMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #resolve: ((answer: Answer) => void) | undefined;
  #sent: ClientRequest | undefined;
  /** Whether the connection was made: before that the server can't have got anything. */
  #isConnected = false;
  /** How long it took to make it; undefined for one that was kept. */
  #connectMs: number | undefined;
  #hasResponse = false;
  #interimAnswers = 0;

  constructor(bounds: Bounds, clock: Clock, onTimes: OnTimes) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#onTimes = onTimes;
    this.#beginMs = clock.monotonicMs();
    this.answer = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  begin(open: () => ClientRequest, body: Buffer | undefined): void {
    const { timeoutMs } = this.#bounds;
    this.#after(timeoutMs, () => this.abort(timeout("no whole answer", timeoutMs)));
    this.#after(CONNECT_MS_MAX, () => {
      if (!this.#isConnected) this.abort(timeout("no connection", CONNECT_MS_MAX));
    });
    try {
      const sent = open();
      this.#sent = sent;
      sent.on("socket", (socket) => {
        this.#isConnected = !socket.connecting;
        if (this.#isConnected) return;
        socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
          this.#isConnected = true;
          this.#connectMs = this.#clock.monotonicMs() - this.#beginMs;
        });
      });
      sent.on("error", (error) => this.abort(error));
      sent.on("information", ({ statusCode }) => this.#onInterim(statusCode));
      sent.on("upgrade", (response, socket) => {
        socket.destroy();
        this.#settle(answerOf(response, "", false));
      });
      sent.on("response", (response) => void this.#read(response));
      // Of some ends nothing else is heard.
      sent.on("close", () => {
        if (!this.#hasResponse) this.abort(coded("ECONNRESET", "the connection ended without an answer"));
      });
      sent.end(body);
    } catch (error) {
      this.abort(error as Error);
    }
  }

  abort(error: Error & { code?: string }): void {
    const { code = "EPIPE", message } = error;
    this.#settle({ kind: "failed", code, message, isSent: this.#isConnected });
    this.#sent?.destroy();
  }

  /** A 101 that no upgrade follows is as little of an answer as one that is followed by it. */
  #onInterim(status: number): void {
    this.#interimAnswers += 1;
    if (status !== 101 && this.#interimAnswers <= INTERIM_ANSWERS_MAX) return;
    this.#settle({ kind: "answered", status, headers: {}, body: "", isCut: false });
    this.#sent?.destroy();
  }

  async #read(response: IncomingMessage): Promise<void> {
    this.#hasResponse = true;
    const headMs = this.#clock.monotonicMs();
    const status = response.statusCode ?? 0;
    const bytesMax = status >= 200 && status < 300 ? this.#bounds.answerBytesMax : ERROR_BYTES_MAX;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (bytes === 0) this.#onTimes(this.#clock.monotonicMs() - headMs, this.#connectMs);
        chunks.push(chunk.subarray(0, bytesMax - bytes));
        bytes += chunk.length;
        // The rest is not read: leaving the loop ends the connection.
        if (bytes > bytesMax) break;
      }
      this.#settle(answerOf(response, Buffer.concat(chunks).toString("utf8"), bytes > bytesMax));
    } catch (error) {
      this.abort(error as Error);
    }
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }

  #settle(answer: Answer): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#resolve?.(answer);
    this.#resolve = undefined;
  }
}

function answerOf(response: IncomingMessage, body: string, isCut: boolean): Answer {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
  return { kind: "answered", status: response.statusCode ?? 0, headers, body, isCut };
}

function timeout(what: string, afterMs: number): Error {
  return coded("ETIMEDOUT", `${what} within ${afterMs} ms`);
}

/** An error with a code as Node's own have it. */
function coded(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code });
}
