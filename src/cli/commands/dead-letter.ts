import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";
import type {
  DeadLetter,
  DeadLetterSelection,
  RetryDeadLettersResponse,
} from "../../gen/stepwell/v1/dead_letters.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";
import type { Connection } from "../daemon/find-daemon.js";
import { confirm } from "../input/confirm.js";
import type { OutputOptions } from "../input/options.js";
import { chosenColumns } from "../output/columns.js";
import { LETTER_COLUMNS, letterView, wholeLetterView } from "../output/letter-views.js";
import { render } from "../output/output.js";

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

/** The daemon's own bound of a page. */
const PAGE_MAX = 1_000;
/** Hundreds of megabytes may be journaled again. */
const CHANGE_MS_MAX = 600_000;

/** `dead-letter list`: the oldest first. */
export async function list(context: Context, options: ListOptions): Promise<number> {
  const columns = chosenColumns(LETTER_COLUMNS, options.columns);
  const connection = await connect(context);
  try {
    const { letters, hasMore } = await pages(connection, options);
    if (letters.length === 0) context.stderr("There are no dead letters.\n");
    if (hasMore) context.stderr(`There are more than ${options.limit}: see --limit.\n`);
    const items = letters.map(letterView);
    context.stdout(render({ kind: "list", columns, items }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** `dead-letter show`: one with what it holds. */
export async function show(context: Context, number: number, options: OutputOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const method = connection.deadLetters.getDeadLetter.bind(connection.deadLetters);
    const { letter, batch } = await connection.call(method, { number: BigInt(number) });
    if (!letter)
      throw new StepwellError("STEPWELL_DEAD_LETTER_UNKNOWN", `There is no dead letter ${number}.`);
    context.stdout(render({ kind: "record", record: wholeLetterView(letter, batch) }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** `dead-letter retry`: journals them again; says which stay and why. */
export async function retry(
  context: Context,
  numbers: readonly number[],
  options: ChangeOptions,
): Promise<number> {
  const selection = selectionOf(numbers, options);
  const connection = await connect(context);
  try {
    const method = connection.deadLetters.retryDeadLetters.bind(connection.deadLetters);
    const response = await connection.call(method, { selection }, CHANGE_MS_MAX);
    const record = {
      retried_letters: Number(response.retriedLetters),
      retried_entries: Number(response.retriedEntries),
      kept_letters: Number(response.keptLetters),
      kept: response.kept.map(({ number, code, message }) => ({ number: Number(number), code, message })),
    };
    context.stdout(render({ kind: "record", record }, options.output));
    const kept = keptFault(response);
    if (kept) throw kept;
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** `dead-letter drop`: removes them for good, after a question on a terminal. */
export async function drop(
  context: Context,
  numbers: readonly number[],
  options: ChangeOptions,
): Promise<number> {
  const selection = selectionOf(numbers, options);
  const connection = await connect(context);
  try {
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
    context.stdout(render({ kind: "record", record }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

async function pages(
  connection: Connection,
  options: ListOptions,
): Promise<{ letters: DeadLetter[]; hasMore: boolean }> {
  const method = connection.deadLetters.listDeadLetters.bind(connection.deadLetters);
  const letters: DeadLetter[] = [];
  for (;;) {
    const page = await connection.call(method, {
      runId: options.run,
      tracker: options.tracker,
      afterNumber: letters.at(-1)?.number ?? 0n,
      limit: Math.min(PAGE_MAX, options.limit - letters.length),
    });
    letters.push(...page.letters);
    if (!page.hasMore || letters.length >= options.limit) return { letters, hasMore: page.hasMore };
  }
}

/** Throws STEPWELL_USAGE unless numbers, a filter or all were chosen, and numbers alone. */
function selectionOf(numbers: readonly number[], options: ChangeOptions): DeadLetterSelection {
  const { run, tracker } = options;
  const all = options.all ?? false;
  const isFiltered = all || run !== "" || tracker !== "";
  if (numbers.length > 0 && isFiltered)
    throw new StepwellError("STEPWELL_USAGE", "Give numbers, or --all, --run or --tracker, not both.");
  if (numbers.length === 0 && !isFiltered)
    throw new StepwellError("STEPWELL_USAGE", "Give numbers of dead letters, --run, --tracker or --all.");
  return { numbers: numbers.map(BigInt), all, runId: run, tracker };
}

/** Why letters stay, with the code of the first. */
function keptFault({ keptLetters, kept }: RetryDeadLettersResponse): StepwellError | undefined {
  const first = kept[0];
  if (!first) return undefined;
  const code = Object.hasOwn(ERRORS, first.code) ? (first.code as ErrorCode) : "STEPWELL_DEAD_LETTERS";
  return new StepwellError(
    code,
    `${counted(keptLetters, "dead letter stays", "dead letters stay")}. Number ${first.number}: ${first.message}`,
  );
}
