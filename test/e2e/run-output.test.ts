/** What a program of `stepwell run` writes: shown as ever, and kept as an artifact of its run. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import anyTest from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { ROOT, type ScratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { hasTerminal, onTerminal } from "../support/terminal.js";
import { Tmux, tmuxTest } from "../support/tmux.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;
const homeOf = homeForAll(anyTest, async () => undefined);
const COMMAND = join(ROOT, "build/stepwell.js");

/** The artifact of the run that has this name; undefined where there is none. */
function keptOf({ paths }: ScratchHome, name: string): string | undefined {
  const store = paths.artifactStoreFolder;
  const [row] = query(`${store}/mlflow.db`, `SELECT artifact_uri FROM runs WHERE name = '${name}'`);
  const path = join(String(row?.[0]).replace(/^file:\/\//, ""), "output.log");
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

const WRITES = 'echo out; echo err >&2; echo again; echo by name >/dev/stderr; printf "half"; exit 3';

test("both streams come as they did, are kept in their order, and hold no credential", async (t) => {
  const home = homeOf();
  const on = { STEPWELL_RUN_OUTPUT: "" };
  const inShell = (name: string, script: string) => ["run", `--run-name=${name}`, "--", "sh", "-c", script];
  t.is((await home.here(["secret", "create", "s", "--token=hunter2secret"])).code, 0);
  const apart = await home.stepwell(inShell("apart", WRITES), on);
  t.like(apart, { code: 3, stdout: "out\nagain\nhalf", stderr: "err\nby name\n" });
  // Of two pipes nobody knows which was written to first.
  const lines = (keptOf(home, "apart") ?? "").replace("half", "half\n").trim().split("\n");
  t.deepEqual(lines.sort(), ["again", "by name", "err", "half", "out"]);

  // Into one file, to which the program writes by itself.
  const path = join(dirname(home.paths.home), "written");
  const file = openSync(path, "a");
  const prints = `echo before >&2; ${WRITES.replace("by name >/dev/stderr", "hunter2secret $MLFLOW_TRACKING_URI")}`;
  const child = spawn(process.execPath, [COMMAND, ...inShell("file", prints)], {
    env: { ...home.env, ...on },
    stdio: ["ignore", file, file],
  });
  t.deepEqual(await once(child, "exit"), [3, null]);
  closeSync(file);
  const written = readFileSync(path, "utf8");
  t.regex(written, /^before\nout\nerr\nagain\nhunter2secret http:\/\/127\.0\.0\.1:\d+\/[\w-]{20,}\nhalf$/);
  const kept = keptOf(home, "file") ?? "";
  t.regex(kept, /^before\nout\nerr\nagain\n\*{13} http:\/\/127\.0\.0\.1:\d+\/\*{20,}\nhalf$/);
  t.is(kept.length, written.length);

  await home.stepwell(
    [...inShell("off", WRITES).slice(0, 2), "--no-output", ...inShell("", WRITES).slice(2)],
    on,
  );
  t.is(keptOf(home, "off"), undefined);
});

test("a reader that leaves ends the program as ever, and what it wrote by then is kept", async (t) => {
  const home = homeOf();
  const line = `${process.execPath} ${COMMAND} run --run-name=read -- yes; echo "code $?" >&2`;
  const child = spawn("sh", ["-c", `(${line}) | head -c 4`], {
    env: { ...home.env, STEPWELL_RUN_OUTPUT: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece));
  await once(child, "close");
  t.is(said.replace("code 141\n", ""), "y\ny\n");
  t.is((await home.here(["flush"])).code, 0);
  t.regex(keptOf(home, "read") ?? "", /^(y\n)+/);
  t.deepEqual(
    query(`${home.paths.artifactStoreFolder}/mlflow.db`, "SELECT status FROM runs WHERE name = 'read'"),
    [["KILLED"]],
  );
});

const inTerminal = hasTerminal() && spawnSync("script", ["--version"]).status === 0 ? test : test.skip;

inTerminal(
  "on a terminal the program has a terminal of that size, a progress bar stays one, and signals are its own",
  async (t) => {
    const home = homeOf();
    // The command is above the one that gives the terminal.
    const end = "kill -TERM $(ps -o ppid= -p $PPID); sleep 60";
    const program = `test -t 0 && test -t 1 && test -t 2 && stty size; printf '\\r50%%\\r100%%\\n'; echo $SHELL; ${end}`;
    const env = { STEPWELL_RUN_OUTPUT: "", TEST_COLUMNS: "77", SHELL: "/no/shell" };
    const { code, shown } = await onTerminal(
      home,
      ["run", "--run-name=bar", "--", "sh", "-c", program],
      [],
      env,
    );
    const written = "24 77\r\n\r50%\r100%\r\n/no/shell\r\n";
    t.deepEqual([code, shown], [143, written]);
    t.is((await home.here(["flush"])).code, 0);
    t.is(keptOf(home, "bar"), written);
    t.deepEqual(
      query(`${home.paths.artifactStoreFolder}/mlflow.db`, "SELECT status FROM runs WHERE name = 'bar'"),
      [["KILLED"]],
    );
  },
);

tmuxTest("in the background of a terminal it goes on by itself", async (t) => {
  const home = homeOf();
  const tmux = await Tmux.open(t, home, { env: { STEPWELL_RUN_OUTPUT: "" } });
  const program = "[ -t 1 ] && echo a-terminal; read line || echo nobody-types; exit 3";
  await tmux.line(
    `${process.execPath} ${COMMAND} run --run-name=behind -- sh -c '${program}' & wait $!; echo code-$?`,
  );
  t.regex(await tmux.shows(/^code-\d/m), /^code-3$/m);
  t.regex(keptOf(home, "behind") ?? "", /a-terminal\s+nobody-types/);
});

test("what was written by then is kept where the command itself is killed", async (t) => {
  const home = homeOf();
  t.is((await home.here(["secret", "create", "k", "--token=killed-hunter3"])).code, 0);
  const script = 'echo "before killed-hunter3 $MLFLOW_TRACKING_URI"; exec sleep 600';
  const child = spawn(process.execPath, [COMMAND, "run", "--run-name=killed", "--", "sh", "-c", script], {
    env: { ...home.env, STEPWELL_RUN_OUTPUT: "" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const folder = home.paths.outputsFolder;
  const names = () => (existsSync(folder) ? readdirSync(folder) : []);
  await until("what it wrote in the home", names, ({ length }) => length === 1);
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await once(child, "exit");
  await until("nothing of it in the home", names, ({ length }) => length === 0);
  t.is((await home.here(["flush"])).code, 0);
  const kept = keptOf(home, "killed") ?? "";
  t.regex(kept, /^before \*{14} http:\/\/127\.0\.0\.1:\d+\/\*{20,}\n$/);
  // One that ends by itself leaves nothing there.
  const ended = await home.stepwell(
    ["run", "--run-name=ended", "--", "sh", "-c", "echo a; sleep 2; echo b"],
    {
      STEPWELL_RUN_OUTPUT: "",
    },
  );
  t.is(ended.code, 0);
  t.deepEqual(names(), []);
  t.is(keptOf(home, "ended"), "a\nb\n");
});

test("an artifact of a run that goes nowhere yet is where the run's artifacts are", async (t) => {
  const home = homeOf();
  const script = `cd ${dirname(home.paths.home)}; echo early >output.log; stepwell artifact output.log`;
  const { code } = await home.stepwell(["run", "--run-name=early", "--no-output", "--", "sh", "-c", script]);
  t.is(code, 0);
  t.is((await home.here(["flush"])).code, 0);
  t.is(keptOf(home, "early"), "early\n");
});
