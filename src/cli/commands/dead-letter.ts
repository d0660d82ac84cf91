import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { DeadLetter, DeadLetterSelection } from "../../gen/stepwell/v1/dead_letters.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import { confirm } from "../input/confirm.js";
import type { OutputOptions } from "../input/options.js";
import { chosenColumns } from "../output/columns.js";
import { LETTER_COLUMNS, letterView, wholeLetterView } from "../output/letter-views.js";
import { showAnswer } from "../output/output.js";

/** Options that say which letters are meant. */
export interface FilterOptions extends OutputOptions {
  readonly run: string;
  readonly tracker: string;
}

/** Options of `dead-letter list`. */
export interface ListOptions extends FilterOptions {
  readonly limit: number;
  readonly columns?: string;
}

/** Options of `dead-letter retry` and `dead-letter drop`. */
export interface ChangeOptions extends FilterOptions {
  readonly all?: true;
  readonly yes?: true;
}

/** Options of `dead-letter retry`. */
export interface RetryOptions extends ChangeOptions {
  /** Seconds that it waits for what becomes of them. */
  readonly timeout: number;
}

/** The daemon's own bound of a page. */
const PAGE_MAX = 1_000;
/** Hundreds of megabytes may be journaled again. */
export const CHANGE_MS_MAX = 600_000;

/** `dead-letter list`: the oldest first. */
export async function list(context: Context, options: ListOptions): Promise<number> {
  const columns = chosenColumns(LETTER_COLUMNS, options.columns);
  return await askDaemon(context, async (connection) => {
    const { letters, hasMore } = await pages(connection, options);
    if (letters.length === 0) context.stderr("There are no dead letters.\n");
    if (hasMore) context.stderr(`There are more than ${options.limit}: see --limit.\n`);
    const items = letters.map(letterView);
    await showAnswer(context, { kind: "list", columns, items }, options.output);
    return EXIT.ok;
  });
}

/** `dead-letter show`: one with what it holds. */
export async function show(context: Context, number: number, options: OutputOptions): Promise<number> {
  return await askDaemon(context, async (connection) => {
    const method = connection.deadLetters.getDeadLetter.bind(connection.deadLetters);
    const { letter, batch } = await connection.call(method, { number: BigInt(number) });
    if (!letter)
      throw new StepwellError("STEPWELL_DEAD_LETTER_UNKNOWN", `There is no dead letter ${number}.`);
    await showAnswer(context, { kind: "record", record: wholeLetterView(letter, batch) }, options.output);
    return EXIT.ok;
  });
}

/** `dead-letter drop`: removes them for good, after a question on a terminal. */
export async function drop(
  context: Context,
  numbers: readonly number[],
  options: ChangeOptions,
): Promise<number> {
  const selection = selectionOf(numbers, options);
  return await withDaemon(context, async (connection) => {
    if (!options.yes && !(await confirm("Remove these dead letters for good?"))) {
      context.stderr("Nothing was removed.\n");
      return EXIT.failed;
    }
    const method = connection.deadLetters.dropDeadLetters.bind(connection.deadLetters);
    const response = await connection.call(method, { selection }, CHANGE_MS_MAX);
    const record = {
      dropped_letters: Number(response.droppedLetters),
      dropped_entries: Number(response.droppedEntries),
    };
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  });
}

/** Letters in their order, as many as are wanted. */
export async function pages(
  connection: Connection,
  options: Pick<ListOptions, "run" | "tracker" | "limit"> & { readonly afterNumber?: bigint },
): Promise<{ letters: DeadLetter[]; hasMore: boolean }> {
  const method = connection.deadLetters.listDeadLetters.bind(connection.deadLetters);
  const letters: DeadLetter[] = [];
  for (;;) {
    const page = await connection.call(method, {
      runId: options.run,
      tracker: options.tracker,
      afterNumber: letters.at(-1)?.number ?? options.afterNumber ?? 0n,
      limit: Math.min(PAGE_MAX, options.limit - letters.length),
    });
    letters.push(...page.letters);
    if (!page.hasMore || letters.length >= options.limit) return { letters, hasMore: page.hasMore };
  }
}

/** Throws STEPWELL_USAGE unless numbers, a filter or all were chosen, and numbers alone. */
export function selectionOf(numbers: readonly number[], options: ChangeOptions): DeadLetterSelection {
  const { run, tracker } = options;
  const all = options.all ?? false;
  const isFiltered = all || run !== "" || tracker !== "";
  if (numbers.length > 0 && isFiltered)
    throw new StepwellError("STEPWELL_USAGE", "Give numbers, or --all, --run or --tracker, not both.");
  if (numbers.length === 0 && !isFiltered)
    throw new StepwellError("STEPWELL_USAGE", "Give numbers of dead letters, --run, --tracker or --all.");
  return { numbers: numbers.map(BigInt), all, runId: run, tracker };
}
