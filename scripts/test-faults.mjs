/**
 * What went wrong in a suite, gathered from its lines: the whole suite says it again at its end, since of a long log
 * often the last lines alone are kept.
 */

const linesPerFaultMax = 12;
const faultsMax = 100;

/** A test that failed, by its name: AVA's and unittest's lines, and those of the suites of Go and Java. */
const named = /^(?: {2}[✘×] |(?:FAIL|ERROR): \w+ \(|FAILED )/;
/** What AVA says of a fault that belongs to no test; its text follows. */
const unnamed =
  /^ {2}(?:(?:Unhandled rejection|Uncaught exception) in |[✘×] (?:Internal error|Timed out|Error in ))/;
/** AVA's next line of anything else. */
const other = /^(?: {2}[✔√─-]| {2}\d+ tests? (?:passed|failed)$)/;

/** Gathers faults. `take` gets each line without colours, in the order of the log; `lines` is what is to be said again. */
export function gatherFaults() {
  const faults = [];
  let count = 0;
  let open;
  const begin = (line) => {
    count += 1;
    const fault = [line];
    if (faults.length < faultsMax) faults.push(fault);
    return fault;
  };
  return {
    take(line) {
      if (unnamed.test(line)) open = begin(line);
      else if (named.test(line)) {
        begin(line);
        open = undefined;
      } else if (other.test(line)) open = undefined;
      else if (open !== undefined && line.trim() !== "" && open.length <= linesPerFaultMax) open.push(line);
    },
    get lines() {
      const more = count - faults.length;
      return [...faults.flat(), ...(more > 0 ? [`  and ${more} more`] : [])];
    },
  };
}
