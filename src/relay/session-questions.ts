/** What the home of one stream asks, beside what it sends. */
import type { CursorQuery, DeliverResponse } from "../gen/stepwell/v1/relay.js";
import { isId } from "../model/id.js";
import { STORE_COMPARED_RUNS } from "../model/limits.js";
import type { Rights } from "../model/rights.js";
import { readLeft } from "../model/wire-run.js";
import { movedMessage, thrownMessage } from "../sinks/relay/outcome-message.js";
import type { Queries } from "./queries.js";
import { malformed } from "./requests.js";

/** Questions of one stream that wait for an answer. */
const WAITING_MAX = 8;

export interface QuestionsHost {
  /** Who asks, at the moment of the call. */
  readonly asker: () => { readonly homeId: string; readonly rights: Rights | undefined };
  readonly answer: (message: DeliverResponse["message"]) => void;
}

export class SessionQuestions {
  readonly #queries: Queries;
  readonly #host: QuestionsHost;
  #lastNumber = 0n;
  #waiting = 0;

  constructor(queries: Queries, host: QuestionsHost) {
    this.#queries = queries;
    this.#host = host;
  }

  /** Those without an answer. */
  get waiting(): number {
    return this.#waiting;
  }

  query({ number, questions }: CursorQuery): void {
    this.#asks(number);
    if (questions.length > STORE_COMPARED_RUNS)
      throw malformed(`${questions.length} cursors are asked for at once.`);
    const { homeId, rights } = this.#host.asker();
    const author = { homeId, incarnation: "" };
    const asked = questions.map(({ runId, after }) => {
      if (!isId(runId)) throw malformed("A run that is asked for has no id of 32 hexadecimal digits.");
      return { author, runId, after: readLeft(after) };
    });
    this.#answers(
      this.#queries.standing(asked, rights).then(
        (answers) => ({ number, cursors: answers.map(movedMessage), fault: undefined }),
        (error: unknown) => ({ number, cursors: [], fault: thrownMessage(error, "backend") }),
      ),
      (value) => ({ $case: "cursors", value }),
    );
  }

  look(number: bigint): void {
    this.#asks(number);
    const { homeId, rights } = this.#host.asker();
    this.#answers(
      this.#queries.writesOf(homeId, rights).then(
        (writes) => ({ number, writes: BigInt(writes), fault: undefined }),
        (error: unknown) => ({ number, writes: 0n, fault: thrownMessage(error, "backend") }),
      ),
      (value) => ({ $case: "looked", value }),
    );
  }

  #asks(number: bigint): void {
    if (number !== this.#lastNumber + 1n)
      throw malformed(`The question ${number} does not follow ${this.#lastNumber}.`);
    this.#lastNumber = number;
    if (this.#waiting >= WAITING_MAX) throw malformed("Too many questions wait for an answer.");
    this.#waiting += 1;
  }

  #answers<Value>(work: Promise<Value>, message: (value: Value) => DeliverResponse["message"]): void {
    void work.then((value) => {
      this.#waiting -= 1;
      this.#host.answer(message(value));
    });
  }
}
