import { StepwellError } from "../errors/stepwell-error.js";
import type {
  DeadLetter,
  DeadLetterSelection,
  DeadLettersServiceServer,
} from "../gen/stepwell/v1/dead_letters.js";
import { Batch } from "../gen/stepwell/v1/ingest.js";
import { type LetterRetryOptions, retryLetters } from "../ingest/letter-retry.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { LetterSelection, ParkedLetter } from "../runs/dead-letters.js";
import { unary } from "./unary.js";

type Books = Pick<LetterOptions, "runs" | "backendRuns">;

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const KEPT_MAX = 100;

/** What the service works with. */
export interface LetterOptions extends LetterRetryOptions {
  readonly backendRuns: BackendRuns;
}

export function deadLettersService(options: LetterOptions): DeadLettersServiceServer {
  const { deadLetters } = options;
  return {
    listDeadLetters: unary(async ({ runId, tracker, afterNumber, limit }) => {
      const most = Math.min(LIMIT_MAX, limit || LIMIT_DEFAULT);
      const selection = { runId: await fullRunId(options, runId), tracker };
      const letters: DeadLetter[] = [];
      for await (const letter of deadLetters.list(selection, Number(afterNumber))) {
        if (letters.length === most) return { letters, hasMore: true };
        letters.push(messageOf(letter));
      }
      return { letters, hasMore: false };
    }),
    getDeadLetter: unary(async ({ number }) => {
      const letter = await deadLetters.get(Number(number));
      const batch = letter.payload === "" ? undefined : Batch.decode(Buffer.from(letter.payload, "base64"));
      return { letter: messageOf(letter), batch };
    }),
    retryDeadLetters: unary(async ({ selection }) => {
      const { retried, kept } = await retryLetters(options, await selectionOf(options, selection));
      return {
        retriedLetters: BigInt(retried.letters),
        retriedEntries: BigInt(retried.entries),
        keptLetters: BigInt(kept.length),
        kept: kept.slice(0, KEPT_MAX).map(({ number, fault }) => ({
          number: BigInt(number),
          code: fault.code,
          message: fault.message,
        })),
      };
    }),
    dropDeadLetters: unary(async ({ selection }) => {
      const dropped = await deadLetters.drop(await selectionOf(options, selection));
      return { droppedLetters: BigInt(dropped.letters), droppedEntries: BigInt(dropped.entries) };
    }),
  };
}

/** Throws STEPWELL_USAGE where nothing is chosen: what can't be undone is never done by default. */
async function selectionOf(
  books: Books,
  selection: DeadLetterSelection | undefined,
): Promise<LetterSelection> {
  const { numbers, all, runId, tracker } = selection ?? { numbers: [], all: false, runId: "", tracker: "" };
  if (numbers.length === 0 && !all && runId === "" && tracker === "")
    throw new StepwellError("STEPWELL_USAGE", "No dead letters are chosen.");
  const whole = { runId: await fullRunId(books, runId), tracker };
  return numbers.length === 0 ? whole : { ...whole, numbers: numbers.map(Number) };
}

/** The run id that an id of a server, or a prefix, stands for; empty stays empty. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
async function fullRunId({ runs, backendRuns }: Books, idOrPrefix: string): Promise<string> {
  return idOrPrefix === "" ? "" : (await runs.get(await backendRuns.ownId(idOrPrefix))).runId;
}

function messageOf(letter: ParkedLetter): DeadLetter {
  return {
    number: BigInt(letter.number),
    runId: letter.runId,
    tracker: letter.tracker,
    code: letter.code,
    reason: letter.reason,
    entries: BigInt(letter.entries),
    parkedMs: BigInt(letter.parkedMs),
    retryable: letter.payload !== "",
  };
}
