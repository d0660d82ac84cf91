/** Says beforehand what the demo will take, and meanwhile that an installation goes on. Uses nothing but Node's own modules. */

/** As measured on two slow cores; the sizes are of Linux on x64. */
const STEPS = {
  packages: { says: "npm's packages (100 MB in node_modules)", seconds: 30 },
  build: { says: "a build", seconds: 30 },
  python: { says: "a Python environment with scikit-learn (240 MB in .cache)", seconds: 60 },
};
const TRAINING_SECONDS = 30;
const TICK_MS = 1_000;
/** Where a line can't be written over there is one for each so many ticks. */
const TICKS_A_LINE = 10;

/** A sentence on what is missing: how long it takes, and how large it is. */
export function outlookOf(missing) {
  const steps = Object.entries(STEPS).flatMap(([name, step]) => (missing[name] ? [step] : []));
  const seconds = steps.reduce((sum, step) => sum + step.seconds, TRAINING_SECONDS);
  const what = [...steps.map(({ says }) => says), "half a minute of training"];
  const time = seconds < 60 ? "half a minute" : `${Math.ceil(seconds / 60)} minutes, a slow network aside`;
  const list = what.length === 1 ? what[0] : `${what.slice(0, -1).join(", ")} and ${what.at(-1)}`;
  return `The demo takes about ${time}: ${list}.${steps.length > 0 ? " All but the training is done once." : ""}`;
}

/** Says what is done until it is: with the seconds, on a terminal in one line. Settles as the work does. */
export async function shownWhile(title, work, output = process.stdout, tickMs = TICK_MS) {
  const beginMs = performance.now();
  const seconds = () => Math.round((performance.now() - beginMs) / 1000);
  if (!output.isTTY) output.write(`${title} ...\n`);
  let ticks = 0;
  const tick = () => {
    ticks += 1;
    if (output.isTTY) output.write(`\r\u001b[K${title} ... ${seconds()} s`);
    else if (ticks % TICKS_A_LINE === 0) output.write(`  ... ${seconds()} s\n`);
  };
  const timer = setInterval(tick, tickMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (output.isTTY) output.write(`\r\u001b[K${title}: ${seconds()} s\n`);
  }
}
