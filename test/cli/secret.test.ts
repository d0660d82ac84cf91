/** The parity rows about credentials and secrets, by number, as commands show them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import anyTest from "ava";
import { scratchHome } from "../support/home.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

/** Command line, exit code, and what its stdout and stderr hold. */
type Line = readonly [line: string, code: number, stdout: RegExp, stderr: RegExp];
const NOTHING = /^$/;
const register = (name: string) => `experiment-tracker register ${name} --flavor=mlflow`;

const ROWS: Readonly<Record<string, readonly Line[]>> = {
  "rows 1": [
    [
      `${register("x")} --tracking_uri= -o json`,
      0,
      /"configuration": \{\}/,
      /^Registered[^\n]*\nNew runs go to x [^\n]*\n$/,
    ],
  ],
  "rows 2, 3, 13": [
    [`${register("x2")} --tracking_username=canary`, 1, NOTHING, /go together/],
    [
      `${register("x2")} --tracking_uri=sqlite:////a/b.db --tracking_password=canary`,
      1,
      NOTHING,
      /go together/,
    ],
  ],
  "rows 4": [
    [
      `${register("x4")} --tracking_token=canary`,
      0,
      NOTHING,
      /kept in the secret[^\n]*\nA local store needs no/,
    ],
  ],
  "rows 5, 22": [[`${register("x5")} --tracking_insecure_tls=canary`, 1, NOTHING, /is true or false/]],
  "rows 6": [[`${register("x6")} --tracking_uri=databricks`, 1, NOTHING, /add --databricks_host=/]],
  "rows 7, 8": [
    [`${register("x7")} --tracking_uri=databricks --databricks_client_id=canary`, 1, NOTHING, /go together/],
    [
      `${register("x7")} --tracking_uri=databricks --databricks_host=https://h --databricks_client_id=canary --databricks_client_secret=canary`,
      0,
      NOTHING,
      /^databricks_client_id, databricks_client_secret are kept/m,
    ],
  ],
  "rows 9, 10": [
    [
      `${register("x9")} --tracking_uri=http://h --enable_unity_catalog=yes`,
      1,
      NOTHING,
      /takes enable_unity_catalog\./,
    ],
  ],
  "rows 11": [
    [`${register("x11")} --tracking_uri=http://h`, 1, NOTHING, /needs a way to authenticate/],
    [`${register("x11")} --tracking_uri=http://h --auth=none`, 0, NOTHING, /^Registered/],
  ],
  "rows 12": [
    [
      `${register("x12")} --tracking_uri=http://h --tracking_token=canary --auth=none`,
      1,
      NOTHING,
      /several: tracking_token; auth=none/,
    ],
  ],
  "rows 14": [[`${register("x14")} --tracking_uri=HTTP://h`, 1, NOTHING, /needs a way to authenticate/]],
  "rows 15": [[`${register("x15")} --tracking_uri=databricks://profile`, 0, NOTHING, /^Registered/]],
  "rows 17, 18, 19": [
    [`${register("x17")} --tracking_uri=httpfoo://h`, 1, NOTHING, /"httpfoo" is not supported/],
    [`${register("x17")} --tracking_uri=sqlite`, 1, NOTHING, /has no scheme/],
    [`${register("x17")} --tracking_uri=file:///a`, 1, NOTHING, /is a folder of files/],
  ],
  "rows 21, 26": [
    [`${register("x21")} --tags={"a":"1"} --experiment_name=e --nested=yes`, 0, NOTHING, /^Registered/],
    [`${register("x22")} --tags=["canary"]`, 1, NOTHING, /has to be a JSON object/],
  ],
  "rows 24, 25": [
    ["experiment-tracker update x4 --tracking_token= -o json", 0, /"configuration": \{\}/, /./],
    ["experiment-tracker remove-attribute x7 --databricks_client_id", 1, NOTHING, /go together/],
  ],
  "rows 27": [["experiment-tracker register {{a.b}} --flavor=mlflow", 1, NOTHING, /STEPWELL_NAME_INVALID/]],
  "rows 28": [
    [
      `${register("x28")} --tracking_uri=http://h --tracking_token=canary`,
      0,
      NOTHING,
      /^tracking_token is kept in the secret/m,
    ],
    ["experiment-tracker describe x28 -o json", 0, /"\{\{x28_credentials\.tracking_token\}\}"/, NOTHING],
    [
      "experiment-tracker register dry28 --flavor=mlflow --tracking_uri=https://h --tracking_token=abc --dry-run",
      0,
      NOTHING,
      /^tracking_token would be kept in the secret dry28_credentials/m,
    ],
    ["experiment-tracker copy x28 y28", 0, NOTHING, /^Copied/],
    ["experiment-tracker delete y28", 0, NOTHING, /^Deleted experiment tracker y28\.\n$/],
    [
      "experiment-tracker delete x28",
      0,
      NOTHING,
      /^Deleted [^\n]*\nThe secret x28_credentials stays: .*stepwell secret delete x28_credentials\.\n/,
    ],
    ["secret delete x28_credentials -y", 0, NOTHING, /^Deleted/],
  ],
  "rows 29, 32": [
    [`${register("x29")} --experiment_name=a{{b.c}}`, 0, NOTHING, /experiment_name holds double braces/],
    [
      `${register("x29b")} --tracking_uri=http://h --tracking_token={{mlf}}`,
      0,
      NOTHING,
      /kept in the secret[^\n]*\n(note: )?tracking_token holds double braces/,
    ],
    [`${register("x32")} --tracking_uri=http://h --tracking_token={{{a.b}}}`, 1, NOTHING, /braces too many/],
  ],
  "rows 36, 37": [
    [
      `${register("x36")} --tracking_uri=http://h --tracking_token={{mlf.token}}`,
      1,
      NOTHING,
      /^error: tracking_token refers to the secret "mlf", and there is none/,
    ],
  ],
  "rows 131, 47": [
    [
      "secret create mlf2 --token=canary --my-key=canary",
      0,
      NOTHING,
      /history[^\n]*\nCreated secret mlf2 in the vault\.\n$/,
    ],
    ["secret create mlf2 --token=canary", 1, NOTHING, /STEPWELL_NAME_TAKEN/],
    ["secret create name --token=canary", 1, NOTHING, /STEPWELL_SECRET_INVALID/],
    ["secret create s --name=canary", 1, NOTHING, /STEPWELL_SECRET_INVALID/],
    ["secret create s canary", 2, NOTHING, /Give one name/],
    ["secret create s --canary", 2, NOTHING, /Give values as --KEY=VALUE/],
  ],
  "rows 38": [
    [
      `${register("x38")} --tracking_uri=http://h --tracking_token={{mlf2.tokn}}`,
      1,
      NOTHING,
      /which has: my-key, token\./,
    ],
  ],
  "rows 39, 41, 134": [
    [
      `${register("x39")} --tracking_uri=http://h --tracking_token={{mlf.token}}`,
      1,
      NOTHING,
      /Did you mean "mlf2"/,
    ],
    ["secret get mlf", 1, NOTHING, /There is no secret "mlf"/],
  ],
  "rows 30, 31, 44": [
    [
      `${register("x30")} --tracking_uri=http://h --tracking_token={{mlf2.my-key}}`,
      0,
      NOTHING,
      /^Registered/,
    ],
    ["experiment-tracker describe x30 -o json", 0, /"\{\{mlf2\.my-key\}\}"/, NOTHING],
  ],
  "rows 133": [
    [
      "secret update mlf2 --other=canary -r token -o json",
      0,
      /"my-key",\s+"other"\s+\]/,
      /Updated secret mlf2/,
    ],
    ["secret update mlf2 --remove_keys=nothing", 1, NOTHING, /STEPWELL_SECRET_KEY_UNKNOWN/],
    ["secret update mlf2 --other=canary -r other", 1, NOTHING, /STEPWELL_SECRET_KEY_UNKNOWN/],
  ],
  "rows 135": [
    ["secret list -c name,keys,uses -o csv", 0, /^name,keys,uses\nmlf2,[^\n]*,1\n/, NOTHING],
    ["secret get mlf2", 0, /^(?![\s\S]*canary)[\s\S]*\*{8}/, /--show shows them/],
    ["secret get mlf2 --show -o json", 0, /"my-key": "canary"/, NOTHING],
  ],
  "rows 42, 43, 136": [
    ["secret where-used mlf2 -o csv", 0, /\nexperiment_tracker,x30,tracking_token,my-key\n$/, NOTHING],
    [
      "secret delete mlf2 -y",
      1,
      NOTHING,
      /referred to by: x30 \(tracking_token\)[\s\S]*STEPWELL_SECRET_IN_USE/,
    ],
    ["secret rename mlf2 mlf3", 1, NOTHING, /STEPWELL_SECRET_IN_USE/],
    ["secret rename mlf2 mlf3 --rewrite_references", 0, NOTHING, /is now mlf3/],
    ["experiment-tracker describe x30 -o json", 0, /"\{\{mlf3\.my-key\}\}"/, NOTHING],
    ["secret delete mlf3 -y --force", 0, NOTHING, /^Deleted secret mlf3/],
    ["secret delete mlf3 -y", 1, NOTHING, /STEPWELL_SECRET_UNKNOWN/],
    [
      "secret where-used mlf3 -o csv",
      0,
      /\nexperiment_tracker,x30,tracking_token,my-key\n$/,
      /There is no secret mlf3, and these settings need it/,
    ],
    ["secret where-used nothing", 1, NOTHING, /STEPWELL_SECRET_UNKNOWN/],
    ["experiment-tracker update x30 --tracking_insecure_tls=yes", 0, NOTHING, /^Updated/],
  ],
};

