/**
 * The producer: keeps one stream to the daemon open, whatever happens to either.
 *
 * A stream ends in an error, or answers nothing: the next one is opened after a pause
 * drawn at random (full jitter), with a higher epoch. The daemon's Welcome says what is on
 * disk; the rest is sent again in order, so that nothing is lost or doubled.
 */
import {
  CLOSE_WAIT_MS,
  FINAL_CODES,
  RECONNECT_WAIT_MS_MAX,
  RECONNECT_WAIT_MS_MIN,
  UNREACHABLE_WARNING_MS,
  UNSAFE_CODES,
  WELCOME_WAIT_MS,
} from "../contract.js";
import type { Counters } from "../counters.js";
import { clientFault, type Fault } from "../errors.js";
import type { EndedRun } from "../notices.js";
import type { EncodedBatch } from "../run-buffer.js";
import { type Answer, encodeHello, type ProcessIdentity, type Rejection, type ToldRun } from "../wire.js";
import type { DaemonFinder } from "./daemon-finder.js";
import { Endings } from "./endings.js";
import { type Acknowledged, Outbox } from "./outbox.js";
import { entryName } from "./refused-entry.js";
import type { Report } from "./report.js";
import { openStream, type Stream } from "./stream.js";

type State =
  | { readonly name: "finding" }
  | { readonly name: "greeting"; readonly stream: Stream; readonly timer: NodeJS.Timeout }
  | { readonly name: "streaming"; readonly stream: Stream }
  | { readonly name: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly name: "closing"; readonly stream: Stream; readonly timer: NodeJS.Timeout }
  | { readonly name: "ended" };

/** What a sender needs. */
export interface SenderParts {
  readonly finder: DaemonFinder;
  readonly counters: Counters;
  readonly producerId: Uint8Array;
  readonly process: ProcessIdentity;
  readonly clientVersion: string;
  readonly report: (report: Report) => void;
  /** Called once, after close() or a failure. */
  readonly onEnded: () => void;
}

