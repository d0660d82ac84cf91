/**
 * What streams have sent and the journal has not taken yet, bounded over all of them together.
 *
 * gRPC gathers a message until it is whole, and reads messages ahead of whoever takes them; each stream alone may
 * hold several. So what a stream has sent is counted as it comes over the wire, until it was appended, refused or
 * dropped. Above a bound of its own, or of all, a stream is not read, and HTTP/2 stops its sender. Above that of
 * all, small messages still pass, and the oldest of the large ones, so that there is an end to it; one that makes no
 * progress while others wait for its place is ended, and its client sends it again.
 */
import type { ServerHttp2Stream } from "node:http2";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Clock } from "../model/clock.js";
import {
  INTAKE_BYTES_MAX,
  INTAKE_LOOK_MS,
  INTAKE_READERS,
  INTAKE_SMALL_BYTES,
  MESSAGE_STALL_MS,
  MESSAGE_WHOLE_MS,
  UNACKNOWLEDGED_BYTES_MAX,
} from "../model/limits.js";
import { ReceiveWindows } from "./receive-windows.js";

/** gRPC's head of a message: whether it is compressed, and its length. */
const HEAD_BYTES = 5;

type ReadStream = Pick<ServerHttp2Stream, "on" | "pause" | "resume" | "isPaused" | "session">;

/** One stream of requests. */
export interface IntakeStream {
  /** A message of so many bytes was appended, refused or dropped. */
  taken(messageBytes: number): void;
  /** It carries points: its connection may send more before it is read. */
  widen(): void;
  /** The stream is over. */
  leave(): void;
}

interface Reading {
  readonly stream: ReadStream;
  readonly end: (error: StepwellError) => void;
  /** Bytes that came and were not taken. */
  bytes: number;
  /** Bytes of a message that is not whole; 0 between two. */
  partial: number;
  /** Of the message that comes: its head so far, and what is missing. */
  head: number[];
  missing: number;
  /** When its bytes came last, and when its message began to be read; both go on only while it is read. */
  progressMs: number;
  beganMs: number;
  isHeld: boolean;
  /** gRPC would read on. */
  isWanted: boolean;
  readonly resume: () => void;
}

export class Intake {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  /** By when their message began. */
  readonly #readings = new Set<Reading>();
  readonly #held = new Set<Reading>();
  readonly #windows = new ReceiveWindows();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #lookedMs = 0;

  /** Above `bytesMax` over all streams, few are read. */
  constructor(clock: Clock, bytesMax = INTAKE_BYTES_MAX) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that came over all streams and were not taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a stream, and reads it no faster than there is room; `end` ends it. */
  add(stream: ReadStream, end: (error: StepwellError) => void): IntakeStream {
    const resume = stream.resume.bind(stream);
    const nowMs = this.#clock.monotonicMs();
    const reading: Reading = {
      ...{ stream, end, resume, bytes: 0, partial: 0, head: [], missing: 0, isHeld: false, isWanted: false },
      ...{ progressMs: nowMs, beganMs: nowMs },
    };
    // gRPC reads on by itself when a message was taken: not before there is room.
    stream.resume = () => {
      if (reading.isHeld) reading.isWanted = true;
      else resume();
      return stream as ServerHttp2Stream;
    };
    stream.on("data", (chunk: Buffer) => this.#came(reading, chunk));
    return {
      taken: (messageBytes) => this.#took(reading, messageBytes + HEAD_BYTES),
      widen: () => this.#windows.widen(stream),
      leave: () => this.#leave(reading),
    };
  }

  #came(reading: Reading, chunk: Buffer): void {
    reading.bytes += chunk.length;
    this.#bytes += chunk.length;
    reading.progressMs = this.#clock.monotonicMs();
    if (follow(reading, chunk)) {
      this.#readings.delete(reading);
      reading.beganMs = reading.progressMs;
    }
    if (reading.partial > 0) this.#readings.add(reading);
    if (!reading.isHeld && !this.#mayRead(reading)) this.#hold(reading);
  }

  #took(reading: Reading, bytes: number): void {
    const taken = Math.min(bytes, reading.bytes);
    reading.bytes -= taken;
    this.#bytes -= taken;
    if (this.#held.size > 0) this.#release();
  }

  #leave(reading: Reading): void {
    this.#readings.delete(reading);
    this.#held.delete(reading);
    // What still comes is nobody's: held, it would keep its connection's other streams from being read.
    if (reading.isHeld) reading.resume();
    reading.isHeld = false;
    this.#took(reading, reading.bytes);
  }

  #mayRead(reading: Reading): boolean {
    if (reading.bytes - reading.partial > UNACKNOWLEDGED_BYTES_MAX) return false;
    if (this.#bytes <= this.#bytesMax || reading.bytes <= INTAKE_SMALL_BYTES) return true;
    let before = 0;
    for (const each of this.#readings) {
      if (each === reading) return true;
      if (++before === INTAKE_READERS) return false;
    }
    return false;
  }

  #hold(reading: Reading): void {
    reading.isHeld = true;
    reading.isWanted = !reading.stream.isPaused();
    reading.stream.pause();
    this.#held.add(reading);
    if (this.#timer) return;
    this.#lookedMs = this.#clock.monotonicMs();
    this.#timer = setInterval(() => this.look(), INTAKE_LOOK_MS).unref();
  }

  #release(): void {
    for (const reading of this.#held) {
      if (!this.#mayRead(reading)) continue;
      this.#held.delete(reading);
      reading.isHeld = false;
      reading.progressMs = reading.beganMs = this.#clock.monotonicMs();
      if (reading.isWanted) reading.resume();
    }
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends messages that keep others waiting: those that come no further. */
  look(): void {
    const nowMs = this.#clock.monotonicMs();
    const isLate = nowMs - this.#lookedMs > 3 * INTAKE_LOOK_MS;
    this.#lookedMs = nowMs;
    for (const reading of [...this.#readings]) {
      // What nobody reads, as while this process was stopped, can't come any further.
      if (isLate || reading.isHeld || reading.stream.isPaused()) {
        reading.progressMs = reading.beganMs = nowMs;
        continue;
      }
      const isStalled = nowMs - reading.progressMs > MESSAGE_STALL_MS;
      if (!isStalled && nowMs - reading.beganMs < MESSAGE_WHOLE_MS) continue;
      const sentence = `A message had ${reading.partial} bytes and came no further while others waited for its place.`;
      reading.end(new StepwellError("STEPWELL_MESSAGE_STALLED", sentence));
      this.#leave(reading);
    }
    this.#release();
  }
}

/** Follows the messages through a chunk; whether another one began, or the last one ended, in it. */
function follow(reading: Reading, chunk: Buffer): boolean {
  let at = 0;
  let hasEnded = false;
  while (at < chunk.length) {
    if (reading.missing === 0) {
      reading.head.push(chunk[at] ?? 0);
      at += 1;
      reading.partial += 1;
      if (reading.head.length < HEAD_BYTES) continue;
      reading.missing = Buffer.from(reading.head).readUInt32BE(1);
      reading.head = [];
    } else {
      const part = Math.min(reading.missing, chunk.length - at);
      at += part;
      reading.missing -= part;
      reading.partial += part;
    }
    if (reading.missing > 0) continue;
    reading.partial = 0;
    hasEnded = true;
  }
  return hasEnded;
}
