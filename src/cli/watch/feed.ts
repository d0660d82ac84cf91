/** What the daemon tells the page: runs, their keys, queue and lanes. Where it goes away, the page waits for the next one. */
import type { ClientReadableStream, ServiceError } from "@grpc/grpc-js";
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { CurveGap, CurveKey, WatchCurvesResponse, WatchedRun } from "../../gen/stepwell/v1/curves.js";
import type { Status, WatchStatusResponse } from "../../gen/stepwell/v1/daemon.js";
import { sleep } from "../../home/wait.js";
import { CURVE_KEYS_LISTED_MAX } from "../../model/curve-limits.js";
import type { CurveSource } from "../../reading/curve-reader.js";
import type { Context } from "../context.js";
import { callError } from "../daemon/call-error.js";
import type { Connection } from "../daemon/find-daemon.js";
import { presentDaemon } from "../daemon/present-daemon.js";

/** Who is told. */
export interface Listener {
  readonly runs: (runs: readonly WatchedRun[], isCurrent: boolean) => void;
  /** All names of keys that the chosen runs have: what else is told of them comes later. */
  readonly names: (names: readonly string[], gaps: readonly CurveGap[]) => void;
  /** `isAll`: the chosen runs have no others. */
  readonly keys: (keys: readonly CurveKey[], gaps: readonly CurveGap[], isAll: boolean) => void;
  readonly status: (status: Status) => void;
  /** Whether there is a daemon; without one, why. */
  readonly stands: (fault: string | undefined) => void;
  /** Runs that were named are not there any more. */
  readonly lost: () => void;
  /** It can't go on. */
  readonly ends: (error: unknown) => void;
}

/** No key is called so: runs are told alone. */
const NO_KEYS = ["\u0000"];
const LOOK_MS = 300;
const STATUS_MS = 1_000;

export class Feed {
  readonly #context: Context;
  readonly #listener: Listener;
  #connection: Connection | undefined;
  #streams: ClientReadableStream<unknown>[] = [];
  #keyStream: ClientReadableStream<unknown> | undefined;
  #chosen: readonly string[] = [];
  #isClosed = false;
  #isListing = false;
  /** Whether the names of the chosen runs' keys were told. */
  #isListed = false;
  #isListedLate = false;

  constructor(context: Context, connection: Connection, listener: Listener) {
    this.#context = context;
    this.#listener = listener;
    this.#connection = connection;
  }

  /** Begins, with the keys of some runs. */
  start(chosen: readonly string[]): void {
    this.#chosen = chosen;
    this.#open();
  }

  /** The keys of other runs are wanted. */
  choose(chosen: readonly string[]): void {
    if (chosen.join() === this.#chosen.join()) return;
    this.#chosen = chosen;
    this.#openKeys();
  }

  get source(): CurveSource | undefined {
    const connection = this.#connection;
    if (!connection) return undefined;
    const { curves, call } = connection;
    return {
      readCurves: (request) => call(curves.readCurves.bind(curves), request),
      readPoints: (request) => call(curves.readPoints.bind(curves), request),
    };
  }

  /** A call failed: where the daemon is gone, the next one is waited for. */
  failed(error: unknown): void {
    const fault = toStepwellError(error);
    if (fault.code === "STEPWELL_RUN_UNKNOWN") this.#listener.lost();
    else if (fault.row.exit === "daemonUnreachable") this.#lose();
    else this.#listener.ends(error);
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #open(): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#listener.stands(undefined);
    const { curves, daemon } = connection;
    const runs = curves.watchCurves({ runIds: [], patterns: NO_KEYS });
    this.#hear(runs, ({ runs: told, isCurrent }: WatchCurvesResponse) =>
      this.#listener.runs(told, isCurrent),
    );
    const status = daemon.watchStatus({ intervalMs: STATUS_MS });
    this.#hear(status, ({ status }: WatchStatusResponse) => {
      if (status) this.#listener.status(status);
    });
    this.#streams = [runs, status];
    this.#openKeys();
  }

  #openKeys(): void {
    this.#keyStream?.cancel();
    this.#keyStream = undefined;
    this.#isListed = false;
    if (this.#connection && this.#chosen.length > 0) void this.#list();
  }

  /**
   * What changes of the chosen runs' keys is told from now on. That begins with the keys as they are, which is work for the daemon
   * that a first picture need not wait for.
   */
  follow(): void {
    const connection = this.#connection;
    if (!connection || !this.#isListed || this.#keyStream) return;
    const stream = connection.curves.watchCurves({ runIds: [...this.#chosen], patterns: [] });
    this.#keyStream = stream;
    this.#hear(stream, ({ keys, hasMoreKeys }: WatchCurvesResponse) => {
      if (keys.length > 0) this.#listener.keys(keys, [], false);
      if (hasMoreKeys) void this.#list();
    });
  }

  /** All keys of the chosen runs, at first their names alone: a fraction of the work. One list at a time. */
  async #list(): Promise<void> {
    if (this.#isListing) {
      this.#isListedLate = true;
      return;
    }
    this.#isListing = true;
    try {
      do {
        this.#isListedLate = false;
        const [connection, chosen] = [this.#connection, this.#chosen];
        if (!connection || chosen.length === 0) return;
        const { curves, call } = connection;
        const onlyNames = !this.#isListed;
        const range = { offset: 0, limit: CURVE_KEYS_LISTED_MAX };
        const request = { runIds: [...chosen], patterns: [], onlyNames, ...range };
        const { names, keys, gaps } = await call(curves.listKeys.bind(curves), request);
        if (chosen !== this.#chosen || onlyNames === this.#isListed) continue;
        this.#isListed = true;
        if (onlyNames) this.#listener.names(names, gaps);
        else this.#listener.keys(keys, gaps, true);
      } while (this.#isListedLate);
    } catch (error) {
      if (!this.#isClosed) this.failed(error);
    } finally {
      this.#isListing = false;
    }
  }

  #hear<Piece>(stream: ClientReadableStream<Piece>, take: (piece: Piece) => void): void {
    const isOver = () => this.#isClosed || !this.#isOpen(stream);
    stream.on("data", (piece: Piece) => {
      if (!isOver()) take(piece);
    });
    stream.on("error", (error: ServiceError) => {
      if (!isOver()) this.failed(callError(error));
    });
    stream.on("end", () => {
      if (!isOver()) this.#lose();
    });
  }

  #isOpen(stream: unknown): boolean {
    return stream === this.#keyStream || this.#streams.includes(stream as ClientReadableStream<unknown>);
  }

  #drop(): void {
    const streams = [...this.#streams, ...(this.#keyStream ? [this.#keyStream] : [])];
    this.#streams = [];
    this.#keyStream = undefined;
    for (const stream of streams) stream.cancel();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #lose(): void {
    if (!this.#connection || this.#isClosed) return;
    this.#drop();
    this.#listener.stands("The daemon is away. The page goes on when there is one again.");
    void this.#await();
  }

  /** No daemon is started: somebody may have stopped it. */
  async #await(): Promise<void> {
    for (;;) {
      await sleep(LOOK_MS);
      if (this.#isClosed) return;
      try {
        const found = await presentDaemon(this.#context);
        if (this.#isClosed) return found?.close();
        this.#connection = found;
      } catch (error) {
        if (!(error instanceof StepwellError) || error.row.exit !== "daemonUnreachable")
          return this.#listener.ends(error);
      }
      if (this.#connection) return this.#open();
    }
  }
}