/** Sends batches until it is closed. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #outbox = new Outbox();
  readonly #warned = new Set<string>();
  readonly #endings = new Endings((runId) => this.#ask(runId));
  #state: State = { name: "finding" };
  #epoch = 0;
  #homeId: string | undefined;
  #failures = 0;
  #unreachableSinceMs: number | undefined;
  #isSilent = false;
  #isClosing = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#connect();
  }

  /** Takes a batch for sending; its sequence is one above the last. */
  add(batch: EncodedBatch): void {
    if (this.#state.name === "ended") return;
    this.#outbox.add(batch);
    this.#pump();
  }

  /** Has people told what became of a run, once the daemon has its end. */
  tell(run: EndedRun): void {
    this.#endings.add(run);
  }

  /** Sends what is left, ends the producer and then the sender. */
  close(): void {
    this.#isClosing = true;
    this.#pump();
  }

  #connect(): void {
    this.#state = { name: "finding" };
    this.#parts.finder.find(this.#isSilent).then(
      (found) => {
        if ("target" in found) this.#greet(found.target);
        else this.#retry(found.fault);
      },
      (error: unknown) => this.#fail(clientFault("STEPWELL_INTERNAL", String(error))),
    );
  }

  #greet(target: string): void {
    this.#epoch++;
    const hello = encodeHello({
      clientName: "typescript",
      clientVersion: this.#parts.clientVersion,
      producerId: this.#parts.producerId,
      epoch: this.#epoch,
      firstUnacknowledgedSequence: this.#outbox.firstUnacknowledgedSequence,
      process: this.#parts.process,
    });
    const stream = openStream(target, hello, {
      onAnswer: (answer) => this.#answered(answer),
      onEnd: (reason) => this.#ended(reason),
    });
    const timer = setTimeout(() => {
      stream.abandon();
      this.#ended(
        clientFault("STEPWELL_DAEMON_UNREACHABLE", `${target} did not answer in ${WELCOME_WAIT_MS} ms.`),
      );
    }, WELCOME_WAIT_MS);
    this.#state = { name: "greeting", stream, timer };
  }

  #answered(answer: Answer): void {
    switch (answer.kind) {
      case "welcome":
        this.#welcomed(answer);
        break;
      case "ack":
        this.#failures = 0;
        this.#settle(this.#outbox.acknowledge(answer.sequence));
        break;
      case "rejection":
        this.#rejected(answer);
        break;
      case "rewind":
        this.#outbox.rewind(answer.expectedSequence);
        break;
      case "unknown":
        return;
    }
    this.#pump();
  }

  #welcomed(welcome: Extract<Answer, { kind: "welcome" }>): void {
    if (this.#state.name !== "greeting") return;
    const foreign = this.#parts.finder.foreignHome(welcome.homeId);
    if (foreign !== undefined) {
      this.#state.stream.abandon();
      this.#ended(foreign);
      return;
    }
    clearTimeout(this.#state.timer);
    this.#state = { name: "streaming", stream: this.#state.stream };
    this.#isSilent = false;
    this.#unreachableSinceMs = undefined;
    const { counters, report } = this.#parts;
    counters.add("connects", 1);
    counters.set("messageBytesMax", Math.min(welcome.messageBytesMax, welcome.unacknowledgedBytesMax));
    this.#settle(this.#outbox.welcome(welcome.journaledSequence, welcome.unacknowledgedBytesMax));
    if (this.#homeId !== undefined && this.#homeId !== welcome.homeId) {
      report({ kind: "homeChanged" });
      const sentence = `The home has another id than before, ${welcome.homeId} instead of ${this.#homeId}: its open runs were begun again, and what was acknowledged before may not be in it.`;
      report({ kind: "warning", fault: clientFault("STEPWELL_HOME_CHANGED", sentence) });
    }
    this.#homeId = welcome.homeId;
    report({ kind: "trouble", fault: undefined });
    report({ kind: "welcomed" });
  }

  /** Sends what the window allows; closes when that was asked for and nothing is left. */
  #pump(): void {
    if (this.#state.name !== "streaming") return;
    const { stream } = this.#state;
    for (let next = this.#outbox.take(); next !== undefined; next = this.#outbox.take()) {
      stream.send(next.batch.bytes);
      if (!next.isFirst) continue;
      this.#parts.counters.add("sentEntries", next.batch.entries);
      this.#parts.counters.add("sentPoints", next.batch.points);
    }
    if (!this.#isClosing || !this.#outbox.isEmpty) return;
    const timer = setTimeout(() => this.#end(), CLOSE_WAIT_MS);
    this.#state = { name: "closing", stream, timer };
    if (this.#endings.isEmpty) stream.close();
    else void this.#endings.tellAll().then(() => stream.close());
  }

  async #ask(runId: string): Promise<ToldRun> {
    if (this.#state.name !== "streaming" && this.#state.name !== "closing") throw new Error("no stream");
    return await this.#state.stream.ask(runId);
  }

  #settle(acknowledged: Acknowledged): void {
    const { counters } = this.#parts;
    counters.add("acknowledgedBytes", acknowledged.bytes);
    counters.add("acknowledgedEntries", acknowledged.entries);
    counters.add("acknowledgedPoints", acknowledged.points);
    counters.set("acknowledgedSequence", this.#outbox.firstUnacknowledgedSequence - 1);
    counters.changed();
  }

  #rejected(rejection: Rejection): void {
    const { entries, batch } = this.#outbox.reject(rejection);
    this.#parts.counters.add("rejectedEntries", entries);
    const name = batch === undefined ? "an entry" : entryName(batch.bytes, rejection);
    const { code, message, remedy } = rejection;
    this.#warnOnce(code, { code, sentence: `The daemon refused ${name}: ${message}`, remedy });
  }

  /** A stream ended; not called for one that was abandoned. */
  #ended(reason: Fault): void {
    const state = this.#state;
    if ("timer" in state) clearTimeout(state.timer);
    if (state.name === "closing") this.#end();
    else if (FINAL_CODES.has(reason.code)) this.#fail(reason);
    else {
      if (state.name === "greeting") this.#isSilent = true;
      this.#retry(reason);
    }
  }

  #retry(reason: Fault): void {
    const nowMs = performance.now();
    this.#unreachableSinceMs ??= nowMs;
    this.#parts.report({ kind: "trouble", fault: reason });
    const isLong = nowMs - this.#unreachableSinceMs >= (reason.patienceMs ?? UNREACHABLE_WARNING_MS);
    if (isLong || UNSAFE_CODES.has(reason.code)) this.#warnOnce(reason.code, reason);
    const boundMs = Math.min(RECONNECT_WAIT_MS_MAX, RECONNECT_WAIT_MS_MIN * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    this.#state = { name: "waiting", timer: setTimeout(() => this.#connect(), Math.random() * boundMs) };
  }

  /** The first of its code: a refused key is often refused at every step. */
  #warnOnce(code: string, fault: Fault): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#parts.report({ kind: "warning", fault });
  }

  #fail(fault: Fault): void {
    this.#parts.counters.set("failed", 1);
    this.#parts.counters.changed();
    this.#parts.report({ kind: "failed", fault });
    this.#end();
  }

  #end(): void {
    if (this.#state.name === "ended") return;
    if ("timer" in this.#state) clearTimeout(this.#state.timer);
    if ("stream" in this.#state) this.#state.stream.abandon();
    this.#state = { name: "ended" };
    this.#parts.onEnded();
  }
}
