/**
 * Imports what daemons write into a folder: one round, or one after the other until it is told to end. Each home
 * has a folder below it, whose bundles go in their order; what keeps one of them keeps those of its home alone.
 *
 * A daemon removes its bundles when it has read their receipts. Pairs that nobody takes away, because their home
 * is gone, go after a week.
 */
import { lstat, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { EXIT } from "../../errors/row.js";
import { sayError, toStepwellError } from "../../errors/stepwell-error.js";
import { isCode } from "../../errors/system-code.js";
import { systemClock } from "../../home/clock.js";
import { userId } from "../../home/user.js";
import { SPOOL_KEPT_MS, SPOOL_LOOK_MS } from "../../model/bundle-limits.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../input/options.js";
import { jsonText, showAnswer } from "../output/output.js";
import { visible } from "../output/people.js";

/** Options of `bundle import`. */
export interface ImportOptions extends OutputOptions {
  readonly to: string;
  readonly watch?: true;
  readonly identity?: string;
  /** Seconds. */
  readonly timeout: number;
}

/** What is shown of an import. */
export interface ImportRecord extends Readonly<Record<string, string | number>> {
  readonly file: string;
  readonly points: number;
  readonly receipt: string;
}

const BUNDLE = ".bundle";
const RECEIPT = ".receipt";

type Take = (file: string) => Promise<ImportRecord>;

/** Exit code 1 where a bundle of the round could not be imported; with --watch it goes on until it is interrupted. */
export async function importFolder(
  context: Context,
  folder: string,
  options: ImportOptions,
  take: Take,
): Promise<number> {
  const round = new FolderRounds(context, folder, options, take);
  if (!options.watch) {
    const { records, isWhole } = await round.once();
    await showAnswer(context, { kind: "list", columns: COLUMNS, items: records }, options.output);
    return isWhole ? EXIT.ok : EXIT.failed;
  }
  context.stderr(`Imports what comes into ${folder}; end it with Ctrl-C.\n`);
  for (;;) {
    await round.once();
    await new Promise((resolve) => setTimeout(resolve, SPOOL_LOOK_MS));
  }
}

const COLUMNS = ["file", "bundle", "runs", "points", "points_before", "refused"].map((key) => ({ key }));

class FolderRounds {
  readonly #context: Context;
  readonly #folder: string;
  readonly #options: ImportOptions;
  readonly #take: Take;
  /** What was said of each home last: the same is not said again every two seconds. */
  readonly #said = new Map<string, string>();

  constructor(context: Context, folder: string, options: ImportOptions, take: Take) {
    this.#context = context;
    this.#folder = folder;
    this.#options = options;
    this.#take = take;
  }

  /** Takes all bundles that have no receipt. */
  async once(): Promise<{ readonly records: ImportRecord[]; readonly isWhole: boolean }> {
    const records: ImportRecord[] = [];
    let isWhole = true;
    for (const home of await this.#homes()) {
      try {
        for (const file of await this.#waiting(home)) {
          const record = await this.#taken(file);
          if (!record) continue;
          records.push(record);
          this.#tell(record);
        }
        this.#said.delete(home);
      } catch (error) {
        isWhole = false;
        this.#complain(home, error);
      }
    }
    return { records, isWhole };
  }

  /** Takes one, unless somebody else has taken it meanwhile: then its daemon may have removed it, too. */
  async #taken(file: string): Promise<ImportRecord | undefined> {
    if (!(await isWaiting(file))) return undefined;
    try {
      return await this.#take(file);
    } catch (error) {
      if (await isWaiting(file)) throw error;
      return undefined;
    }
  }

  /** The folder itself, and those of homes below it. */
  async #homes(): Promise<string[]> {
    try {
      const entries = await readdir(this.#folder, { withFileTypes: true });
      const below = entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(this.#folder, name));
      this.#said.delete("");
      return [this.#folder, ...below.toSorted()];
    } catch (error) {
      this.#complain("", error);
      return [];
    }
  }

  /** Bundles without a receipt, in their order. */
  async #waiting(home: string): Promise<string[]> {
    const names = new Set(home === this.#folder ? await readdir(home) : await namesInHome(home));
    const bundles = [...names].filter((name) => name.endsWith(BUNDLE)).toSorted();
    const waiting: string[] = [];
    for (const name of bundles) {
      const path = join(home, name);
      if (!names.has(`${name}${RECEIPT}`)) waiting.push(path);
      else if (home !== this.#folder) await removeOld(path);
    }
    return waiting;
  }

  #tell(record: ImportRecord): void {
    if (!this.#options.watch) return;
    const { stdout } = this.#context;
    if (this.#options.output === "json") stdout(`${jsonText(record, 0)}\n`);
    else stdout(`${visible(record.file)}: ${record.points} points delivered\n`);
  }

  #complain(home: string, error: unknown): void {
    const said = sayError(toStepwellError(error));
    if (this.#said.get(home) === said) return;
    this.#said.set(home, said);
    this.#context.stderr(`${visible(`${home}: ${said}`)}\n`);
  }
}

/** Whether a bundle is there and has no receipt. */
async function isWaiting(file: string): Promise<boolean> {
  const [bundle, receipt] = await Promise.all(
    [file, `${file}${RECEIPT}`].map((path) => unlessGone(lstat(path))),
  );
  return bundle !== undefined && receipt === undefined;
}

/** What a home's folder holds; nothing where it is another user's alone: a spool's folder may be many users'. */
async function namesInHome(home: string): Promise<string[]> {
  try {
    return (await unlessGone(readdir(home))) ?? [];
  } catch (error) {
    const found = isCode(error, "EACCES") ? await unlessGone(stat(home)) : undefined;
    if (found && found.uid !== userId()) return [];
    throw error;
  }
}

async function unlessGone<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A pair whose daemon has not come for a week goes: the bundle first, so that it is never there without its receipt. */
async function removeOld(path: string): Promise<void> {
  const receipt = `${path}${RECEIPT}`;
  const mtimeMs = await unlessGone(stat(receipt).then((found) => found.mtimeMs));
  if (mtimeMs === undefined || systemClock.nowMs() - mtimeMs < SPOOL_KEPT_MS) return;
  await rm(path, { force: true });
  await rm(receipt, { force: true });
}