test("each parity row about credentials and secrets is as the list says, and shows no value", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  for (const [row, lines] of Object.entries(ROWS)) {
    for (const [line, code, stdout, stderr] of lines) {
      const result = await home.here(line.split(" "));
      const isRight = result.code === code && stdout.test(result.stdout) && stderr.test(result.stderr);
      t.true(isRight, `${row}: ${line}: ${JSON.stringify(result)}`);
      if (!line.includes("--show")) t.false(`${result.stdout}${result.stderr}`.includes("canary"), line);
    }
  }
});

test("values come from files and from standard input without a note about the shell's history", async (t) => {
  const home = await scratchHome(t);
  const file = join(home.paths.home, "..", "values.json");
  await writeFile(file, JSON.stringify({ user: "ann", port: 5, "my-key": "@plain" }));
  const fromFile = await home.here(["secret", "create", "s", "--values", `@${file}`]);
  t.is(fromFile.code, 0, fromFile.stderr);
  t.notRegex(fromFile.stderr, /history/);
  const one = join(home.paths.home, "..", "one");
  await writeFile(one, "line 1\nline 2\n");
  const options = ["secret", "update", "s", `--cert=@${one}`, "--at=@@x"];
  t.regex((await home.here(options)).stderr, /history/);
  const piped = await home.stepwell(["secret", "update", "s", "--stdin"], {}, `{"token": "t"}`);
  t.like(piped, { code: 0, stderr: "Updated secret s.\n" });
  t.like(await home.json(["secret", "get", "s", "--show"]), {
    values: { user: "ann", port: "5", "my-key": "@plain", cert: "line 1\nline 2", at: "@x", token: "t" },
  });
  for (const wrong of [
    "--values=[1]",
    "--values=canary",
    '--values={"a":{"b":"canary"}}',
    "--values=@/none",
  ]) {
    const refused = await home.here(["secret", "create", "w", wrong]);
    t.is(refused.code, 2, wrong);
    t.false(refused.stderr.includes("canary"), wrong);
  }
  const apart = await home.here(["secret", "create", "apart", "--token", "t 1", "--user=ann"]);
  t.like(apart, { code: 0 });
  t.like(await home.json(["secret", "get", "apart", "--show"]), { values: { token: "t 1", user: "ann" } });
  const endless = await home.stepwell(["secret", "create", "w", "--stdin"], {}, "x".repeat(600_000));
  t.like(endless, { code: 2 });
  t.regex(endless.stderr, /Standard input has more than 512 KiB/);
  const twice = await home.here(["secret", "create", "w", "--a=canary", '--values={"a":"canary"}']);
  t.like(twice, { code: 2 });
  t.regex(twice.stderr, /"a" is given twice/);
  const asked = await home.stepwell(["secret", "create", "w", "-i"]);
  t.like(asked, { code: 2 });
  t.regex(asked.stderr, /asks on a terminal/);
});
