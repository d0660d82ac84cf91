/**
 * One home's stream at a relay.
 *
 *   greeting -> open       RelayOpen came, and was answered
 *   open     -> draining   the relay asked for an end; what comes is still taken
 *   any      -> ended      the home ended its side and has all outcomes, or the stream is gone, or was at fault
 *
 * It is not read while packs without an outcome fill its window, or its home reads nothing: HTTP/2 stops the sender then.
 */
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { DeliverResponse, RelayBackend, RelayOpen, RelayPack } from "../gen/stepwell/v1/relay.js";
import type { Clock } from "../model/clock.js";
import { RELAY_MESSAGE_BYTES_MAX, RELAY_PACK_BYTES } from "../model/relay-limits.js";
import { VERSION } from "../model/version.js";
import type { Caller } from "./access/callers.js";
import { judgePack } from "./access/judge-pack.js";
import type { GroupWriter, PackAnswer } from "./group-writer.js";
import type { Queries } from "./queries.js";
import { agreedProtocol, malformed, readRequest } from "./requests.js";
import { outcomeResponse } from "./responses.js";
import { SessionQuestions } from "./session-questions.js";
import { StreamWindow } from "./stream-window.js";

/** What the session does with its stream. */
export interface SessionStream {
  /** Whether more may be written; if not, `drained` is called once it may. */
  send(response: DeliverResponse): boolean;
  /** Ends the call, behind everything that was sent. */
  end(error?: StepwellError): void;
  setPaused(paused: boolean): void;
  /** What its caller may do by now. Throws where that is nothing. */
  judge(): Caller;
  /** A message of so many bytes takes no memory any more. */
  taken(bytes: number): void;
}

/** What sessions share. */
export interface SessionParts {
  readonly relayId: string;
  readonly writer: GroupWriter;
  readonly queries: Queries;
  /** What is known of the backend now. */
  readonly backend: () => RelayBackend;
  /** Bytes that a stream may have without an outcome now. */
  readonly windowBytes: () => number;
  readonly clock: Clock;
}

export class Session {
  /** Whose stream it is. */
  caller: Caller;
  readonly #parts: SessionParts;
  readonly #stream: SessionStream;
  #state: "greeting" | "open" | "draining" | "ended" = "greeting";
  #homeId = "";
  #lastNumber = 0n;
  readonly #window = new StreamWindow();
  readonly #questions: SessionQuestions;
  #isPaused = false;
  #mayWrite = true;
  #hasFinished = false;
  /** Why it ends as soon as nothing of it is being written. */
  #expired: StepwellError | undefined;

