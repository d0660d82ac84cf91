import { writeSync } from "node:fs";
import type { Fault } from "./errors.js";

const told = new WeakMap<object, Set<string>>();

/** Tells the user, once for each code and owner: by a process warning, which can be caught or turned off. */
export function warn(fault: Fault, owner: object): void {
  const codes = told.get(owner) ?? new Set();
  told.set(owner, codes);
  if (codes.has(fault.code)) return;
  codes.add(fault.code);
  const { code, sentence, remedy } = fault;
  process.emitWarning(`${sentence} ${remedy}`.trimEnd(), { type: "StepwellWarning", code });
}

/** Tells the user while the process ends, when no event is delivered any more. */
export function warnAtExit(fault: Fault): void {
  writeSync(
    2,
    `(${process.title}:${process.pid}) [${fault.code}] StepwellWarning: ${fault.sentence} ${fault.remedy}\n`,
  );
}
