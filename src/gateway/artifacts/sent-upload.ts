/** An upload on its way to its server, which may stand still or go away. */
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { within } from "../../home/wait.js";
import { UPLOAD_ANSWER_MS_MAX, UPLOAD_STALL_MS_MAX } from "../../model/limits.js";
import type { GatewayAnswer } from "../call.js";
import { ApiDown } from "../tracker-api.js";

/** How long a server may stand still before the spool goes on without it. */
export interface UploadPatience {
  /** While it takes an artifact. */
  readonly stallMs: number;
  /** Once it has all of it. */
  readonly answerMs: number;
}

export const PATIENCE: UploadPatience = { stallMs: UPLOAD_STALL_MS_MAX, answerMs: UPLOAD_ANSWER_MS_MAX };

/** An upload on its way to the server, as long as that takes it. */
export class Sent {
  readonly #body = new PassThrough();
  readonly #answered: Promise<GatewayAnswer | undefined>;
  readonly #ending = new AbortController();
  readonly #patience: UploadPatience;
  #isOver = false;
  #why: unknown;

  constructor(
    patience: UploadPatience,
    send: (body: Readable, ending: AbortSignal) => Promise<GatewayAnswer>,
  ) {
    this.#patience = patience;
    // What is destroyed early says so to whoever listens.
    this.#body.on("error", () => undefined);
    this.#answered = send(this.#body, this.#ending.signal).then(
      (answer) => {
        this.#isOver = true;
        this.#body.resume();
        return answer;
      },
      (error: unknown) => {
        this.#isOver = true;
        this.#why = error;
        this.#body.destroy();
        return undefined;
      },
    );
  }

  /** Resolves when the server, or nobody, wants more. With a spool beside it a server that stands still is given up. */
  async write(chunk: Buffer, hasSpool: boolean): Promise<void> {
    if (this.#isOver || this.#body.destroyed || this.#body.write(chunk)) return;
    const moved = Promise.race([once(this.#body, "drain").catch(() => undefined), this.#answered]);
    if (!hasSpool) await moved;
    else if (!(await within(this.#patience.stallMs, moved))) this.#giveUp();
  }

  /** What the server answers; undefined where it can't be asked. Throws what is not the server's absence. */
  async answer(hasSpool: boolean): Promise<GatewayAnswer | undefined> {
    if (!this.#body.destroyed) this.#body.end();
    // Perhaps it has it, and does not say so: what it gets again is the same.
    if (hasSpool && !(await within(this.#patience.answerMs, this.#answered))) this.#giveUp();
    const answer = await this.#answered;
    if (!answer && !(this.#why instanceof ApiDown)) throw this.#why;
    return answer;
  }

  /** Nothing more is sent; the answer, if there is one, goes on. */
  end(): void {
    this.#body.destroy();
  }

  #giveUp(): void {
    this.#ending.abort();
    this.end();
  }
}
