/** `stepwell watch` on a real terminal, with runs that go on and no MLflow at all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { LiveRun } from "../support/live-run.js";
import { SeenAfter } from "../support/seen-after.js";
import { Tmux, tmuxTest } from "../support/tmux.js";
import { until } from "../support/until.js";

const HOSTILE = "\u001b]0;owned\u0007\u001b[2J\u202ex\u009b31m\r\n";

async function beginRun(
  t: ExecutionContext,
  home: ScratchHome,
  runName: string,
  trackers: readonly string[] = [],
): Promise<LiveRun> {
  const run = await LiveRun.connect(t, home);
  await run.begin(runName, trackers);
  return run;
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

tmuxTest(
  "a run is seen to begin and to move within a second, with its server down and nothing else there",
  async (t) => {
    const home = await scratchHome(t);
    const tmux = await Tmux.open(t, home);
    await tmux.stepwell("watch");
    await tmux.shows(/No run yet/);
    const address = "http://127.0.0.1:9";
    await home.here([
      "experiment-tracker",
      "register",
      "down",
      "--flavor=mlflow",
      `--tracking_uri=${address}`,
    ]);
    const seen = new SeenAfter();
    for (const [name, trackers] of [
      ["nothing-set-up", []],
      ["server-down", ["down"]],
    ] as const) {
      const run = await LiveRun.connect(t, home);
      const first = async () => {
        await run.begin(name, trackers);
        await run.log("loss", [0.25]);
      };
      await seen.note(first, () => tmux.shows(new RegExp(`follows ${name}[\\s\\S]*loss +0\\.25`)));
      for (let step = 1; step <= 3; step++)
        await seen.note(
          () => run.log("loss", [step + 0.5], step),
          () => tmux.shows(new RegExp(`loss +${step}\\.5`)),
        );
    }
    seen.isWithinASecond(t, "on a terminal");
    await tmux.type("q");
    await tmux.shows(/\$$/);
  },
);

tmuxTest(
  "keys filter, enlarge, lay runs over one another and explain themselves, from 60 to 300 columns",
  async (t) => {
    const home = await scratchHome(t);
    const older = await beginRun(t, home, "older");
    await older.log("loss", upTo(50));
    const newer = await beginRun(t, home, "newer");
    for (const key of ["loss", "acc", "val/loss", "system/cpu_utilization_percentage"])
      await newer.log(key, upTo(50));
    const tmux = await Tmux.open(t, home);
    await tmux.stepwell("watch");
    const first = await tmux.shows(/follows newer · by step[\s\S]*System[\s\S]*cpu +49 %/);
    t.regex(first, /acc +49[\s\S]*loss +49[\s\S]*val\/loss +49/);
    await tmux.type("/", "^", "l", "o", "s");
    await tmux.shows(/filter: \^los/);
    await tmux.type("Enter");
    t.notRegex(await tmux.shows(/1 metric$/m), /acc/);
    await tmux.type("Tab", "Down", "Space");
    await tmux.shows(/^stepwell 2 runs · by step · \/\^los\//);
    await tmux.type("l", "s");
    await tmux.shows(/log · smooth 0\.5[\s\S]*no log: not all are positive/);
    await tmux.type("?");
    await tmux.shows(/Keys: any closes this/);
    await tmux.type("x");
    for (const columns of [60, 100, 200, 300]) {
      await tmux.resize(columns, 40);
      const text = await tmux.shows(new RegExp(`^─.{${columns - 1}}$`, "m"));
      t.regex(text, /^stepwell 2 runs/);
      t.regex(text, /[⠁-⣿]/u);
      t.regex(text, /^\? help/m);
    }
    // By the mouse: the second run is clicked away.
    await tmux.ask("send-keys", "-l", "\u001b[<0;6;4M");
    await tmux.shows(/^stepwell newer/);
    await tmux.type("q");
    await tmux.shows(/\$$/);
  },
);

tmuxTest("names that would steer a terminal are shown, and nothing of them is sent to it", async (t) => {
  const home = await scratchHome(t);
  const run = await beginRun(t, home, `run ${HOSTILE}`);
  const key = `key ${HOSTILE}`;
  await run.log(key, [1, 2]);
  await run.log("loss", [1, 2]);
  const tmux = await Tmux.open(t, home, { columns: 200 });
  const raw = join(home.paths.home, "..", "raw");
  await tmux.ask("pipe-pane", `cat >${raw}`);
  const before = await tmux.modes();
  await tmux.stepwell("watch");
  await tmux.shows(/run \\u\{1b\}\]0;owned[\s\S]*loss +2/);
  t.is((await tmux.modes()).split(" ").slice(4).join(" "), before.split(" ").slice(4).join(" "));
  await tmux.type("q");
  await tmux.shows(/\$$/);
  const sent = readFileSync(raw, "latin1");
  t.true(sent.includes("owned"));
  for (const sequence of ["\u001b]0;owned", "\u009b31m"]) t.false(sent.includes(sequence));
});

tmuxTest("however it ends, the terminal is as it was", async (t) => {
  const home = await scratchHome(t);
  const run = await beginRun(t, home, "one");
  await run.log("loss", upTo(20));
  const crash = encodeURIComponent('process.on("SIGUSR2", () => { throw new Error("made to fail"); });');
  const tmux = await Tmux.open(t, home, { env: { NODE_OPTIONS: `--import=data:text/javascript,${crash}` } });
  await tmux.line("stty -a >$STEPWELL_HOME/tty-before; echo kept");
  await tmux.shows(/^kept$/m);
  const modes = await tmux.modes();
  let round = 0;
  const isPutBack = async (how: string, code: string) => {
    round += 1;
    await tmux.shows(/\$$/);
    t.is(await tmux.modes(), modes, how);
    const text = await tmux.text();
    t.regex(text, /stepwell\.js watch$/m, "the line that began it is there again");
    await tmux.line(`echo code-$?-${round}; stty -a | cmp - $STEPWELL_HOME/tty-before && echo same-${round}`);
    const said = await tmux.shows(new RegExp(`^same-${round}$|differ`, "m"));
    t.regex(said, new RegExp(`^code-${code}-${round}$`, "m"), how);
    t.regex(said, new RegExp(`^same-${round}$`, "m"), how);
  };
  const begin = async () => {
    await tmux.stepwell("watch");
    await tmux.shows(/^stepwell follows one[\s\S]*loss +19/);
  };
  const pid = async () => (await tmux.ask("display-message", "-p", "#{pane_pid}")).trim();
  const send = async (signal: string) => {
    const shell = await pid();
    const children = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim().split(" ");
    process.kill(Number(children[0]), signal);
  };
  await begin();
  await tmux.type("q");
  await isPutBack("q", "0");
  await begin();
  await tmux.type("C-c");
  await isPutBack("Ctrl-C", "130");
  await begin();
  await send("SIGTERM");
  await isPutBack("SIGTERM", "143");
  await begin();
  await send("SIGHUP");
  await isPutBack("SIGHUP", "129");
  await begin();
  await send("SIGUSR2");
  await tmux.shows(/error: made to fail/);
  await isPutBack("an exception", "1");
  await begin();
  await tmux.type("C-z");
  await isPutBack("Ctrl-Z", "1(48|46)");
  await tmux.line("fg");
  await tmux.shows(/^stepwell follows one[\s\S]*loss +19/);
  await run.log("loss", [77], 20);
  await tmux.shows(/loss +77/);
  await tmux.type("q");
  await isPutBack("q behind fg", "0");
});

tmuxTest("a page whose daemon goes away says so, and goes on with the next one", async (t) => {
  const home = await scratchHome(t);
  await (await beginRun(t, home, "before")).log("loss", [1, 2]);
  const tmux = await Tmux.open(t, home);
  await tmux.stepwell("watch");
  await tmux.shows(/follows before[\s\S]*loss +2/);
  await home.here(["daemon", "stop"]);
  t.regex(await tmux.shows(/The daemon is away/), /loss +2/, "what was read stays");
  await home.here(["daemon", "start"]);
  await until(
    "the page goes on",
    () => tmux.text(),
    (text) => !text.includes("is away"),
  );
  await (await beginRun(t, home, "after")).log("acc", [0.5]);
  await tmux.shows(/follows after[\s\S]*acc +0\.5/);
  await tmux.type("q");
  await tmux.shows(/\$$/);
});

test("without a terminal it says what to use instead; a run that is not there is an error as any other", async (t) => {
  const home = await scratchHome(t);
  const { code, stdout, stderr } = await home.stepwell(["watch"]);
  t.is(code, 2);
  t.is(stdout, "");
  t.regex(stderr, /^error: .*terminal.*stepwell runs tail.*\n/);
});
