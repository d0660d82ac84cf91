/**
 * The reception: decides, at Hello, which stream speaks for a producer.
 *
 * Of two streams of one producer the higher epoch wins and the other is fenced. The
 * welcome comes after a mark with the new epoch is on disk: the journal writes in
 * order, so that all that the old stream appended is there by then and is counted.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Hello } from "../gen/stepwell/v1/ingest.js";
import { appended } from "../journal/append.js";
import type { Journal } from "../journal/journal.js";
import { laterMark, type ProducerMark } from "../journal/mark.js";
import { ENDED_PRODUCERS_SHOWN } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { ProcessId } from "../model/process.js";
import type { DoorCounts } from "../runs/door-counts.js";
import { processOf } from "./process-of.js";
import type { EndedProducer, Ending, ProducerIdentity, Producers } from "./producers.js";

const PROTOCOL_VERSION = 1;
const PRODUCER_ID_BYTES = 16;

export interface ReceptionOptions {
  readonly journal: Journal;
  readonly producers: Producers;
  readonly counts: DoorCounts;
  readonly log: Log;
  readonly daemonVersion: string;
  /** Asked each time: the home may take a new id. */
  readonly homeId: () => string;
  /** Told of each process that opens a stream, and when one of its streams is over. */
  readonly presence: {
    connected(process: ProcessId): Promise<void>;
    disconnected(process: ProcessId): void;
  };
}

/** The stream that speaks for a producer, as the reception sees it. */
export interface ProducerStream {
  /** Ends it; without an error once what arrived is worked off. */
  stop(error: StepwellError | undefined): void;
}

/** The daemon's own word for a producer whose process is gone. */
export interface Adoption {
  readonly producerId: string;
  /** How far its batches are journaled, and the epoch of its last stream. */
  readonly mark: ProducerMark;
  /** Whether nobody else has spoken for it since. */
  isCurrent(): boolean;
  end(presence: Ending): void;
}

