/**
 * One producer's stream, from Hello to Close: order, acknowledgements, refusals.
 *
 *   greeting -> open -> ending -> over
 *
 * Batches are taken in their order, prepared at the same time and appended in their order.
 * An acknowledgement is written only after the journal said that the batch is on disk;
 * what is appended and not yet journaled is never acknowledged, whatever asks for it.
 */
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { AckLevel, type IngestResponse } from "../gen/stepwell/v1/ingest.js";
import type { ProducerMark } from "../journal/mark.js";
import { isId } from "../model/id.js";
import { MESSAGE_BYTES_MAX, PENDING_BYTES_MAX, UNACKNOWLEDGED_BYTES_MAX } from "../model/limits.js";
import type { ProcessId } from "../model/process.js";
import type { Door, Ticket } from "./door.js";
import { decodeHello, type Message, readBatch, readMessage } from "./message.js";
import { Pipeline } from "./pipeline.js";
import { processOf } from "./process-of.js";
import type { Reception } from "./reception.js";
import { rejectionOf } from "./rejection.js";

/** The stream, as the session sees it. */
export interface SessionPort {
  /** Answers whether the client takes more answers now; drained() is called when it does again. */
  send(response: IngestResponse): boolean;
  /** Ends the stream, with an error or well. */
  end(error?: StepwellError): void;
  /** Stops and resumes what the client may send. */
  setPaused(paused: boolean): void;
  /** A message of so many bytes is appended, refused or dropped. */
  taken(bytes: number): void;
}

export class Session {
  readonly #door: Door;
  readonly #reception: Reception;
  readonly #port: SessionPort;
  #state: "greeting" | "open" | "ending" | "over" = "greeting";
  #queue: Uint8Array[] = [];
  readonly #pipeline: Pipeline;
  /** Bytes of the messages that are being prepared, in their order. */
  #preparing: number[] = [];
  #isBusy = false;
  #isPaused = false;
  /** The client does not read its answers: nothing more is read of it, and of the acknowledgements that wait the last one counts. */
  #isClogged = false;
  #producerId = "";
  #process: ProcessId | undefined;
  #epoch = 0n;
  /** The run of its first entries. */
  #runId = "";
  /** Sequences through these: taken to be prepared, appended, on disk, told. */
  #taken = 0;
  #appended = 0;
  #journaled = 0;
  #acknowledged = 0;
  #duplicates = 0;
  #rewoundTo = 0;
  #ackScheduled = false;
  #isClosed = false;
  #isGone = false;
  #ending: StepwellError | undefined;

