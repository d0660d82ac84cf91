/** What is on disk of runs' curves: loaded, saved, and read again where it is missing. One run at a time, so that it costs little at once. */
import {
  CURVE_BUCKETS_MAX,
  CURVE_BUCKETS_MIN,
  CURVE_KEYS_KEPT_MAX,
  CURVE_RUN_BYTES_MAX,
} from "../model/curve-limits.js";
import type { Log } from "../model/log.js";
import { Turns } from "../model/turns.js";
import type { Run } from "../runs/run.js";
import { CodecRoom, decodeCurve, encodeCurve } from "./codec.js";
import type { Curve } from "./curve.js";
import { type CurveFile, type SavedCurve, type SavedThrough, writeCurveFile } from "./curve-file.js";
import type { CurveFolder } from "./curve-folder.js";
import { type Refilled, type RefillSources, refill } from "./refill.js";
import type { RunCurves } from "./run-curves.js";
import type { Stretch } from "./stretch.js";
import { summaryOf } from "./summary.js";

/** Bytes of a bucket in a file. */
const SAVED_BUCKET_BYTES = 68;
/** What is written at once. */
const WRITE_BYTES = 256 * 1024;
/** After a file that was larger the memory to save with is made anew: a large curve makes it large. */
const ROOM_KEPT_FILE_BYTES = 1024 * 1024;
const NOTHING: SavedThrough = { seq: 0, points: 0, missing: 0 };

export interface KeeperOptions {
  readonly folder: CurveFolder;
  readonly sources: RefillSources;
  readonly quotaBytes: number;
  readonly log: Log;
  /** Points of a run, with those that are about to be journaled. */
  readonly pointsOf: (run: Run) => number;
  /** What is on disk by now is in memory, too, where it is to be. */
  readonly catchUp: () => void;
  /** The files of these runs went for others. */
  readonly onGone: (runIds: readonly string[]) => void;
}

export class CurveKeeper {
  readonly #options: KeeperOptions;
  readonly #turns = new Turns();
  /** Each save uses it again; there is one save at a time. A new one for each of many short runs was half of what they cost. */
  readonly #block = Buffer.allocUnsafeSlow(WRITE_BYTES);
  #room = new CodecRoom();
  #hasFailed = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Looks at what is saved of a run. Never rejects: what can't be read counts for nothing. */
  async load(curves: RunCurves): Promise<void> {
    const { folder, log } = this.#options;
    try {
      if (!folder.mayHave(curves.runId)) return curves.loadNothing();
      await curves.load(folder.pathOf(curves.runId), (error) => {
        log("warn", "a file of curves is damaged and was removed", {
          run: curves.runId,
          reason: error.message,
        });
        folder.removeNow(curves.runId);
      });
      folder.used(curves.runId);
    } catch (error) {
      this.#say(error);
      curves.setFile(undefined);
    }
  }

  /** A key's curve as it is saved; undefined where it is not, or is damaged, which costs the file. */
  async read(curves: RunCurves, key: string): Promise<Curve | undefined> {
    const { file } = curves;
    try {
      return await file?.read(key);
    } catch (error) {
      this.#say(error);
      // It may have been replaced meanwhile.
      if (curves.file === file) this.#drop(curves);
      return undefined;
    }
  }

