/**
 * Loaded into a process before its program (`node --import`): moves its wall clock by what the clock file
 * says, in its main thread and in its workers. The monotonic clock stays as it is, but for the control.
 */
import { readFileSync } from "node:fs";
import { CLOCK_VARIABLE, WAITS_VARIABLE } from "./clock-file.js";

/** The file is read as often at most: some programs ask for the time ten thousand times a second. */
const READ_MS = 20;

const file = process.env[CLOCK_VARIABLE] ?? "";
const wallMs = Date.now.bind(Date);
const waitMs = performance.now.bind(performance);
let readMs = Number.NEGATIVE_INFINITY;
let movedMs = 0;

function moved(): number {
  if (waitMs() - readMs < READ_MS) return movedMs;
  readMs = waitMs();
  movedMs = Number(readFileSync(file, "utf8"));
  return movedMs;
}

globalThis.Date = new Proxy(Date, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [target.now()] : values, newTarget) as Date,
});
Date.now = () => wallMs() + moved();
if (process.env[WAITS_VARIABLE]) performance.now = () => waitMs() + moved();
