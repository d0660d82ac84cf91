/**
 * What something costs a daemon, as a share of what it takes without it. Two daemons live at the same time and get the same work
 * in turns, a slice each, so that whatever else the machine does falls on both. What Linux counts of a process it counts in
 * 10 ms; what counts is all that a daemon took from its first slice through its last, with what it does later of an earlier one.
 */
import { cpuOf } from "./cpu.mjs";
import { withHome } from "./home.mjs";

/** Two slices with and two without, so that neither is always the first. */
const ORDER = ["without", "with", "with", "without"];

/**
 * Pairs of daemons until the share is known to so many percent, or there were so many pairs. `open` gives what does a
 * slice's work with a home, and answers what it saw of it.
 */
export async function costInPairs({
  environment,
  without,
  open,
  units,
  slices,
  pairsMin,
  pairsMax,
  errorPercent,
}) {
  const found = { with: [], without: [], percents: [], seen: { with: [], without: [] } };
  while (found.percents.length < pairsMax) {
    const pair = await inTurns({ environment, without, open, slices });
    for (const name of ["with", "without"]) {
      found[name].push((pair.cpu[name] / (slices * units)) * 1e9);
      found.seen[name].push(...pair.seen[name]);
    }
    found.percents.push(100 * (pair.cpu.with / pair.cpu.without - 1));
    if (found.percents.length >= pairsMin && errorOf(found.percents) <= errorPercent) break;
  }
  return {
    withNs: median(found.with),
    withoutNs: median(found.without),
    percent: median(found.percents),
    error: errorOf(found.percents),
    pairs: found.percents,
    seen: found.seen,
  };
}

/** Slices of one pair of daemons in turns: what each took of the processor, and what was seen. */
export async function inTurns({ environment, without, open, slices }) {
  return await withHome(
    async (one) =>
      await withHome(async (other) => {
        const homes = { with: one, without: other };
        const work = {};
        for (const [name, home] of Object.entries(homes)) work[name] = await open(home);
        const cpuNow = () => ({ with: cpuOf(one.endpoint.pid), without: cpuOf(other.endpoint.pid) });
        const before = cpuNow();
        const seen = { with: [], without: [] };
        for (let slice = 0; slice < 2 * slices; slice++) {
          const name = ORDER[slice % ORDER.length];
          seen[name].push(await work[name].slice());
        }
        const after = cpuNow();
        for (const each of Object.values(work)) await each.close();
        return {
          cpu: { with: after.with - before.with, without: after.without - before.without },
          seen,
        };
      }, without),
    environment,
  );
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.floor(middle)]) / 2;
}

/** How far the mean of so many values may be from what it would be of very many: one standard error. */
function errorOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
