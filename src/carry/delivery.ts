/**
 * Brings the records of a bundle to a sink, cut to its requests, and does what follows from each outcome: what
 * the flusher does for lanes, for records that another home journaled.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { retryWaitMs } from "../flush/backoff.js";
import { letterOfRecord, letterOfRefusal } from "../flush/letters.js";
import type { BundleRecord } from "../gen/stepwell/v1/bundles.js";
import { pointsIn } from "../model/batch-view.js";
import { IMPORT_BYTES_MAX } from "../model/bundle-limits.js";
import type { Clock } from "../model/clock.js";
import type { Author, CursorAnswer } from "../model/cursor.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import { leftMessage, readParents } from "../model/wire-run.js";
import { readPack } from "../relay/read-pack.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { Outcome, Sink } from "../sinks/sink.js";
import { type BundledRun, countOf } from "./bundled-runs.js";
import { asRecord, type CarriedRecord, checkMet, type Lane, placeFault, viewed } from "./lane.js";
import type { Place } from "./place.js";

export interface DeliveryOptions {
  readonly sink: Sink;
  readonly author: Author;
  readonly deadLetters: DeadLetters;
  /** The tracker's name, for dead letters. */
  readonly tracker: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Until when a backend that takes nothing is asked again, of the monotonic clock. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Where a run goes on whose cursor turned out to be elsewhere. */
  readonly placeAt: (run: BundledRun, answer: CursorAnswer) => Place;
  /** Lanes got further, by so many entries of which the backend refused some. */
  readonly onDelivered: (lanes: readonly Lane[]) => Promise<void>;
}

interface Part {
  readonly lane: Lane;
  readonly records: CarriedRecord[];
}

/** How often a cursor may turn out to be elsewhere: somebody else delivers the run at the same time. */
const ELSEWHERE_MAX = 5;

export class Delivery {
  readonly #options: DeliveryOptions;
  #parts: Part[] = [];
  #points = 0;
  #texts = 0;
  #bytes = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Takes one more record of a lane; what is together by then may be sent. */
  async take(lane: Lane, message: BundleRecord): Promise<void> {
    const { sequence, pointsThrough, bytesThrough, payload, parents } = message;
    const through = { seq: countOf(sequence), points: countOf(pointsThrough), bytes: countOf(bytesThrough) };
    if (through.seq <= lane.through.seq) return checkMet(lane, through);
    const batch = viewed(payload);
    const isAlone = batch.calls.length > 0;
    const part = this.#parts.at(-1);
    const isOfPart = part?.lane === lane;
    const isClosed = isOfPart && (isAlone || part.records.length >= RECORD_ENTRIES_MAX || hasCall(part));
    if (isClosed || this.#isFull()) await this.flush();
    const last = this.#parts.at(-1);
    const record = { through, payload, batch, parents };
    if (last?.lane === lane) last.records.push(record);
    else this.#parts.push({ lane, records: [record] });
    this.#points += pointsIn(batch.columns);
    this.#texts += batch.params.length + batch.tags.length;
    this.#bytes += payload.length;
  }

  /** Sends what is together. Throws what keeps it from being delivered. */
  async flush(): Promise<void> {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#points = 0;
    this.#texts = 0;
    this.#bytes = 0;
    const { sink, signal, onDelivered } = this.#options;
    signal.throwIfAborted();
    const outcomes = await sink.send(parts.map((part) => this.#packOf(part)));
    try {
      for (const [index, part] of parts.entries()) {
        const outcome = outcomes[index];
        if (outcome) await this.#follow(part, outcome);
      }
    } finally {
      await onDelivered(parts.map(({ lane }) => lane));
    }
  }

  #isFull(): boolean {
    const { pointsMax, textsMax, packsMax } = this.#options.sink.limits;
    return (
      this.#points >= pointsMax ||
      this.#texts >= textsMax ||
      this.#parts.length >= packsMax ||
      this.#bytes >= IMPORT_BYTES_MAX
    );
  }

  #packOf({ lane, records }: Part): Pack {
    const { author } = this.#options;
    const { message } = lane.bundled;
    const { seq, points, bytes } = (records.at(-1) as CarriedRecord).through;
    const parents = records.flatMap((record) => record.parents);
    const { pack } = readPack(
      {
        ...{ number: 1n, runId: lane.bundled.runId, runStart: message.runStart, goesOn: message.goesOn },
        ...{ after: leftMessage(lane.left), runEnd: message.runEnd, run: message.run },
        ...{ lastSequence: BigInt(seq), pointsThrough: BigInt(points), bytesThrough: BigInt(bytes) },
        ...{ records: records.map(({ payload }) => payload), knownWrites: 0n },
        ...{ incarnation: author.incarnation, parents },
      },
      author.homeId,
    );
    return {
      ...pack,
      records: records.map(({ payload }) => payload),
      recordsThrough: records.map(({ through }) => through),
      ...(parents.length > 0 ? { parents: readParents(parents) } : {}),
    };
  }

  /** Does what follows from an outcome, until all records of the part are where they belong. */
  async #follow(part: Part, first: Outcome): Promise<void> {
    const { lane } = part;
    let { records } = part;
    let outcome = first;
    let failures = 0;
    let elsewhere = 0;
    for (;;) {
      switch (outcome.kind) {
        case "delivered":
          return await this.#delivered(lane, records, outcome);
        case "refused":
          return await this.#refused(lane, records, outcome);
        case "hold":
          throw new StepwellError(outcome.code, outcome.reason);
        case "retry":
          failures += 1;
          await this.#wait(outcome, failures);
          break;
        case "elsewhere":
          elsewhere += 1;
          if (elsewhere > ELSEWHERE_MAX) throw placeFault({ kind: "gap" }, lane.bundled);
          records = this.#replaced(lane, records, outcome);
          if (records.length === 0) return;
          break;
      }
      outcome = await this.#sendOne({ lane, records });
    }
  }

