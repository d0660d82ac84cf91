import { execFile, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import anyTest, { type ExecutionContext } from "ava";
import { splitLine } from "../../src/cli/completion/split-line.js";
import { ensureBundle } from "../support/bundle.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { placeShellCommand } from "../support/shell-command.js";
import { standInDaemon } from "../support/stand-in-daemon.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

type Shell = "bash" | "zsh" | "fish";

/** Completes a line with the script in the real shell. */
const COMPLETE: Readonly<Record<Shell, readonly string[]>> = {
  bash: [
    "bash",
    "--norc",
    "-c",
    `eval "$(stepwell completion bash)"; COMP_LINE="$1"; COMP_POINT=\${#1}; _stepwell; printf "%s\\n" "\${COMPREPLY[@]}"`,
    "-",
  ],
  // Outside of its line editor zsh has no compadd: this one prints what it gets.
  zsh: [
    "zsh",
    "-f",
    "-c",
    `compdef() { : }; _files() { : }; compadd() { print -rl -- "\${(@P)@[-1]}" }; eval "$(stepwell completion zsh)"; words=("\${(@Q)\${(z)1}}"); [[ $1 == *" " ]] && words+=(""); CURRENT=\${#words}; _stepwell`,
    "-",
  ],
  fish: ["fish", "--no-config", "-c", "stepwell completion fish | source; complete -C $argv[1]", "--"],
};

async function completions(home: ScratchHome, shell: Shell, line: string): Promise<string[]> {
  const [program = "", ...args] = COMPLETE[shell];
  const env = { ...home.env, PATH: `${binOf(home)}:${process.env["PATH"] ?? ""}` };
  const { stdout } = await promisify(execFile)(program, [...args, line], { env });
  return stdout.split("\n").filter((word) => word !== "");
}

/** A folder in which `stepwell` is a command. */
function binOf(home: ScratchHome): string {
  return join(dirname(home.paths.home), "bin");
}

function has(shell: Shell): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

const withNames = homeForAll(anyTest, async (home) => {
  for (const name of ["mine one", "other"])
    await home.json(["experiment-tracker", "register", name, "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "other"]);
});

for (const shell of ["bash", "zsh", "fish"] as const) {
  const isThere = has(shell);
  if (!isThere) console.error(`There is no ${shell} on the PATH.`);
  const maybe = isThere || process.env["CI"] === "1" ? test : test.skip;
  maybe(`${shell} completes commands, options, choices, settings and the daemon's names`, async (t) => {
    mkdirSync(binOf(withNames()), { recursive: true });
    await placeShellCommand(t, join(binOf(withNames()), "stepwell"), await ensureBundle());
    const of = (line: string) => completions(withNames(), shell, line);
    t.deepEqual(await of("stepwell dead"), ["dead-letter"]);
    const verbs = ["register", "register-secrets", "remove-component", "rename"];
    t.deepEqual((await of("stepwell stack re")).sort(), verbs);
    t.deepEqual(await of("stepwell experiment_tracker list --logical"), ["--logical-operator"]);
    t.deepEqual(await of("stepwell experiment-tracker list -o y"), ["yaml"]);
    t.deepEqual(await of("stepwell experiment-tracker list --logical_o"), ["--logical_operator"]);
    t.deepEqual(await of("stepwell experiment_t"), ["experiment_tracker"]);
    t.deepEqual(await of("stepwell stack set_d"), ["set_default"]);
    t.deepEqual(await of("stepwell stack set_default --experiment-tracker ot"), ["other"]);
    t.deepEqual(await of("stepwell stack set l"), ["local"]);
    t.deepEqual(await of("stepwell stack register x -e ot"), ["other"]);
    t.deepEqual(await of("stepwell experiment-tracker register x --flavor=mlflow --tracking_to"), [
      "--tracking_token=",
    ]);
    const flavor = shell === "bash" ? "local" : "--flavor=local";
    t.deepEqual(await of("stepwell artifact-store register x --flavor=lo"), [flavor]);
    const name = shell === "bash" ? "mine\\ one" : "mine one";
    t.true(
      (await of("stepwell experiment-tracker describe mi"))[0]?.startsWith(shell === "fish" ? "mine" : name),
    );
    t.deepEqual(await of("stepwell experiment-tracker register x"), [], "a new name is nobody's");
  });
}

test("completion starts no daemon and says nothing where there is none", async (t) => {
  const home = await scratchHome(t);
  const result = await home.stepwell(["__complete", "zsh", "stack", "set", ""]);
  t.like(result, { code: 0, stdout: "", stderr: "" });
  t.like(await home.stepwell(["daemon", "status", "-o", "json"]), { code: 3 });
});

test("numbers of dead letters are completed, a few at most, and so are what their options name", async (t) => {
  const home = await scratchHome(t);
  const letters = Array.from({ length: 2_000 }, (_, index) => BigInt(index + 1));
  const env = await standInDaemon(t, home, { letters });
  const of = async (...words: string[]) => {
    const { stdout, elapsedMs } = await home.stepwell(["__complete", "zsh", "dead-letter", ...words], env);
    t.true(elapsedMs < 60_000, `${elapsedMs} ms`);
    return stdout.split("\n").filter((word) => word !== "");
  };
  for (const verb of ["show", "retry", "drop"]) t.is((await of(verb, "")).length, 200);
  t.deepEqual(await of("show", "199"), [
    "199",
    ...Array.from({ length: 10 }, (_, index) => `${1990 + index}`),
  ]);
  t.is((await of("drop", "1", "2", "")).length, 200, "of each further number, too");
  t.deepEqual(await of("show", "1", ""), [], "there is one to show");
  t.deepEqual(await of("show", "x"), []);
  t.deepEqual(await of("show", "2001"), []);
});

test("a shell that there is no completion for is bad usage", async (t) => {
  const home = await scratchHome(t);
  t.like(await home.stepwell(["completion", "tcsh"]), { code: 2, stdout: "" });
});

for (const [line, words] of [
  ["", [""]],
  ["stepwell ", ["stepwell", ""]],
  ["stepwell  a b", ["stepwell", "a", "b"]],
  ["a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]],
  ["a 'b c", ["a", "b c"]],
] as const) {
  test(`a line is split as bash reads it: ${line}`, (t: ExecutionContext) => {
    t.deepEqual(splitLine(line), [...words]);
  });
}
