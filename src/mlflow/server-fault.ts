import { LATE_LOOK_MS } from "../model/limits.js";
import type { JsonObject, Verdict } from "./verdict.js";

/** Every verdict but a good one. */
export type BadVerdict = Exclude<Verdict, { kind: "ok" }>;

/** An answer that ends what was under way; whoever sends packs turns it into an outcome. */
export class ServerFault extends Error {
  readonly verdict: BadVerdict;

  constructor(verdict: BadVerdict) {
    super(verdict.reason);
    this.verdict = verdict;
  }
}

/** What a run that is missing means for what was to be done to it: the same as one that was deleted. */
export function runGone(verdict: BadVerdict): ServerFault {
  return new ServerFault({ ...verdict, kind: "gone" });
}

/** The answer's body. Throws a ServerFault for any but a good one. */
export function bodyOf(verdict: Verdict): JsonObject {
  if (verdict.kind === "ok") return verdict.body;
  throw new ServerFault(verdict);
}

/** What waits for a request that was not answered: the server may still carry it out for so long. */
export function unsettled(server: string, wish: string, settlesInMs: number): ServerFault {
  const reason = `${server} was asked to ${wish} and did not answer; it may still do it.`;
  const afterMs = Math.min(settlesInMs, LATE_LOOK_MS);
  const code = "STEPWELL_SERVER_FAILED";
  const fault = { code, reason, isAmbiguous: false, isOverloaded: false, afterMs } as const;
  return new ServerFault({ kind: "retry", scope: "run", ...fault });
}