  constructor(door: Door, reception: Reception, port: SessionPort) {
    this.#door = door;
    this.#reception = reception;
    this.#port = port;
    this.#pipeline = new Pipeline({
      ready: (sequence, ticket) => this.#appendOrFail(sequence, ticket),
      failed: (error) => this.stop(toStepwellError(error)),
      room: () => this.#resume(),
    });
  }

  /** One message of the client, as bytes of an IngestRequest. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "ending" || this.#state === "over") return;
    if (bytes.length > MESSAGE_BYTES_MAX) {
      const sentence = `A message has ${bytes.length} bytes; ${MESSAGE_BYTES_MAX} are allowed.`;
      return this.stop(new StepwellError("STEPWELL_MESSAGE_TOO_LARGE", sentence));
    }
    this.#queue.push(bytes);
    if (!this.#isBusy) void this.#work();
    this.#balance();
  }

  /** The client reads its answers again. */
  drained(): void {
    this.#isClogged = false;
    this.#acknowledge();
    this.#resume();
  }

  /** The client ended its side: what it sent is worked off, then the stream ends. */
  finish(): void {
    this.stop(undefined);
  }

  /** The connection is gone. What arrived is worked off all the same: its client may never send it again. */
  disconnected(): void {
    this.#isGone = true;
    this.stop(undefined);
  }

  /**
   * Ends the stream once what was appended is acknowledged. Without an error all that
   * arrived is worked off first.
   */
  stop(error: StepwellError | undefined): void {
    if (error) this.#queue = [];
    this.#ending ??= error;
    if (this.#state !== "over") this.#state = "ending";
    this.#endWhenSettled();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (!this.#pipeline.isFull && !(this.#isClogged && this.#state === "open")) {
        const bytes = this.#queue.shift();
        if (!bytes) break;
        const before = this.#taken;
        const working = this.#handle(readMessage(bytes), bytes.length);
        if (working) await working;
        if (this.#taken === before || working) this.#port.taken(bytes.length);
      }
    } catch (error) {
      this.stop(toStepwellError(error));
    } finally {
      this.#isBusy = false;
      this.#balance();
      this.#endWhenSettled();
    }
  }

  /** Goes on with what arrived while too much was being prepared. */
  #resume(): void {
    if (this.#isBusy) return;
    if (this.#queue.length > 0) return void this.#work();
    this.#balance();
    this.#endWhenSettled();
  }

  #handle(message: Message, bytes: number): Promise<void> | undefined {
    if (this.#state === "over") return undefined;
    if (this.#state === "greeting") return this.#greet(message);
    if (message.kind === "batch") this.#take(message.bytes, bytes);
    if (message.kind === "close") this.#isClosed = true;
    return undefined;
  }

  async #greet(message: Message): Promise<void> {
    const hello = message.kind === "hello" ? decodeHello(message.bytes) : undefined;
    if (!hello)
      throw new StepwellError("STEPWELL_HANDSHAKE_INVALID", "The first request is not a valid Hello.");
    this.#producerId = Buffer.from(hello.producerId).toString("hex");
    this.#epoch = hello.epoch;
    this.#process = processOf(hello.process, this.#producerId);
    const mark = await this.#reception.welcome(this, hello, this.#producerId);
    if (this.#state === "over") return;
    this.#taken = this.#appended = this.#journaled = this.#acknowledged = mark.sequence;
    if (this.#state === "greeting") this.#state = "open";
    this.#send({
      message: {
        $case: "welcome",
        value: {
          ...this.#reception.daemon(),
          journaledSequence: BigInt(mark.sequence),
          unacknowledgedBytesMax: BigInt(UNACKNOWLEDGED_BYTES_MAX),
          messageBytesMax: MESSAGE_BYTES_MAX,
        },
      },
    });
  }

  #take(bytes: Uint8Array, messageBytes: number): void {
    const batch = readBatch(bytes);
    const sequence = Number(batch.sequence);
    if (sequence <= this.#taken) {
      this.#duplicates += 1;
      this.#door.countDuplicate();
      this.#scheduleAck();
      return;
    }
    if (sequence > this.#taken + 1) return this.#rewind();
    if (this.#door.fullness) throw this.#door.fullness;
    if (this.#runId === "" && isId(batch.runId)) {
      this.#runId = batch.runId;
      this.#reception.sends(this.#producerId, this.#runId);
    }
    const preparing = this.#door.prepare(batch, bytes, this.#process);
    this.#taken = sequence;
    this.#preparing.push(messageBytes);
    this.#pipeline.push(sequence, bytes.length, preparing);
  }

  #appendOrFail(sequence: number, ticket: Ticket): void {
    try {
      this.#append(sequence, ticket);
    } catch (error) {
      this.#fail(toStepwellError(error));
    }
  }

  #append(sequence: number, ticket: Ticket): void {
    // A stream with a higher epoch may have taken over while the batch was prepared.
    if (!this.#reception.isCurrent(this, this.#producerId)) return ticket.letGo();
    this.#appended = sequence;
    this.#port.taken(this.#preparing.shift() ?? 0);
    for (const refusal of ticket.refusals) this.#send(rejectionOf(sequence, refusal));
    const mark: ProducerMark = { epoch: this.#epoch, sequence };
    this.#door.append(
      ticket,
      { producerId: this.#producerId, mark },
      {
        journaled: () => {
          this.#journaled = sequence;
          this.#scheduleAck();
        },
        failed: (error) => this.#fail(error),
      },
    );
  }

  #rewind(): void {
    const expected = this.#taken + 1;
    // One gap makes every batch behind it early: it is answered once.
    if (this.#rewoundTo === expected) return;
    this.#rewoundTo = expected;
    this.#send({ message: { $case: "rewind", value: { expectedSequence: BigInt(expected) } } });
  }

  /** All batches that one fsync brought to disk are answered by one Ack. */
  #scheduleAck(): void {
    if (this.#ackScheduled) return;
    this.#ackScheduled = true;
    setImmediate(() => {
      this.#ackScheduled = false;
      this.#acknowledge();
      this.#balance();
      this.#endWhenSettled();
    });
  }

  #acknowledge(): void {
    if (this.#state === "over" || (this.#isClogged && this.#state === "open")) return;
    if (this.#journaled === this.#acknowledged && this.#duplicates === 0) return;
    this.#acknowledged = this.#journaled;
    const value = {
      sequence: BigInt(this.#journaled),
      level: AckLevel.ACK_LEVEL_JOURNALED,
      duplicateBatches: this.#duplicates,
    };
    this.#duplicates = 0;
    this.#send({ message: { $case: "ack", value } });
  }

  /** The journal may be open again before what is being prepared is ready: it would be there without what failed. */
  #fail(error: StepwellError): void {
    this.#pipeline.drop();
    this.#appended = this.#journaled;
    this.stop(error);
    this.#endWhenSettled();
  }

  #endWhenSettled(): void {
    if (this.#state !== "ending" || this.#isBusy || this.#queue.length > 0) return;
    if (!this.#pipeline.isEmpty || this.#journaled < this.#appended) return;
    this.#acknowledge();
    this.#over();
    if (!this.#isGone) this.#port.end(this.#ending);
  }

  #send(response: IngestResponse): void {
    if (!this.#isGone && !this.#port.send(response)) this.#isClogged = true;
  }

  #over(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    if (this.#producerId) this.#reception.leave(this, this.#producerId, this.#isClosed ? "closed" : "ended");
  }

  #balance(): void {
    const isMuch = this.#pipeline.isFull || this.#door.pendingBytes > PENDING_BYTES_MAX;
    const isFull = this.#isBusy || this.#isClogged || isMuch;
    if (isFull === this.#isPaused || this.#state === "over" || this.#isGone) return;
    // Paused without anything of its own under way nothing would ever wake this stream.
    const isQuiet = !this.#isBusy && this.#pipeline.isEmpty && this.#journaled === this.#appended;
    if (isFull && isQuiet && !this.#isClogged) return;
    this.#isPaused = isFull;
    this.#port.setPaused(isFull);
  }
}
