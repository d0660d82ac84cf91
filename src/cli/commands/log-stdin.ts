/**
 * `log --stdin`: lines of metrics for as long as a program prints them. What comes while one batch is on its way is the
 * next batch; a daemon that is slower than the program holds back its pipe, and nothing here grows.
 */
import { constants } from "node:os";
import { addAbortSignal, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EXIT } from "../../errors/row.js";
import { systemClock } from "../../home/clock.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { findLoggedRun } from "../daemon/logged-run.js";
import { Producer } from "../daemon/producer.js";
import type { LoggedOptions } from "../input/options.js";
import { PointLines, type ReadLine } from "../input/point-lines.js";
import { columnsOf, type Point } from "../input/points.js";
import { Refusals } from "../output/refusals.js";

/** How long a daemon that had answered may be away. */
const PATIENCE_MS = 60_000;
/** Points that are handed on as one piece, and how many pieces may wait. */
const PIECE_POINTS = 1_000;
const PIECES_MAX = 16;
const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Logs until the input ends or a signal comes. What was read is on the daemon's disk when it resolves. */
export async function logStdin(context: Context, { run }: LoggedOptions): Promise<number> {
  const { runId } = await findLoggedRun(context, run);
  const producer = new Producer(context, runId, PATIENCE_MS);
  const refusals = new Refusals(context);
  const ending = listenForEnd();
  let journaled = 0;
  const send = async (points: readonly Point[]) => {
    const refused = await producer.send({ metrics: columnsOf(points) });
    journaled += points.length - refusals.ofDaemon(refused);
  };
  try {
    const reading = readingInto(new PointLines(() => systemClock.nowMs()), (fault) => refusals.ofLine(fault));
    await pipeline(inputUntil(ending.signal), reading, sendingBy(send));
    return ending.exitCode() ?? (refusals.count === 0 ? EXIT.ok : EXIT.failed);
  } finally {
    ending.stop();
    await producer.close();
    refusals.sayRest();
    context.stderr(`${counted(journaled, "point")} journaled.\n`);
  }
}

/** Standard input, which ends at a signal as it does by itself: what was read goes on its way. */
async function* inputUntil(signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) yield chunk as Buffer;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Text in, pieces of points out. */
function readingInto(lines: PointLines, faulty: (fault: string) => void): Transform {
  const push = (transform: Transform, read: Iterable<ReadLine>) => {
    let piece: Point[] = [];
    for (const { points, faults } of read) {
      for (const fault of faults) faulty(fault);
      piece.push(...points);
      if (piece.length < PIECE_POINTS) continue;
      transform.push(piece);
      piece = [];
    }
    if (piece.length > 0) transform.push(piece);
  };
  return new Transform({
    readableObjectMode: true,
    readableHighWaterMark: 1,
    transform(chunk: Buffer, _encoding, done) {
      push(this, lines.take(chunk));
      done();
    },
    flush(done) {
      push(this, lines.end());
      done();
    },
  });
}

/** Pieces in; all that wait go out as one batch when the one before is on disk. */
function sendingBy(send: (points: readonly Point[]) => Promise<void>): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: PIECES_MAX,
    write(piece: readonly Point[], _encoding, done) {
      send(piece).then(() => done(), done);
    },
    writev(waiting, done) {
      send(waiting.flatMap(({ chunk }) => chunk as readonly Point[])).then(() => done(), done);
    },
  });
}

function listenForEnd() {
  const abort = new AbortController();
  let ended: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals) => {
    ended ??= signal;
    abort.abort();
  };
  for (const signal of ENDING) process.on(signal, end);
  return {
    signal: abort.signal,
    /** As a shell reports the signal that came; undefined where none did. */
    exitCode: () => (ended === undefined ? undefined : 128 + constants.signals[ended]),
    stop: () => {
      for (const signal of ENDING) process.off(signal, end);
    },
  };
}
