/** `bundle export`, `bundle import` and `bundle confirm`. The daemon reads and writes the files. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { BundleProgress } from "../../gen/stepwell/v1/bundles.js";
import { systemClock } from "../../home/clock.js";
import { readPlain } from "../../home/plain-file.js";
import { CALL_MS_MAX } from "../../home/wait.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import type { OutputOptions } from "../input/options.js";
import { showAnswer } from "../output/output.js";
import { countText } from "../output/people.js";
import { Redraw } from "../output/redraw.js";
import type { ImportOptions, ImportRecord } from "./bundle-folder.js";

/** Options of `bundle export`. */
export interface ExportOptions extends OutputOptions {
  readonly experimentTracker?: string;
  readonly run?: string;
  readonly again?: true;
  readonly recipient?: string;
}

/** An identity's file has comments, too; nobody's is larger. */
const IDENTITY_BYTES_MAX = 64 * 1024;
/** When to begin to say how far it is. */
const NOTE_MS = 1_000;

/** `bundle export`: 0 also where nothing waits; then no file is made. */
export async function exportFile(context: Context, file: string, options: ExportOptions): Promise<number> {
  return await askDaemon(context, async (connection) => {
    const request = {
      file: resolve(file),
      runId: options.run ?? "",
      tracker: options.experimentTracker ?? "",
      again: options.again ?? false,
      recipient: options.recipient ?? "",
    };
    const { bundles, stream } = connection;
    const done = await followed(context, "written", (take) =>
      stream(bundles.exportBundle.bind(bundles), request, take, CALL_MS_MAX),
    );
    if (done.runs === 0n) context.stderr("Nothing waits that no bundle holds: no file was made.\n");
    const { number, homeId, runs, points, bytes } = done;
    const record = {
      ...{ file: runs === 0n ? "" : request.file, bundle: Number(number), home_id: homeId },
      ...{ runs: Number(runs), points: Number(points), bytes: Number(bytes) },
    };
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  });
}

/** `bundle import`: of a file, of what a folder holds, or of what comes into it. */
export async function importPath(context: Context, path: string, options: ImportOptions): Promise<number> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      const sentence = `${path} can't be looked at: ${error instanceof Error ? error.message : String(error)}.`;
      throw new StepwellError("STEPWELL_BUNDLE_FILE", sentence, { cause: error });
    },
  );
  if (options.watch && !isFolder) throw new StepwellError("STEPWELL_USAGE", "--watch takes a folder.");
  // Each file anew: a daemon may be another one an hour later.
  const take = async (file: string) =>
    await withDaemon(context, (connection) => importFile(context, connection, file, options));
  if (isFolder) {
    const { importFolder } = await import("./bundle-folder.js");
    return await importFolder(context, resolve(path), options, take);
  }
  const record = await take(resolve(path));
  await showAnswer(context, { kind: "record", record }, options.output);
  return EXIT.ok;
}

/** Delivers one file; answers what is to be shown of it. */
async function importFile(
  context: Context,
  { bundles, stream }: Connection,
  file: string,
  options: ImportOptions,
): Promise<ImportRecord> {
  const identity = options.identity === undefined ? "" : await readIdentity(options.identity);
  // 0 would be no time at all.
  const timeoutMs = Math.max(1, Math.round(options.timeout * 1000));
  const request = { file, tracker: options.to, identity, timeoutMs };
  const done = await followed(context, "delivered", (take) =>
    stream(bundles.importBundle.bind(bundles), request, take, CALL_MS_MAX),
  );
  return {
    ...{ file, bundle: Number(done.number), home_id: done.homeId, runs: Number(done.runs) },
    ...{ points: Number(done.points), points_before: Number(done.pointsBefore) },
    ...{ refused: Number(done.refused), receipt: done.receipt },
  };
}

/** `bundle confirm`. */
export async function confirm(context: Context, file: string, options: OutputOptions): Promise<number> {
  return await askDaemon(context, async ({ bundles, call }) => {
    const confirmed = await call(bundles.confirmBundle.bind(bundles), { file: resolve(file) }, CALL_MS_MAX);
    const { number, runs, points, runsBefore } = confirmed;
    const record = {
      ...{ bundle: Number(number), runs: Number(runs), points: Number(points) },
      runs_before: Number(runsBefore),
    };
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  });
}

interface Piece {
  readonly progress: BundleProgress | undefined;
}

/** Says how far the work is once it takes longer than a second; answers its last piece. */
async function followed(
  { stderr, noteScreen }: Context,
  what: string,
  work: (take: (piece: Piece) => void) => Promise<void>,
): Promise<BundleProgress> {
  const drawing = new Redraw(stderr, noteScreen);
  const beganMs = systemClock.monotonicMs();
  let last: BundleProgress | undefined;
  let isTold = false;
  try {
    await work(({ progress }) => {
      last = progress;
      if (!progress || progress.done || systemClock.monotonicMs() - beganMs < NOTE_MS) return;
      if (isTold && !noteScreen?.canRedraw) return;
      isTold = true;
      drawing.draw(`${countText(progress.points)} points ${what}...\n`);
    });
  } finally {
    drawing.clear();
  }
  if (last?.done) return last;
  throw new StepwellError("STEPWELL_INTERNAL", "The daemon did not say what it did.");
}

/** The identity in a file as age-keygen writes it. */
async function readIdentity(path: string): Promise<string> {
  const text = await readPlain(path, IDENTITY_BYTES_MAX).catch((cause: unknown) => {
    throw new StepwellError("STEPWELL_BUNDLE_SEALED", `The identity ${path} can't be read.`, { cause });
  });
  const identity = /^AGE-SECRET-KEY-[0-9A-Z-]+$/m.exec(text.toString("utf8"))?.[0];
  if (identity) return identity;
  throw new StepwellError("STEPWELL_BUNDLE_SEALED", `${path} holds no identity of age's.`);
}
