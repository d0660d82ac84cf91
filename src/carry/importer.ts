/**
 * Delivers a bundle of another home to a tracker of this one, under that home's name and from where that home
 * left the backend's cursors. So a bundle that comes twice, late, or after its home found a route writes nothing
 * twice; one that comes too early writes nothing at all.
 *
 * The file is read twice: to its end before anything is delivered, then for its records.
 */
import { BundleFile } from "../bundles/bundle-reader.js";
import { damaged } from "../bundles/frames.js";
import { type ReceiptRun, writeReceipt } from "../bundles/receipt.js";
import { toStepwellError } from "../errors/stepwell-error.js";
import { BundleHead, BundleProgress } from "../gen/stepwell/v1/bundles.js";
import type { Clock } from "../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../model/cursor.js";
import { STORE_COMPARED_RUNS } from "../model/limits.js";
import { factsOf, type Target, trackingUri } from "../model/target.js";
import { Turns } from "../model/turns.js";
import { readRun } from "../model/wire-run.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { ImportBook } from "../runs/import-book.js";
import type { RunPosition } from "../runs/run.js";
import type { RunIds } from "../sinks/run-ids.js";
import type { Sink } from "../sinks/sink.js";
import { type Bundle, type BundledRun, readBundle } from "./bundled-runs.js";
import { Delivery } from "./delivery.js";
import { Lane, placeFault } from "./lane.js";
import { type Place, placeOf } from "./place.js";

/** What an import works with. */
export interface ImportParts {
  readonly imports: ImportBook;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly random: () => number;
  /** The backend of a tracker, now. Throws STEPWELL_COMPONENT_UNKNOWN. */
  readonly targetOf: (tracker: string) => Target;
  /** A sink of the import's own: no lane of this home waits for it. Runs that are expected there are waited for by their children. */
  readonly openSink: (target: Target, isExpected: (runId: string) => boolean) => Sink;
  readonly runIds: (target: Target) => RunIds;
}

export interface ImportRequest {
  readonly file: string;
  readonly tracker: string;
  /** An age identity; empty: none. */
  readonly identity: string;
  readonly timeoutMs: number;
}

const NOTHING = new Uint8Array(0);

export class Importer {
  readonly #parts: ImportParts;
  /** One at a time: what one takes of memory is bounded. */
  readonly #turns = new Turns();

  constructor(parts: ImportParts) {
    this.#parts = parts;
  }

  /** Resolves once the receipt is on disk. Throws what keeps the bundle from being delivered whole. */
  async take(
    request: ImportRequest,
    say: (progress: BundleProgress) => void,
    signal: AbortSignal,
  ): Promise<BundleProgress> {
    return await this.#turns.take(async () => {
      const file = await BundleFile.open(request.file, request.identity);
      try {
        const bundle = await readBundle(file, signal);
        return await this.#deliver(request, file, bundle, say, signal);
      } finally {
        await file.close();
      }
    });
  }

  async #deliver(
    request: ImportRequest,
    file: BundleFile,
    bundle: Bundle,
    say: (progress: BundleProgress) => void,
    signal: AbortSignal,
  ): Promise<BundleProgress> {
    const { openSink, targetOf } = this.#parts;
    const target = targetOf(request.tracker);
    const begun = new Set<string>();
    const sink = openSink(target, (runId) => begun.has(runId));
    try {
      const lanes = await this.#placed(target, sink, bundle);
      await this.#knowRuns(target, bundle);
      const carried = new Carried(bundle, lanes);
      await this.#send(request, target, sink, { file, bundle, lanes, carried, begun }, say, signal);
      await this.#keep(target, bundle, [...lanes.values()], true);
      const said = await this.#receiptOf(target, bundle, lanes);
      const receipt = await writeReceipt(request.file, await file.owner(), said);
      return { ...carried.progress(), done: true, receipt };
    } finally {
      await sink.close();
    }
  }

  /** Where each run goes on. Throws STEPWELL_BUNDLE_GAP or STEPWELL_BUNDLE_FOREIGN before anything is written. */
  async #placed(target: Target, sink: Sink, { head, runs }: Bundle): Promise<Map<string, Lane>> {
    const { imports } = this.#parts;
    const author = authorOf(head);
    const lanes = new Map<string, Lane>();
    for (let from = 0; from < runs.length; from += STORE_COMPARED_RUNS) {
      const some = runs.slice(from, from + STORE_COMPARED_RUNS);
      const questions = some.map(({ runId, after }) => ({ author, runId, after }));
      const answers = await sink.cursors?.standing(questions).catch(noneThere(questions));
      for (const [index, run] of some.entries()) {
        const { homeId } = head;
        const kept = await imports.find({ homeId, runId: run.runId, backend: target.backend });
        const place = placeOf(run, answers?.[index], kept, head.incarnations);
        lanes.set(run.runId, laneAt(run, place));
      }
    }
    return lanes;
  }

  async #send(
    request: ImportRequest,
    target: Target,
    sink: Sink,
    { file, bundle, lanes, carried, begun }: Carrying,
    say: (progress: BundleProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { deadLetters, clock, random } = this.#parts;
    const { head } = bundle;
    const delivery = new Delivery({
      ...{ sink, deadLetters, clock, random, signal, tracker: target.tracker, author: authorOf(head) },
      deadlineMs: clock.monotonicMs() + request.timeoutMs,
      placeAt: (run: BundledRun, answer: CursorAnswer) => placeOf(run, answer, undefined, head.incarnations),
      onDelivered: async (some) => {
        await this.#keep(target, bundle, some, false);
        say(carried.progress());
      },
    });
    let lane: Lane | undefined;
    for await (const frame of file.frames()) {
      if (frame.$case === "head") checkSame(frame.value, head);
      if (frame.$case === "run") lane = lanes.get(frame.value.runId);
      if (frame.$case !== "record" || !lane) continue;
      if (frame.value.sequence > lane.through.seq) begun.add(lane.bundled.runId);
      await delivery.take(lane, frame.value);
    }
    await delivery.flush();
  }

  async #keep(target: Target, { head }: Bundle, lanes: readonly Lane[], sync: boolean): Promise<void> {
    const { homeId } = head;
    const rows = lanes.map(({ bundled, through, left }) => {
      const run = { homeId, runId: bundled.runId, backend: target.backend };
      return [run, { through, left }] as const;
    });
    await this.#parts.imports.keep(rows, { sync });
  }

  /** What the bundle's home knows of its runs at a backend that gives ids of its own: none is made twice. */
  async #knowRuns(target: Target, { runs }: Bundle): Promise<void> {
    if (factsOf(target.backend).keepsOurIds) return;
    const ids = this.#parts.runIds(target);
    for (const { runId, message } of runs) {
      const known = readRun(message.run, "");
      if (known && !(await ids.find(runId))) await ids.keep(runId, known);
    }
  }

  async #receiptOf(target: Target, { head }: Bundle, lanes: ReadonlyMap<string, Lane>) {
    const ids = this.#parts.runIds(target);
    const { keepsOurIds } = factsOf(target.backend);
    const runs: ReceiptRun[] = [];
    for (const { bundled, through, left } of lanes.values()) {
      const known = keepsOurIds ? undefined : await ids.find(bundled.runId);
      const { seq, points, bytes } = through;
      runs.push({
        ...{ runId: bundled.runId, through: { seq, points, bytes }, cursor: left ?? null },
        ...(known?.kind === "known"
          ? { there: { mlflowRunId: known.mlflowRunId, experimentId: known.experimentId, url: known.url } }
          : {}),
      });
    }
    const { homeId, number, trackerId } = head;
    return { homeId, number: Number(number), trackerId, deliveredTo: trackingUri(target.backend), runs };
  }
}

