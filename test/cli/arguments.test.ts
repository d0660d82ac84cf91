import test from "ava";
import type { Command } from "commander";
import { examplesOf } from "../../src/cli/commands/examples.js";
import { normalizeArguments, readRegistration } from "../../src/cli/input/arguments.js";
import { makeProgram } from "../../src/cli/program.js";
import { homeOf } from "../../src/home/endpoint.js";
import { MLFLOW_FIELDS } from "../../src/model/flavor-fields.js";

const line = (text: string) => text.split(" ");

test("underscores in options and commands mean hyphens, and values stay as they are", (t) => {
  t.deepEqual(
    normalizeArguments(line("experiment_tracker register my_name --tracking_uri=sqlite:///my_file.db")),
    line("experiment-tracker register my_name --tracking-uri=sqlite:///my_file.db"),
  );
});

test("the words that name a command take underscores, and those that are somebody's do not", (t) => {
  for (const [typed, meant] of [
    ["stack set_default my_stack -e my_tracker", "stack set-default my_stack -e my_tracker"],
    ["experiment_tracker remove_attribute t my_key", "experiment-tracker remove-attribute t my_key"],
    ["dead_letter list", "dead-letter list"],
    ["secret where_used my_secret --a_b=c", "secret where-used my_secret --a_b=c"],
    ["stack -o json register_secrets s", "stack register-secrets s --output=json"],
    ["run -e t my_program", "run -e t my_program"],
    ["run my_program --a-b", "run my_program --a-b"],
  ] as const)
    t.deepEqual(normalizeArguments(line(typed)), line(meant));
});

test("the output option may stand before the command", (t) => {
  const wanted = line("stack register s -o local --output=json");
  for (const before of ["-o json", "-ojson", "--output json", "--output=json"]) {
    t.deepEqual(normalizeArguments(line(`${before} stack register s -o local`)), wanted, before);
  }
});

test("nothing changes behind a double hyphen", (t) => {
  t.deepEqual(normalizeArguments(line("-o json status -- --a_b")), line("status --output=json -- --a_b"));
  t.deepEqual(normalizeArguments(line("stack -o json list")), line("stack list --output=json"));
  t.deepEqual(normalizeArguments(line("stack register -o orch s")), line("stack register -o orch s"));
  t.deepEqual(normalizeArguments(line("secret backend -o json get")), line("secret backend -o json get"));
});

test("a registration is one name and settings in any order", (t) => {
  const wanted = { name: "t1", configuration: { tracking_uri: "http://a?b=c", databricks_host: "" } };
  t.deepEqual(readRegistration(["--tracking-uri=http://a?b=c", "t1", "--databricks_host="]), wanted);
});

test("a setting's value may stand behind a space", (t) => {
  const wanted = { name: "t1", configuration: { tracking_uri: "http://a", databricks_host: "h" } };
  for (const text of [
    "t1 --tracking_uri http://a --databricks-host=h",
    "--databricks-host h t1 --tracking_uri=http://a",
    "--tracking-uri http://a --databricks_host h t1",
  ])
    t.deepEqual(readRegistration(line(text)), wanted, text);
});

for (const [words, sentence] of [
  ["", /Give the name/],
  ["a b", /there are 2/],
  ["a --key", /--key as --key=value/],
  ["a --key --other=1", /--key as --key=value/],
  ["--key a", /Give the name/],
  ["a --key=1 --key=2", /--key is given twice/],
  ["a -k=1", /^Give settings as --key=value/],
] as const) {
  test(`a registration is refused as bad usage: "${words}"`, (t) => {
    const error = t.throws(() => readRegistration(line(words).filter(Boolean)), { message: sentence });
    t.like(error, { code: "STEPWELL_USAGE" });
  });
}

/** The command's tree, which does nothing; what help it shows goes to `show`. */
function treeOf(show: (text: string) => void): Command {
  const paths = homeOf({ STEPWELL_HOME: "/nowhere" });
  const context = { env: {}, paths, program: [], stdout: show, stderr: () => undefined };
  return makeProgram(context, () => async () => undefined);
}

/** A command's help. */
async function helpOf(words: string): Promise<string> {
  let shown = "";
  const tree = treeOf((text) => {
    shown += text;
  });
  await tree.parseAsync([...words.split(" "), "--help"], { from: "user" }).catch(() => undefined);
  return shown;
}

function leaves(command: Command, words: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [words.join(" ")];
  return command.commands.flatMap((each) => leaves(each, [...words, each.name()]));
}

test("each command's help has examples that it takes, and fits 80 columns", async (t) => {
  const commands = leaves(treeOf(() => undefined));
  t.true(commands.length > 50);
  for (const words of commands) {
    const help = await helpOf(words);
    t.deepEqual(
      help.split("\n").filter((line) => line.length > 80),
      [],
      words,
    );
    const examples = examplesOf(words).map((line) => line.trim());
    t.true(examples.length > 0 && examples.every((line) => help.includes(line)), words);
    for (const example of examples) {
      const [name, ...typed] = shellWords(example);
      t.is(name, "stepwell");
      const reading = treeOf(() => undefined).parseAsync(normalizeArguments(typed), { from: "user" });
      await t.notThrowsAsync(reading, example);
    }
  }
});

/** A line's words, as a shell splits what examples have. */
function shellWords(line: string): string[] {
  const words = line.replace(/^eval "\$\((.*)\)"$/, "$1").split(" < ")[0] ?? "";
  return [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

test("the help of register and update lists each flavor's settings with their types", async (t) => {
  for (const verb of ["register", "update"]) {
    const trackers = (await helpOf(`experiment-tracker ${verb}`)).replace(/\s+/g, " ");
    for (const { name, description } of MLFLOW_FIELDS)
      t.true(trackers.includes(`--${name} ${description} (`), name);
    t.regex(trackers, /--tracking_token [^(]*\(text, secret\)/);
    t.regex(trackers, /--tracking_insecure_tls [^(]*\(true or false\)/);
    const stores = await helpOf(`artifact-store ${verb}`);
    for (const flavor of ["local", "s3", "gcs", "azure"])
      t.true(stores.includes(`\nSettings of the flavor ${flavor}:\n  --path `), flavor);
  }
});

test("help shows no default that is nothing, and says where letters go again", async (t) => {
  t.regex(await helpOf("runs tail"), /the newest\s+unless given\n/);
  t.regex(await helpOf("dead-letter retry"), /each to the tracker that refused\s+it;/);
});
