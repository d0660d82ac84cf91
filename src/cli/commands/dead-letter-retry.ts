/** `dead-letter retry`: sends entries again, and tells what came of them. */
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";
import type { Lane } from "../../gen/stepwell/v1/daemon.js";
import type { DeadLetter, RetryDeadLettersResponse } from "../../gen/stepwell/v1/dead_letters.js";
import { deadlineAfter, sleep } from "../../home/wait.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { withDaemon } from "../daemon/with-daemon.js";
import type { PlainRecord } from "../output/answer.js";
import { isTroubled, laneStateWord } from "../output/lane-words.js";
import { letterView } from "../output/letter-views.js";
import { isForPeople, showAnswer } from "../output/output.js";
import { paragraph } from "../output/paragraph.js";
import { CHANGE_MS_MAX, pages, type RetryOptions, selectionOf } from "./dead-letter.js";
import { lanesOf } from "./status.js";

const LOOK_MS = 100;
/** Letters that are looked at: of more those that come last are counted as delivered or waiting only. */
const LETTERS_MAX = 10_000;

/** Journals them again, waits for what becomes of them, and says what stays and why. */
export async function retry(
  context: Context,
  numbers: readonly number[],
  options: RetryOptions,
): Promise<number> {
  const selection = selectionOf(numbers, options);
  return await withDaemon(context, async (connection) => {
    const { last, chosen } = await chosenLetters(connection, numbers, options);
    const method = connection.deadLetters.retryDeadLetters.bind(connection.deadLetters);
    const response = await connection.call(method, { selection }, CHANGE_MS_MAX);
    const outcome = await waitForOutcome(connection, chosen, last, options.timeout * 1_000);
    await sayOutcome(context, options, response, outcome);
    const kept = keptFault(response);
    if (kept) throw kept;
    if (outcome.refused.length > 0) throw refusedFault(outcome.refused);
    return EXIT.ok;
  });
}

/** What became of letters that were sent again. */
interface Outcome {
  /** Refused once more, under new numbers. */
  readonly refused: readonly DeadLetter[];
  /** What they wait for still. */
  readonly waiting: readonly Lane[];
}

/** The letters that are meant, and the highest number of all: what comes back has higher ones. */
async function chosenLetters(
  connection: Connection,
  numbers: readonly number[],
  { run, tracker }: RetryOptions,
): Promise<{ last: bigint; chosen: DeadLetter[] }> {
  const { letters } = await pages(connection, { run, tracker, limit: LETTERS_MAX });
  const meant = new Set(numbers.map(BigInt));
  const chosen = letters.filter(({ number }) => meant.size === 0 || meant.has(number));
  return { last: letters.at(-1)?.number ?? 0n, chosen };
}

/** Looks until each of their lanes has passed, or stands still, or the time is over. */
async function waitForOutcome(
  connection: Connection,
  chosen: readonly DeadLetter[],
  last: bigint,
  timeoutMs: number,
): Promise<Outcome> {
  const lanes = new Set(chosen.map(({ runId, tracker }) => `${runId} ${tracker}`));
  const runIds = [...new Set(chosen.map(({ runId }) => runId))];
  const deadline = deadlineAfter(timeoutMs);
  for (;;) {
    const all = runIds.length === 1 ? await lanesOf(connection, runIds[0]) : await lanesOf(connection);
    const waiting = all.filter(({ runId, tracker }) => lanes.has(`${runId} ${tracker}`));
    if (waiting.every(isTroubled) || deadline.leftMs() === 0) {
      const { letters } = await pages(connection, {
        ...{ run: "", tracker: "", afterNumber: last, limit: LETTERS_MAX },
      });
      const refused = letters.filter(({ runId, tracker }) => lanes.has(`${runId} ${tracker}`));
      return { refused, waiting };
    }
    await sleep(Math.min(LOOK_MS, deadline.leftMs()));
  }
}

async function sayOutcome(
  context: Context,
  { output }: RetryOptions,
  response: RetryDeadLettersResponse,
  { refused, waiting }: Outcome,
): Promise<void> {
  const refusedEntries = refused.reduce((sum, { entries }) => sum + Number(entries), 0);
  const sent = Number(response.retriedEntries);
  const record: PlainRecord = {
    retried_letters: Number(response.retriedLetters),
    retried_entries: sent,
    delivered_entries: waiting.length === 0 ? Math.max(0, sent - refusedEntries) : null,
    refused_entries: refusedEntries,
    kept_letters: Number(response.keptLetters),
    kept: response.kept.map(({ number, code, message }) => ({ number: Number(number), code, message })),
    refused_again: refused.map(letterView),
    waiting: waiting.map(({ runId, tracker, state, lastError }) => ({
      ...{ run_id: runId, tracker, state: laneStateWord(state), last_error: lastError },
    })),
  };
  if (!isForPeople(output) || output === "table") {
    await showAnswer(context, { kind: "record", record }, output);
    return;
  }
  const came = waiting.length === 0 ? sent - refusedEntries : 0;
  const words = [
    `${counted(sent, "entry was", "entries were")} sent again.`,
    ...(came > 0 ? [`${counted(came, "is", "are")} delivered.`] : []),
    ...reasonsOf(refused, refusedEntries),
    ...waiting.map(
      ({ tracker, state, lastError }) =>
        `What goes to ${tracker || "no tracker"} waits: ${lastError || laneStateWord(state)}`,
    ),
  ];
  for (const line of [...new Set(words)]) context.stdout(paragraph(context, line));
}

function reasonsOf(refused: readonly DeadLetter[], entries: number): string[] {
  if (refused.length === 0) return [];
  const reasons = [...new Set(refused.map(({ tracker, reason }) => `${tracker}: ${reason}`))];
  return [`${counted(entries, "was", "were")} refused again. ${reasons.join(" ")}`];
}

/** Some of them are dead letters once more. */
function refusedFault(refused: readonly DeadLetter[]): StepwellError {
  const sentence = `${counted(refused.length, "dead letter came", "dead letters came")} back, from number ${refused[0]?.number ?? 0n} on.`;
  return new StepwellError("STEPWELL_DEAD_LETTERS", sentence);
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