  constructor(parts: SessionParts, stream: SessionStream, caller: Caller) {
    this.caller = caller;
    this.#parts = parts;
    this.#stream = stream;
    this.#questions = new SessionQuestions(parts.queries, {
      asker: () => ({ homeId: this.#homeId, rights: this.caller.rights }),
      answer: (message) => {
        if (this.#state === "ended") return;
        this.#send(message);
        this.#endWhenDone();
      },
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Takes one message. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "ended") return this.#stream.taken(bytes.length);
    let isKept = false;
    try {
      isKept = this.#take(bytes);
    } catch (error) {
      this.stop(toStepwellError(error));
    }
    if (!isKept) this.#stream.taken(bytes.length);
    this.#pace();
  }

  /** The home's side is over. */
  finish(): void {
    this.#hasFinished = true;
    this.#endWhenDone();
  }

  /** The stream reads again what it is told. */
  drained(): void {
    this.#mayWrite = true;
    this.#pace();
  }

  /** The stream is gone: nobody waits for its outcomes. */
  disconnected(): void {
    this.#state = "ended";
    this.#parts.writer.dropGone();
  }

  /** Ends it with an error. */
  stop(error: StepwellError): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#stream.end(error);
    this.#parts.writer.dropGone();
  }

  /** Its time is over: what waits has to come again, and what is being written is answered before the end. */
  expire(error: StepwellError): void {
    if (this.#state === "ended") return;
    this.#expired = error;
    const waiting = this.#parts.writer.takeOut(({ session }) => session === this);
    for (const { answer } of waiting) answer(this.#comeAgain(error));
    this.#endWhenDone();
  }

  /** Asks the home to go on over another stream. */
  drain(withinMs: number): void {
    if (this.#state !== "open") return;
    this.#state = "draining";
    this.#send({ $case: "drain", value: { withinMs } });
  }

  /** Tells another window. */
  credit(windowBytes: number): void {
    if (this.#state !== "open" && this.#state !== "draining") return;
    this.#window.shareBytes = windowBytes;
    this.#credit(0);
  }

  /** Its tenant is over its limit, or is not any more: at most so many bytes under way, and nothing new for a while. */
  slow(windowBytes: number, retryAfterMs: number): void {
    if (this.#state !== "open" && this.#state !== "draining") return;
    this.#window.paceBytes = windowBytes;
    this.#credit(retryAfterMs);
  }

  /** Tells what the backend is now. */
  tellBackend(): void {
    if (this.#state === "open") this.#send({ $case: "backend", value: this.#parts.backend() });
  }

  /** Whether the message's memory stays: it is a pack that waits. */
  #take(bytes: Uint8Array): boolean {
    const message = readRequest(bytes);
    if (this.#state === "greeting") {
      if (message?.$case !== "open")
        throw new StepwellError("STEPWELL_HANDSHAKE_INVALID", "The first request is no RelayOpen.");
      this.#open(message.value);
      return false;
    }
    switch (message?.$case) {
      case "pack":
        this.#pack(message.value, bytes.length);
        return true;
      case "cursorQuery":
        this.#questions.query(message.value);
        return false;
      case "look":
        this.#questions.look(message.value.number);
        return false;
      case "open":
        throw malformed("RelayOpen came twice.");
      case "close":
      case undefined:
        // A newer daemon's, or that it goes for good: there is nothing to forget.
        return false;
    }
  }

  #open(open: RelayOpen): void {
    const protocol = agreedProtocol(open);
    // From here on it hears of changes; what was changed since it was let in it hears of now.
    this.caller = this.#stream.judge();
    this.#homeId = open.homeId;
    this.#state = "open";
    this.#window.shareBytes = this.#parts.windowBytes();
    this.#send({
      $case: "welcome",
      value: {
        protocol,
        relayVersion: VERSION,
        relayId: this.#parts.relayId,
        windowBytes: BigInt(this.#window.mayHaveBytes),
        messageBytesMax: RELAY_MESSAGE_BYTES_MAX,
        backend: this.#parts.backend(),
      },
    });
  }

  #pack(message: RelayPack, messageBytes: number): void {
    const { number } = message;
    if (number !== this.#lastNumber + 1n)
      throw malformed(`The pack ${number} does not follow ${this.#lastNumber}.`);
    this.#lastNumber = number;
    const counted = messageBytes + RELAY_PACK_BYTES;
    this.#window.add(counted);
    const answer = (said: PackAnswer) => this.#answer(number, counted, messageBytes, said);
    const judged = judgePack(message, this.#homeId, this.caller);
    if (this.#expired) return answer(this.#comeAgain(this.#expired));
    if ("outcome" in judged) return answer(this.#parts.writer.refuse(judged.outcome));
    const { read } = judged;
    this.#parts.writer.add({
      ...{
        tenant: this.caller.tenant.name,
        flow: this.#homeId,
        key: `${this.#homeId}/${read.pack.runId}`,
        session: this,
        bytes: counted,
        answer,
        read,
      },
      ...{ points: read.pack.metrics.values.length, sinceMs: this.#parts.clock.monotonicMs() },
      isGone: () => this.#state === "ended",
      drop: () => this.#stream.taken(messageBytes),
    });
  }

  #answer(number: bigint, counted: number, messageBytes: number, said: PackAnswer): void {
    this.#window.remove(counted);
    this.#stream.taken(messageBytes);
    if (this.#state === "ended") return;
    this.#send(outcomeResponse(number, said));
    this.#pace();
    this.#endWhenDone();
  }

  #send(message: DeliverResponse["message"]): void {
    this.#mayWrite = this.#stream.send({ message });
  }

  #credit(retryAfterMs: number): void {
    this.#send({ $case: "credit", value: { windowBytes: BigInt(this.#window.mayHaveBytes), retryAfterMs } });
    this.#pace();
  }

  /** Reads no more than there is room for. */
  #pace(): void {
    if (this.#state === "ended") return;
    const paused = this.#window.isFull || !this.#mayWrite;
    if (paused === this.#isPaused) return;
    this.#isPaused = paused;
    this.#stream.setPaused(paused);
  }

  #endWhenDone(): void {
    if (this.#window.packs > 0 || this.#questions.waiting > 0 || this.#state === "ended") return;
    if (!this.#hasFinished) {
      if (this.#expired) this.stop(this.#expired);
      return;
    }
    this.#state = "ended";
    this.#stream.end();
  }

  /** Of a pack that was not begun: over another stream it is taken. */
  #comeAgain({ code, message: reason }: StepwellError): PackAnswer {
    return this.#parts.writer.refuse({ kind: "retry", scope: "run", code, reason });
  }
}
