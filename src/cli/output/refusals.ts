/** What of a program's logs was refused, said as it comes; of very much of it the rest is counted. */
import type { Rejection } from "../../gen/stepwell/v1/ingest.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { faultText } from "./faults.js";

const LINES_REMEDY =
  'Write lines as {"step": 4, "loss": 0.3}, or as CSV below a header such as step,loss: values are numbers.';

/** How many are said. */
const SAID_MAX = 20;

export class Refusals {
  readonly #stderr: Context["stderr"];
  #count = 0;

  constructor({ stderr }: Pick<Context, "stderr">) {
    this.#stderr = stderr;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes what the daemon refused; returns how many entries that are. */
  ofDaemon(refused: readonly Rejection[]): number {
    for (const { message, remedy, code } of refused) this.#say(message, remedy, code);
    return refused.reduce((sum, { entries }) => sum + entries, 0);
  }

  /** Takes what could not be read. */
  ofLine(fault: string): void {
    this.#say(fault, LINES_REMEDY, "STEPWELL_VALUE_INVALID");
  }

  /** Says how many were not said. */
  sayRest(): void {
    if (this.#count > SAID_MAX) this.#stderr(`${counted(this.#count - SAID_MAX, "more refusal")}.\n`);
  }

  #say(message: string, remedy: string, code: string): void {
    this.#count += 1;
    if (this.#count <= SAID_MAX) this.#stderr(faultText(message, remedy, code));
  }
}
