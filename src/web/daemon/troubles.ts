/** What is wrong, as sentences. Pure. */
import type { Status } from "../../gen/stepwell/v1/daemon.js";

export function troublesOf(status: Status): string[] {
  const { journalError, stateError, trackerWarnings, notices, deadLetters, producersWithLosses } = status;
  return [
    ...(journalError === "" ? [] : [journalError]),
    ...(stateError === "" ? [] : [stateError]),
    ...trackerWarnings.map(({ tracker, warning }) => `${tracker}: ${warning}`),
    ...notices,
    ...(deadLetters === 0n ? [] : ["There are dead letters: a backend will never take them as they are."]),
    ...(producersWithLosses === 0n ? [] : ["Some processes ended before all that they logged had arrived."]),
  ];
}
