/**
 * Imports what daemons write into a folder: one round, or one after the other until it is told to end. Each home
 * has a folder below it, whose bundles go in their order; what keeps one of them keeps those of its home alone.
 *
 * A daemon removes its bundles when it has read their receipts. Pairs that nobody takes away, because their home
 * is gone, go after a week.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { EXIT } from "../../errors/row.js";
import { sayError, toStepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { SPOOL_KEPT_MS, SPOOL_LOOK_MS } from "../../model/bundle-limits.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../input/options.js";
import { jsonText, showAnswer } from "../output/output.js";

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
          const record = await this.#take(file);
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
    const names = new Set(await readdir(home));
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
    else stdout(`${record.file}: ${record.points} points delivered\n`);
  }

  #complain(home: string, error: unknown): void {
    const said = sayError(toStepwellError(error));
    if (this.#said.get(home) === said) return;
    this.#said.set(home, said);
    this.#context.stderr(`${home}: ${said}\n`);
  }
}

/** A pair whose daemon has not come for a week goes: the bundle first, so that it is never there without its receipt. */
async function removeOld(path: string): Promise<void> {
  const receipt = `${path}${RECEIPT}`;
  const { mtimeMs } = await stat(receipt);
  if (systemClock.nowMs() - mtimeMs < SPOOL_KEPT_MS) return;
  await rm(path, { force: true });
  await rm(receipt, { force: true });
}
