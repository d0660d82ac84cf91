/**
 * The sink of a relay: packs go over one stream that is kept open, and another takes its place when the relay
 * asks for that, or when it is gone. What had no outcome then is sent again, and the run's cursor tells what
 * became of it.
 *
 * How far the backend has the home is compared in each transaction, by the count of the home's transactions. A
 * home that sends nothing asks for that count when the relay says that its backend is another or in another
 * life, at a daemon's first stream, and now and then.
 */
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { RelayOutcome, RelayBackend as WireBackend } from "../../gen/stepwell/v1/relay.js";
import { within } from "../../home/wait.js";
import type { Clock } from "../../model/clock.js";
import type { Author, CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import { CALLS_END_MS, SINK_RUNS_MAX } from "../../model/limits.js";
import type { Log } from "../../model/log.js";
import type { Pack } from "../../model/pack.js";
import type { RunStart } from "../../model/run.js";
import { knownWrites } from "../../model/store-mark.js";
import type { BackendRun } from "../../model/target.js";
import { readRun } from "../../model/wire-run.js";
import type { RunIds } from "../run-ids.js";
import type { CursorKeeper, Outcome, Sink, SinkLimits, StoreLook } from "../sink.js";
import type { StoreMemory } from "../store-memory.js";
import type { RelayAddress } from "./address.js";
import { namedParents } from "./named-parents.js";
import { outcomeOf } from "./outcome-message.js";
import { encodePack } from "./pack-message.js";
import type { RelayAccess } from "./relay-access.js";
import { RelayStream } from "./relay-stream.js";

export interface RelaySinkOptions {
  readonly address: RelayAddress;
  /** How a stream is opened, at the moment of the call. */
  readonly access: () => Promise<RelayAccess>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly runIds: RunIds;
  readonly memory: StoreMemory;
  /** How long a pack may be without an outcome. */
  readonly answerMs?: number;
}

/** One transaction of the backend, or a share of one with other homes. */
const LIMITS: SinkLimits = { pointsMax: 10_000, textsMax: 2_000, packsMax: 300, requestsMax: 4 };

/** Said of packs that are sent again; the runs' cursors tell what became of them. */
export const IN_DOUBT = "a relay's stream ended before the outcomes of its packs";

/** Streams that end at once, one after the other, before a pack is tried again later. */
const STREAM_TRIES = 3;
/** How long it may be until a home that sends nothing asks for the count of its transactions, differing by a half either way. */
const LOOK_MS = 300_000;

/** The sink of one relay, or of the address behind which there are several. It opens nothing before it is used. */
export function openRelaySink(options: RelaySinkOptions): Sink {
  return new RelaySink(options);
}

class RelaySink implements Sink, CursorKeeper {
  readonly limits = LIMITS;
  readonly cursors = this;
  readonly #options: RelaySinkOptions;
  #stream: Promise<RelayStream> | undefined;
  /** Streams that are not over, also those that another one took the place of. */
  readonly #streams = new Set<RelayStream>();
  readonly #sending = new Set<Promise<unknown>>();
  /** Runs whose ids in the backend are kept. */
  readonly #told = new Set<string>();
  /** What the backend was last. */
  #backend: Pick<WireBackend, "backendId" | "timeline"> | undefined;
  #looksAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: RelaySinkOptions) {
    this.#options = options;
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    const sending = this.#sendAll(packs);
    this.#sending.add(sending);
    return await sending.finally(() => this.#sending.delete(sending));
  }

  async look(homeId: string): Promise<StoreLook> {
    const { clock, random, memory } = this.#options;
    const stream = await this.#streamOfLook(homeId);
    // A relay that can't be reached says nothing of what is behind it; the lanes tell what keeps them.
    if (!stream?.keepsCursors || clock.monotonicMs() < this.#looksAtMs) return { kind: "as left" };
    const before = memory.mark();
    const writes = await stream.writes();
    this.#looksAtMs = clock.monotonicMs() + LOOK_MS * (0.5 + random());
    const known = knownWrites(before, homeId);
    return writes < known ? { kind: "went back", writes } : { kind: "as left" };
  }

  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    const [first] = questions;
    if (!first) return [];
    const stream = await this.#streamFor(first.author.homeId);
    if (stream.keepsCursors) return await stream.standing(questions);
    // Nothing there tells: they are where they were left.
    return questions.map(({ author, after }) => ({
      homeId: after?.homeId ?? author.homeId,
      cursor: after && { seq: after.seq, points: 0, bytes: undefined, incarnation: after.incarnation },
      isAssumed: true,
    }));
  }

  /** Gives what is under way a moment; what has no outcome then is sent again by the next daemon. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await within(CALLS_END_MS, Promise.all(this.#sending));
    for (const stream of this.#streams) stream.retire();
    for (const stream of this.#streams) stream.destroy();
    await Promise.all(this.#sending);
  }

  /** Never rejects. */
  async #sendAll(packs: readonly Pack[]): Promise<Outcome[]> {
    const { memory } = this.#options;
    try {
      // From here on its count goes with each write of how far runs are.
      if (!memory.mark().isOpen) await memory.keep({ isOpen: true });
    } catch (error) {
      return packs.map(() => failureOf(error));
    }
    const urls = new Map<string, BackendRun & { readonly kind: "known" }>();
    const outcomes = await Promise.all(packs.map((pack) => this.#deliver(pack, urls)));
    if (urls.size > 0) await this.#keep(urls);
    return outcomes;
  }

  async #deliver(pack: Pack, found: Map<string, BackendRun & { readonly kind: "known" }>): Promise<Outcome> {
    try {
      const { start } = pack;
      if (!start) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `Run ${pack.runId} has no start.`);
      const answer = await this.#answerOf(pack, start);
      if ("kind" in answer) return answer;
      const outcome = outcomeOf(answer);
      await this.#remember(pack.author, outcome, answer);
      const run = readRun(answer.run, answer.runUrl || this.#options.address.text);
      if (run?.kind === "known" && !this.#told.has(pack.runId)) found.set(pack.runId, run);
      return outcome;
    } catch (error) {
      return failureOf(error);
    }
  }

  /** Without it the id is missing where it is shown, until the run is written by another daemon. */
  async #keep(found: ReadonlyMap<string, BackendRun & { readonly kind: "known" }>): Promise<void> {
    if (this.#told.size > SINK_RUNS_MAX) this.#told.clear();
    await this.#options.runIds.keepAll(found).then(
      () => {
        for (const [runId, { isBare }] of found) if (!isBare) this.#told.add(runId);
      },
      () => undefined,
    );
  }

  /** What the relay says of a pack, over whichever stream takes it. */
  async #answerOf(pack: Pack, start: RunStart): Promise<RelayOutcome | Outcome> {
    for (;;) {
      const stream = await this.#streamFor(pack.author.homeId);
      const run = stream.keepsCursors ? undefined : await this.#knownRun(pack.runId);
      const named = await namedParents(pack, start, this.#options.runIds, stream.keepsCursors);
      if ("missing" in named) return parentMissing(named.missing);
      const known = knownWrites(this.#options.memory.mark(), pack.author.homeId);
      const answer = await stream.deliver((number) =>
        encodePack(pack, named.start, { number, knownWrites: known, run, parents: named.parents }),
      );
      if (!("kind" in answer)) return answer;
      if (answer.kind === "too large") {
        const reason = `A request of ${answer.bytes} bytes is larger than the ${answer.bytesMax} that the relay takes.`;
        return { kind: "refused", code: "STEPWELL_MESSAGE_TOO_LARGE", reason };
      }
    }
  }

  /** What is known of a run at a server that gives it another id; on disk that it is asked for, before it is. */
  async #knownRun(runId: string): Promise<BackendRun | undefined> {
    const { runIds } = this.#options;
    const known = await runIds.find(runId);
    if (!known) await runIds.keep(runId, { kind: "asked", experimentId: "" });
    return known;
  }

  async #remember({ homeId }: Author, outcome: Outcome, { writes }: RelayOutcome): Promise<void> {
    if (writes === undefined) return;
    const { memory } = this.#options;
    const isForgot = outcome.kind === "retry" && outcome.code === "STEPWELL_BACKEND_FORGOT";
    if (isForgot) return await memory.wentBack(Number(writes));
    const mark = memory.mark();
    // Answers of several groups come in any order.
    const isNews = mark.homeId !== homeId || mark.isRenewed || Number(writes) > mark.writes;
    if (isNews) memory.note({ homeId, writes: Number(writes), isRenewed: false });
  }

  async #streamOfLook(homeId: string): Promise<RelayStream | undefined> {
    try {
      return await this.#streamFor(homeId);
    } catch {
      return undefined;
    }
  }

  /** A stream that takes packs of this home. Throws what keeps it from being opened. */
  async #streamFor(homeId: string): Promise<RelayStream> {
    for (let tries = 0; tries < STREAM_TRIES; tries++) {
      if (this.#isClosed) throw closed();
      this.#stream ??= this.#open(homeId);
      const opening = this.#stream;
      const stream = await opening.catch((error: unknown) => {
        if (this.#stream === opening) this.#stream = undefined;
        // Behind an address with several relays it may have been one that ends just now. Further tries are the lanes',
        // whose breaker waits longer each time.
        if (tries > 0 || toStepwellError(error).row.grpc !== "UNAVAILABLE") throw error;
        return undefined;
      });
      if (!stream) continue;
      if (stream.isUsable && stream.homeId === homeId) return stream;
      // The home has another id by now, or the stream is over.
      stream.retire();
      if (this.#stream === opening) this.#stream = undefined;
    }
    throw new StepwellError(
      "STEPWELL_RELAY_STOPPING",
      `${this.#options.address.text} ends each stream at once.`,
    );
  }

  async #open(homeId: string): Promise<RelayStream> {
    const { address, answerMs, log } = this.#options;
    const { credentials, token } = await this.#options.access();
    // Nobody would end one that is opened behind the others' end.
    if (this.#isClosed) throw closed();
    const stream = new RelayStream({
      ...{ address, credentials, token, homeId },
      ...(answerMs === undefined ? {} : { answerMs }),
      onBackend: (backend) => this.#onBackend(backend),
      onDrain: () => void this.#streamOfLook(homeId),
      onDoubt: (packs, { code, message: reason }) =>
        log("info", IN_DOUBT, { relay: address.text, packs, code, reason }),
    });
    this.#streams.add(stream);
    void stream.over.then(() => this.#streams.delete(stream));
    await stream.welcomed;
    return stream;
  }

  #onBackend({ backendId, timeline }: WireBackend): void {
    const isSame = this.#backend?.backendId === backendId && this.#backend.timeline === timeline;
    this.#backend = { backendId, timeline };
    if (!isSame) this.#looksAtMs = Number.NEGATIVE_INFINITY;
  }
}

function closed(): StepwellError {
  return new StepwellError("STEPWELL_DAEMON_STOPPING", "The sink is closed.");
}

function parentMissing(runId: string): Outcome {
  const reason = `The parent run ${runId} is not made yet.`;
  return { kind: "retry", scope: "run", code: "STEPWELL_SERVER_BUSY", reason };
}

/** What a lane is to do after what was thrown: without a stream nobody gets there, a surprise may be of one pack alone. */
function failureOf(error: unknown): Outcome {
  const { code, message: reason, row } = toStepwellError(error);
  const ofAll = error instanceof StepwellError ? "backend" : "unclear";
  const scope = code === "STEPWELL_RUN_UNKNOWN" ? "run" : ofAll;
  return { kind: row.grpc === "UNAVAILABLE" ? "retry" : "hold", scope, code, reason };
}
