/**
 * Calls to the daemon beside the stream of logs, each on a connection of its own. While the daemon is away or in trouble
 * a call is made again until its time is over, and a daemon is started where there is none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PASSING_CODES, WELCOME_WAIT_MS } from "../contract.js";
import { clientFault, StepwellClientError } from "../errors.js";
import { CALL_PAUSE_MS_MAX, CALL_PAUSE_MS_MIN } from "../limits.js";
import type { Message } from "../message.js";
import type { Channel } from "../sender/channel.js";
import { DaemonFinder, type Found } from "../sender/daemon-finder.js";
import type { ClientSettings } from "../settings.js";
import { CallBound, type CallOptions } from "./call-bound.js";
import { Newest } from "./newest.js";

const GET_INFO = "/stepwell.v1.DaemonService/GetInfo";
const UNREACHABLE = "STEPWELL_DAEMON_UNREACHABLE";

/** A call: where it goes, and with what. */
export interface Call {
  readonly path: string;
  readonly request: Uint8Array;
}

/** Makes calls until it is closed. Each rejects with the daemon's error, or with the trouble when its time is over. */
export class Caller {
  readonly #finder: DaemonFinder;
  readonly #ongoing = new Set<CallBound>();
  /** One search for all: each start of a daemon is a process. */
  #finding: Promise<Found> | undefined;
  #isClosed = false;

  constructor(settings: ClientSettings) {
    this.#finder = new DaemonFinder(settings);
  }

  /** Makes a call that changes nothing. */
  ask(call: Call, options: CallOptions = {}): Promise<Message> {
    return this.#within(options, (bound) => this.#repeat(bound, true, asking(call, bound)));
  }

  /** Makes a call that changes something: not a second time where the first may have been carried out. */
  change(call: Call, options: CallOptions = {}): Promise<Message> {
    return this.#within(options, (bound) => this.#repeat(bound, false, asking(call, bound)));
  }

