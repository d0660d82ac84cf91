/** A process of the torture that kills itself at a named moment. Whoever starts it says which one, and at which hit of it. */
import { appendFileSync } from "node:fs";
import { HITS_VARIABLE, KILL_VARIABLE, type KillPoint } from "./kill-point-names.js";
import { wrap } from "./wrap.js";

let wanted = "";
let hitsLeft = 0;

/** Takes the moment from the environment, as "hits point". */
export function arm(): void {
  const [, hits = "0", point = ""] = /^(\d+) (.*)$/.exec(process.env[KILL_VARIABLE] ?? "") ?? [];
  wanted = point;
  hitsLeft = Number(hits);
}

/** The moment that is meant; empty: none. */
export function wantedPoint(): string {
  return wanted;
}

/** Whether the process ends at this moment when it is reached now. */
export function isNext(point: KillPoint | undefined): boolean {
  return point !== undefined && point === wanted && hitsLeft === 1;
}

/** This moment is reached: the process ends here if it is the one that is meant. */
export function at(point: KillPoint): void {
  if (point !== wanted || --hitsLeft !== 0) return;
  appendFileSync(process.env[HITS_VARIABLE] ?? "", `${point}\n`);
  process.kill(process.pid, "SIGKILL");
}

/** Wraps an asynchronous method whose moments are its begin and its end. */
export function around(
  owner: object,
  name: string,
  before: KillPoint | undefined,
  after: KillPoint | undefined,
): void {
  wrap(owner, name, (original) => {
    return async function (this: object, ...values) {
      if (before) at(before);
      const result = await original.apply(this, values);
      if (after) at(after);
      return result;
    };
  });
}
