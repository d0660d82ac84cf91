/** A user's command is told what happens, by the daemon and by `stepwell run`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

interface Told {
  readonly text: string;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Whole lines only: the shell makes the file before `cat` writes to it. */
function toldIn(path: string): Told[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told);
}

test("a run that ended, one that failed and one that was lost are told by the hook and by --notify", async (t) => {
  const home = await scratchHome(t);
  const [all, own] = ["all", "own"].map((name) => join(dirname(home.paths.home), name)) as [string, string];
  const env = { STEPWELL_NOTIFY: `cat >>'${all}'`, STEPWELL_NOTIFY_EVENTS: "run_ended,run_failed,run_lost" };
  const daemon = await home.startDaemon({ env });
  const ran = await home.stepwell([
    "run",
    "--run-name=bad",
    `--notify=cat >>'${own}'`,
    "--",
    "sh",
    "-c",
    "exit 3",
  ]);
  t.is(ran.code, 3);
  t.like(toldIn(own)[0]?.events[0], { event: "run_failed", run_name: "bad", status: "FAILED", exit_code: 3 });
  t.regex(toldIn(own)[0]?.text ?? "", /^Stepwell: The run bad ended as FAILED after \d+ s\.$/);
  // The command itself is killed: nobody but the daemon can tell that.
  const lost = await home.stepwell(["run", "--run-name=gone", "--", "sh", "-c", "kill -9 $PPID"]);
  t.not(lost.code, 0);
  const names = () =>
    toldIn(all).flatMap(({ events }) => events.map((each) => `${each["event"]} ${each["run_name"]}`));
  await until("the failed run", names, (seen) => seen.includes("run_failed bad"));
  // What waits for the next minute is told at the daemon's end.
  await until(
    "the lost run's end",
    () => home.json(["runs", "list"]),
    (runs) => /gone.*KILLED|KILLED.*gone/.test(JSON.stringify(runs)),
  );
  await daemon.end("SIGTERM");
  t.deepEqual(names(), ["run_failed bad", "run_lost gone"]);
  const wrong = await home.here(["daemon", "start"], {
    STEPWELL_NOTIFY: "true",
    STEPWELL_NOTIFY_EVENTS: "never",
  });
  t.regex(wrong.stderr, /STEPWELL_NOTIFY_EVENTS has no event never/);
});