  /** Makes a call whose answer comes in pieces. */
  list({ path, request }: Call, options: CallOptions = {}): Promise<Message[]> {
    return this.#within(options, (bound) =>
      this.#repeat(bound, true, async (channel) => {
        const pieces: Message[] = [];
        await channel.read(path, request, bound.signal, (piece) => pieces.push(piece));
        return pieces;
      }),
    );
  }

  /**
   * Makes a call that is answered again and again, with at most `silentMs` between two answers. It is tried until it has
   * begun; `timeoutMs` bounds that.
   */
  async *watch(call: Call, silentMs: number, options: CallOptions): AsyncGenerator<Message, void> {
    const bound = this.#begin(options);
    let channel: Channel | undefined;
    try {
      channel = await this.#connected(bound);
      bound.stopTimer();
      const newest = new Newest<Message>();
      bound.signal.addEventListener("abort", () => newest.end(bound.signal.reason));
      channel
        .read(call.path, call.request, bound.signal, (answer) => newest.set(answer))
        .then(() => newest.end(unreachable("The daemon ended the watch.")))
        .catch((error: unknown) => newest.end(error));
      for (;;) {
        const answer = await newest.next(silentMs);
        if (answer === undefined) throw unreachable(`The daemon said nothing for ${silentMs} ms.`);
        yield answer;
      }
    } catch (error) {
      throw reasonOf(bound, error);
    } finally {
      bound.abort(undefined);
      channel?.close();
      this.#ended(bound);
    }
  }

  /** Gives up all calls that go on: they reject with STEPWELL_CLIENT_CLOSED. */
  close(): void {
    this.#isClosed = true;
    for (const bound of this.#ongoing) bound.abort(closed());
  }

  async #within<T>(options: CallOptions, work: (bound: CallBound) => Promise<T>): Promise<T> {
    const bound = this.#begin(options);
    try {
      return await work(bound);
    } catch (error) {
      throw reasonOf(bound, error);
    } finally {
      this.#ended(bound);
    }
  }

  #begin(options: CallOptions): CallBound {
    if (this.#isClosed) throw closed();
    const bound = new CallBound(options);
    this.#ongoing.add(bound);
    return bound;
  }

  #ended(bound: CallBound): void {
    bound.release();
    this.#ongoing.delete(bound);
  }

  /** Does something with a connection, and with another one after trouble that passes. */
  async #repeat<T>(
    bound: CallBound,
    isRepeatable: boolean,
    work: (channel: Channel) => Promise<T>,
  ): Promise<T> {
    for (let boundMs = CALL_PAUSE_MS_MIN; ; boundMs = Math.min(CALL_PAUSE_MS_MAX, 2 * boundMs)) {
      const channel = await this.#connected(bound);
      try {
        return await work(channel);
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (!isRepeatable && error.code === UNREACHABLE) {
          bound.trouble = undefined;
          throw withMore(error, "It may have been carried out all the same.");
        }
        await pause(bound, boundMs, error);
      } finally {
        channel.close();
      }
    }
  }

  /** A connection to the daemon of this home. Tries until there is one, or the call is to end. */
  async #connected(bound: CallBound): Promise<Channel> {
    let isSilent = false;
    for (let boundMs = CALL_PAUSE_MS_MIN; ; boundMs = Math.min(CALL_PAUSE_MS_MAX, 2 * boundMs)) {
      try {
        return await this.#connect(isSilent, bound.signal);
      } catch (error) {
        if (!isPassing(error)) throw error;
        isSilent = true;
        await pause(bound, boundMs, error);
      }
    }
  }

  async #connect(isSilent: boolean, signal: AbortSignal): Promise<Channel> {
    this.#finding ??= this.#finder.find(isSilent).finally(() => {
      this.#finding = undefined;
    });
    const found = await unlessAborted(this.#finding, signal);
    if ("fault" in found) throw new StepwellClientError(found.fault);
    // grpc-js takes longer to load than all else of this package, and most programs only log.
    const { Channel: Opened } = await import("../sender/channel.js");
    const channel = new Opened(found.target);
    try {
      const info = await channel.ask(GET_INFO, new Uint8Array(), signal, WELCOME_WAIT_MS);
      const foreign = this.#finder.foreignHome(info.text(6)); // GetInfoResponse.home_id
      if (foreign !== undefined) throw new StepwellClientError(foreign);
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }
}

function asking({ path, request }: Call, { signal }: CallBound): (channel: Channel) => Promise<Message> {
  return (channel) => channel.ask(path, request, signal);
}

function isPassing(error: unknown): error is StepwellClientError {
  return error instanceof StepwellClientError && PASSING_CODES.has(error.code);
}

/** Waits before the next try. Throws when the call is to end meanwhile. */
async function pause(bound: CallBound, boundMs: number, trouble: StepwellClientError): Promise<void> {
  // That a call was ended is no trouble of the daemon's.
  if (!bound.signal.aborted || bound.trouble === undefined) bound.trouble = trouble;
  await sleep(Math.random() * boundMs, undefined, { signal: bound.signal });
}

/** What something answers that does not end by the signal. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(unreachable("No daemon was found yet."));
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

/** Why a call ended: what its caller gave it up for, or its last trouble with the time that it took. */
function reasonOf({ signal, isOverdue, timeoutMs, trouble }: CallBound, error: unknown): unknown {
  if (!signal.aborted) return error;
  if (!isOverdue) return signal.reason;
  return withMore(trouble ?? error, `It was tried for ${timeoutMs} ms.`);
}

function withMore(error: unknown, sentence: string): unknown {
  if (!(error instanceof StepwellClientError)) return error;
  const { code, remedy } = error;
  return new StepwellClientError({ code, sentence: `${error.sentence} ${sentence}`, remedy });
}

function unreachable(sentence: string): StepwellClientError {
  return new StepwellClientError(clientFault(UNREACHABLE, sentence));
}

function closed(): StepwellClientError {
  return new StepwellClientError("STEPWELL_CLIENT_CLOSED", "This client was closed.");
}
