/** The questions of one stream that wait for their answers. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { DeliverRequest, DeliverResponse } from "../../gen/stepwell/v1/relay.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import { STORE_COMPARED_RUNS } from "../../model/limits.js";
import { leftMessage } from "../../model/wire-run.js";
import { readFault, readMoved } from "./outcome-message.js";
import type { UnderWayHost } from "./packs-under-way.js";

type Answer = Extract<DeliverResponse["message"], { $case: "cursors" | "looked" }>;

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: StepwellError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface QuestionHost extends Pick<UnderWayHost, "onSilence" | "relay" | "answerMs"> {
  readonly write: (message: DeliverRequest["message"]) => void;
}

export class StreamQuestions {
  readonly #host: QuestionHost;
  readonly #asked = new Map<bigint, Asked>();
  #lastNumber = 0n;

  constructor(host: QuestionHost) {
    this.#host = host;
  }

  get isEmpty(): boolean {
    return this.#asked.size === 0;
  }

  /** Where runs stand in the backend. */
  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    const answers: CursorAnswer[] = [];
    for (let from = 0; from < questions.length; from += STORE_COMPARED_RUNS) {
      const some = questions
        .slice(from, from + STORE_COMPARED_RUNS)
        .map(({ runId, after }) => ({ runId, after: leftMessage(after) }));
      const answer = await this.#ask((number) => ({
        $case: "cursorQuery",
        value: { number, questions: some },
      }));
      if (answer.$case !== "cursors") throw this.#notUnderstood();
      const { fault, cursors } = answer.value;
      if (fault) throw thrownOf(fault);
      if (cursors.length !== some.length) throw this.#notUnderstood();
      answers.push(...cursors.map(readMoved));
    }
    return answers;
  }

  /** The home's transactions in the backend. */
  async writes(): Promise<number> {
    const answer = await this.#ask((number) => ({ $case: "look", value: { number } }));
    if (answer.$case !== "looked") throw this.#notUnderstood();
    const { fault, writes } = answer.value;
    if (fault) throw thrownOf(fault);
    return Number(writes);
  }

  answered(answer: Answer): void {
    const asked = this.#asked.get(answer.value.number);
    if (!asked) return;
    this.#asked.delete(answer.value.number);
    clearTimeout(asked.timer);
    asked.resolve(answer);
  }

  /** The stream is over. */
  fail(fault: StepwellError): void {
    const all = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject, timer } of all) {
      clearTimeout(timer);
      reject(fault);
    }
  }

  async #ask(message: (number: bigint) => DeliverRequest["message"]): Promise<Answer> {
    const { relay, answerMs, onSilence, write } = this.#host;
    return await new Promise((resolve, reject) => {
      this.#lastNumber += 1n;
      const number = this.#lastNumber;
      const sentence = `${relay} did not answer a question within ${answerMs / 1000} s.`;
      const late = () => onSilence(new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence));
      this.#asked.set(number, { resolve, reject, timer: setTimeout(late, answerMs) });
      write(message(number));
    });
  }

  #notUnderstood(): StepwellError {
    const sentence = `${this.#host.relay} answered a question with something else.`;
    return new StepwellError("STEPWELL_SERVER_NOT_UNDERSTOOD", sentence);
  }
}

function thrownOf(fault: Parameters<typeof readFault>[0]): StepwellError {
  const { code, reason } = readFault(fault);
  return new StepwellError(code, reason);
}