/** The file is read twice, and may be written over meanwhile: what was placed are the runs of the first bundle alone. */
function checkSame(now: BundleHead, before: BundleHead): void {
  const isSame = Buffer.from(BundleHead.encode(now).finish()).equals(BundleHead.encode(before).finish());
  if (!isSame) throw damaged("it was written over while it was read");
}

interface Carrying {
  readonly file: BundleFile;
  readonly bundle: Bundle;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly carried: Carried;
  /** Runs that something is sent of. */
  readonly begun: Set<string>;
}

/** What was done of a bundle. */
class Carried {
  readonly #bundle: Bundle;
  readonly #lanes: ReadonlyMap<string, Lane>;
  /** Points through which runs were there already, by run id. */
  readonly #before: ReadonlyMap<string, RunPosition>;

  constructor(bundle: Bundle, lanes: ReadonlyMap<string, Lane>) {
    this.#bundle = bundle;
    this.#lanes = lanes;
    this.#before = new Map([...lanes].map(([runId, { through }]) => [runId, through]));
  }

  progress(): BundleProgress {
    const { homeId, number } = this.#bundle.head;
    let [points, pointsBefore, bytes, refused] = [0, 0, 0, 0];
    for (const { bundled, through, refused: some } of this.#lanes.values()) {
      const before = this.#before.get(bundled.runId) ?? bundled.from;
      points += through.points - before.points;
      bytes += Math.max(0, through.bytes - before.bytes);
      pointsBefore += Math.min(before.points, bundled.last.points) - bundled.from.points;
      refused += some;
    }
    const counts = { points: BigInt(points), pointsBefore: BigInt(pointsBefore) };
    const sums = { ...counts, bytes: BigInt(bytes), refused: BigInt(refused) };
    return { ...BundleProgress.decode(NOTHING), homeId, number, runs: BigInt(this.#lanes.size), ...sums };
  }
}

/** A database that nothing was delivered to is none that has lost something: the bundle's home only gave bundles away. */
function noneThere(questions: readonly CursorQuestion[]) {
  return (error: unknown): CursorAnswer[] => {
    if (toStepwellError(error).code !== "STEPWELL_STORE_GONE") throw error;
    return questions.map(({ author }) => ({ homeId: author.homeId, cursor: undefined }));
  };
}

function authorOf({ homeId, incarnations }: Bundle["head"]) {
  return { homeId, incarnation: incarnations.at(-1) ?? "" };
}

function laneAt(run: BundledRun, place: Place): Lane {
  if (!("through" in place)) throw placeFault(place, run);
  return new Lane(run, place.through, place.left);
}