  /** Puts what is in memory of a run into its file, and before it what lies between; false where that failed. Never rejects. */
  async save(curves: RunCurves, run: Run | undefined): Promise<boolean> {
    return await this.#turns.take(async () => {
      try {
        await this.load(curves);
        await this.#save(curves, run).catch(async (error: unknown) => {
          if (!(error instanceof RangeError) && !isGone(error)) throw error;
          // Without the file, which is damaged or was taken away, all is read again.
          this.#say(error);
          curves.dropHeld();
          this.#drop(curves);
          await this.#save(curves, run);
        });
        this.#hasFailed = false;
        return true;
      } catch (error) {
        // What was to be saved is read again when it is wanted.
        curves.dropHeld();
        this.#say(error);
        return false;
      }
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#turns.idle();
  }

  async #save(curves: RunCurves, run: Run | undefined): Promise<void> {
    const { folder, catchUp, onGone } = this.#options;
    catchUp();
    curves.dropOverlap();
    const refilled = run && curves.isLacking ? await this.#refill(curves, run) : undefined;
    const through = refilled?.through ?? curves.file?.through ?? NOTHING;
    // From here on what comes begins another tail.
    const held = curves.takeTail(through.points);
    if (!held && !refilled) return;
    const after = held
      ? { seq: held.seqThrough, points: held.pointsThrough, missing: through.missing }
      : through;
    const stretches = [...(refilled ? [refilled.stretch] : []), ...(held ? [held] : [])];
    const file = refilled?.isWhole ? undefined : curves.file;
    const path = folder.pathOf(curves.runId);
    const { keys, leftOut } = keysOf(file, stretches);
    const saved = { ...after, missing: after.missing + leftOut };
    const joined = this.#joined(keys, file, stretches);
    const now = await writeCurveFile(
      { path, runId: curves.runId, through: saved, block: this.#block },
      joined,
      (written) => curves.savedAs(written),
    );
    if (now.bytes > ROOM_KEPT_FILE_BYTES) this.#room = new CodecRoom();
    onGone(await folder.saved(curves.runId, now.bytes));
  }

  async #refill(curves: RunCurves, run: Run): Promise<Refilled> {
    const { sources, catchUp } = this.#options;
    const saved = curves.file?.through ?? NOTHING;
    // Once in a daemon's life is enough for what nobody has.
    const looksForMissing = !curves.wasLookedFor;
    curves.wasLookedFor = true;
    return await refill(run, saved, sources, {
      looksForMissing,
      total: this.#options.pointsOf(run),
      until: () => {
        catchUp();
        return curves.heldFrom;
      },
      onStored: (points) => {
        catchUp();
        if ((curves.heldFrom ?? points) < points) curves.dropHeld();
      },
      lengthMax: () => this.#lengthMax(1),
    });
  }

  /** All curves of a file and of stretches behind it, in the order of the file, then of the stretches. */
  async *#joined(
    keys: ReadonlySet<string>,
    file: CurveFile | undefined,
    stretches: readonly Stretch[],
  ): AsyncGenerator<readonly [string, SavedCurve]> {
    const lengthMax = this.#lengthMax(keys.size);
    const room = this.#room;
    const bytesMax = lengthMax * 2 * SAVED_BUCKET_BYTES;
    for await (const [key, saved] of file?.all() ?? []) {
      const isChanged = stretches.some(({ curves }) => curves.has(key)) || saved.bytes.length > bytesMax;
      const joined = isChanged && decodeCurve(saved.bytes, room);
      yield [key, joined ? joinedOf(key, joined, stretches, { lengthMax, room }) : saved];
    }
    const inFile = file?.keys;
    for (const key of keys)
      if (!inFile?.has(key)) yield [key, joinedOf(key, undefined, stretches, { lengthMax, room })];
  }

  /** Buckets that each of so many curves of a file may have. */
  #lengthMax(keys: number): number {
    const bytes = Math.min(CURVE_RUN_BYTES_MAX, this.#options.quotaBytes / 4);
    const share = Math.floor(bytes / Math.max(1, keys) / SAVED_BUCKET_BYTES);
    return Math.min(CURVE_BUCKETS_MAX, Math.max(CURVE_BUCKETS_MIN, share));
  }

  /** The file of a run is not what it is to be. */
  #drop(curves: RunCurves): void {
    curves.lostFile();
    try {
      this.#options.folder.removeNow(curves.runId);
    } catch (error) {
      this.#say(error);
    }
  }

  /** Says once that something does not work, until it does again. */
  #say(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.log("warn", "curves could not be kept, and are made again when they are looked at", {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** The keys that are saved, and how many points are of keys that are too many. */
function keysOf(file: CurveFile | undefined, stretches: readonly Stretch[]) {
  const keys = new Set(file?.keys.keys());
  let leftOut = 0;
  for (const { curves, pointsLeftOut } of stretches) {
    leftOut += pointsLeftOut;
    for (const [key, curve] of curves) {
      if (keys.has(key) || keys.size < CURVE_KEYS_KEPT_MAX) keys.add(key);
      else leftOut += summaryOf(curve).points;
    }
  }
  return { keys, leftOut };
}

function joinedOf(
  key: string,
  saved: Curve | undefined,
  stretches: readonly Stretch[],
  { lengthMax, room }: { readonly lengthMax: number; readonly room: CodecRoom },
): SavedCurve {
  let joined = saved;
  let isOwn = saved !== undefined;
  for (const { curves } of stretches) {
    const curve = curves.get(key);
    if (!curve) continue;
    // Whoever reads meanwhile looks at the stretch's own.
    if (joined && !isOwn) joined = joined.copy();
    isOwn = joined !== undefined;
    if (joined) joined.merge(curve);
    else joined = curve;
  }
  if (!joined) throw new RangeError(`no part has ${key}`);
  if (!isOwn && joined.length > lengthMax) joined = joined.copy();
  joined.shrink(lengthMax);
  return { bytes: encodeCurve(joined, room), summary: summaryOf(joined) };
}
