import test from "ava";
import { normalizeArguments, readRegistration } from "../../src/cli/input/arguments.js";

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