  async #sendOne(part: Part): Promise<Outcome> {
    this.#options.signal.throwIfAborted();
    const [outcome] = await this.#options.sink.send([this.#packOf(part)]);
    if (!outcome) throw new StepwellError("STEPWELL_INTERNAL", "The sink answered for no pack.");
    return outcome;
  }

  async #delivered(
    lane: Lane,
    records: readonly CarriedRecord[],
    { refused }: Outcome & { kind: "delivered" },
  ): Promise<void> {
    const { author, deadLetters, tracker } = this.#options;
    const { runId } = lane.bundled;
    this.#checkRoom();
    await deadLetters.park(refused.map((refusal) => letterOfRefusal(runId, tracker, refusal)));
    lane.refused += refused.length;
    const { through } = records.at(-1) as CarriedRecord;
    lane.through = through;
    // While something is refused the backend's cursor stays where it was.
    if (refused.length === 0) lane.left = { ...author, seq: through.seq };
  }

  /** Halves the pack until the one record that is refused stands alone, then parks it. */
  async #refused(
    lane: Lane,
    records: CarriedRecord[],
    outcome: Outcome & { kind: "refused" },
  ): Promise<void> {
    const [first] = records;
    if (!first) return;
    if (records.length > 1) {
      const half = Math.ceil(records.length / 2);
      for (const some of [records.slice(0, half), records.slice(half)]) {
        const part = { lane, records: some };
        await this.#follow(part, await this.#sendOne(part));
      }
      return;
    }
    this.#checkRoom();
    const { deadLetters, tracker } = this.#options;
    const letter = letterOfRecord(lane.bundled.runId, tracker, asRecord(first), outcome);
    await deadLetters.park([letter]);
    lane.refused += letter.entries;
    lane.through = first.through;
  }

  /** Nothing is dropped for want of room to tell of it. */
  #checkRoom(): void {
    const { fullness } = this.#options.deadLetters;
    if (fullness) throw fullness;
  }

  /** The records that are still to be sent when the cursor is not where it was left. */
  #replaced(lane: Lane, records: CarriedRecord[], answer: CursorAnswer): CarriedRecord[] {
    const place = this.#options.placeAt(lane.bundled, answer);
    if (!("through" in place)) throw placeFault(place, lane.bundled);
    const { seq } = place.through;
    // The backend went back meanwhile: what it lacks was sent before these.
    if (seq < lane.through.seq) throw placeFault({ kind: "gap" }, lane.bundled);
    lane.left = place.left;
    lane.through = place.through;
    return records.filter(({ through }) => through.seq > seq);
  }

  async #wait(outcome: Outcome & { kind: "retry" }, failures: number): Promise<void> {
    const { clock, random, deadlineMs, signal } = this.#options;
    const waitMs = retryWaitMs(failures, random, outcome.afterMs);
    if (clock.monotonicMs() + waitMs > deadlineMs) throw new StepwellError(outcome.code, outcome.reason);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) resolve();
      timer.unref();
    });
    signal.throwIfAborted();
  }
}

function hasCall({ records }: Part): boolean {
  return (records[0]?.batch.calls.length ?? 0) > 0;
}