export class Reception {
  /** What every Welcome says of this daemon. */
  readonly daemon: () => {
    readonly protocolVersion: number;
    readonly daemonVersion: string;
    readonly homeId: string;
  };
  readonly #options: ReceptionOptions;
  readonly #current = new Map<string, ProducerStream>();
  readonly #processes = new Map<ProducerStream, ProcessId>();
  readonly #noting = new Set<Promise<void>>();
  #isClosing = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    const { daemonVersion, homeId } = options;
    this.daemon = () => ({ protocolVersion: PROTOCOL_VERSION, daemonVersion, homeId: homeId() });
  }

  /** Streams that are open. */
  get connected(): number {
    return this.#current.size;
  }

  get endedWithoutClosing(): number {
    return this.#options.producers.endedWithoutClosing;
  }

  /** Those of them that ended last, the newest first. */
  get lastEnded(): EndedProducer[] {
    return this.#options.producers.lastEnded(ENDED_PRODUCERS_SHOWN);
  }

  isCurrent(session: ProducerStream, producerId: string): boolean {
    return this.#current.get(producerId) === session;
  }

  /** Makes this session the producer's only one; answers where it goes on. Throws what ends the stream. */
  async welcome(session: ProducerStream, hello: Hello, producerId: string): Promise<ProducerMark> {
    this.#check(hello);
    const { journal, producers, counts, log } = this.#options;
    const before = await this.#markOf(producerId);
    if (before && hello.epoch <= before.epoch) throw fenced();
    const held = Number(hello.firstUnacknowledgedSequence) - 1;
    const sequence = Math.max(before?.sequence ?? 0, held);
    const found = before?.sequence ?? 0;
    if (held > found) {
      counts.add("producersWithLosses", 1);
      log("error", "a producer was acknowledged more than this home has", {
        producerId,
        acknowledged: held,
        found,
      });
    }
    this.#current.get(producerId)?.stop(fenced());
    this.#current.set(producerId, session);
    const mark: ProducerMark = { epoch: hello.epoch, sequence };
    await appended(journal, [], { producerId, mark });
    const { clientName, clientVersion, process } = hello;
    const who = processOf(process, producerId);
    if (who && this.isCurrent(session, producerId)) {
      this.#processes.set(session, who);
      await this.#options.presence.connected(who);
    }
    // A stream that is gone by now was noted as over already.
    if (this.isCurrent(session, producerId))
      await producers.connected({ producerId, clientName, clientVersion, process });
    return mark;
  }

  /**
   * Lets the daemon itself speak for a producer whose process is gone; undefined while a stream does, and when the
   * daemon ends. A stream that comes meanwhile takes over: it need have no other epoch than it would have had. One of a
   * process that can't come back is ended: a forked child may hold it open for long. Throws where the journal has no room.
   */
  async adopt(who: ProducerIdentity, canComeBack: boolean): Promise<Adoption | undefined> {
    const { producerId } = who;
    if (this.#isClosing) return undefined;
    const mark = (await this.#markOf(producerId)) ?? { epoch: 0n, sequence: 0 };
    const current = this.#current.get(producerId);
    if (current) {
      // What it appended is journaled before the next look.
      if (!canComeBack) current.stop(fenced());
      return undefined;
    }
    const stream: ProducerStream = { stop: () => undefined };
    this.#current.set(producerId, stream);
    const end = (presence: Ending) => this.leave(stream, producerId, presence);
    try {
      await this.#options.producers.connected(who);
    } catch (error) {
      end("ended");
      throw error;
    }
    return { producerId, mark, isCurrent: () => !this.#isClosing && this.isCurrent(stream, producerId), end };
  }

  /** A session has entries of a run. */
  sends(producerId: string, runId: string): void {
    this.#note(this.#options.producers.sends(producerId, runId), producerId);
  }

  /** A session is over. */
  leave(session: ProducerStream, producerId: string, presence: Ending): void {
    const process = this.#processes.get(session);
    if (process) this.#options.presence.disconnected(process);
    this.#processes.delete(session);
    if (!this.isCurrent(session, producerId)) return;
    this.#current.delete(producerId);
    this.#note(this.#options.producers.disconnected(producerId, presence), producerId);
  }

  /** Ends every stream with its last acknowledgement and takes no new ones. */
  close(): void {
    this.#isClosing = true;
    for (const session of this.#current.values()) session.stop(stopping());
  }

  /** Waits until what is known of producers is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#noting);
  }

  /** How far a producer's batches are journaled. Throws where the journal has no room for more. */
  async #markOf(producerId: string): Promise<ProducerMark | undefined> {
    const { journal, producers } = this.#options;
    const full = await journal.checkRoom();
    if (full) throw full;
    const retired = await producers.retiredMark(producerId);
    const journaled = journal.mark(producerId);
    // Either may be the newer one: an old segment can outlive the one with the last mark.
    return retired && journaled ? laterMark(retired, journaled) : (retired ?? journaled);
  }

  #note(noting: Promise<void>, producerId: string): void {
    const noted = noting.catch((error: unknown) => {
      this.#options.log("warn", "what is known of a producer could not be recorded", {
        producerId,
        reason: String(error),
      });
    });
    this.#noting.add(noted);
    void noted.finally(() => this.#noting.delete(noted));
  }

  #check(hello: Hello): void {
    if (this.#isClosing) throw stopping();
    if (hello.protocolVersion !== PROTOCOL_VERSION) {
      const sentence = `The client speaks protocol ${hello.protocolVersion}, this daemon ${PROTOCOL_VERSION}.`;
      throw new StepwellError("STEPWELL_VERSION_MISMATCH", sentence);
    }
    const isValid =
      hello.producerId.length === PRODUCER_ID_BYTES &&
      hello.epoch > 0n &&
      hello.firstUnacknowledgedSequence > 0n &&
      hello.firstUnacknowledgedSequence <= BigInt(Number.MAX_SAFE_INTEGER) &&
      hello.clientName.length <= 64 &&
      hello.clientVersion.length <= 64;
    if (!isValid)
      throw new StepwellError("STEPWELL_HANDSHAKE_INVALID", "The Hello holds a value that is out of range.");
  }
}

function fenced(): StepwellError {
  return new StepwellError(
    "STEPWELL_PRODUCER_FENCED",
    "A stream with a higher epoch speaks for this producer.",
  );
}

function stopping(): StepwellError {
  return new StepwellError("STEPWELL_DAEMON_STOPPING", "The daemon is stopping.");
}
