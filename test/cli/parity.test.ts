/** The seed's command lines about components and stacks, and the parity rows, by number, that commands show. */
import { existsSync, readFileSync } from "node:fs";
import anyTest from "ava";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

/** Command line, exit code, and what its stdout and stderr hold. */
type Line = readonly [line: string, code: number, stdout: RegExp, stderr: RegExp];
const NOTHING = /^$/;

async function walk(home: ScratchHome, lines: readonly Line[], t: { log(text: string): void }) {
  // A command that waits for a daemon says so on stderr.
  await home.startDaemonOrFind();
  const wrong: string[] = [];
  for (const [line, code, stdout, stderr] of lines) {
    const words = line.split(" ").map((word) => word.replaceAll("{home}", home.paths.home));
    const result = await home.here(words);
    const isRight = result.code === code && stdout.test(result.stdout) && stderr.test(result.stderr);
    if (!isRight) wrong.push(`${line}: ${JSON.stringify(result)}`);
  }
  for (const each of wrong) t.log(each);
  return wrong;
}

const tracker = "experiment-tracker";

const SEED: readonly Line[] = [
  [`${tracker} register mlflow_experiment_tracker --flavor=mlflow`, 0, NOTHING, /^Registered/],
  ["stack register custom_stack -e mlflow_experiment_tracker --set", 0, NOTHING, /the active one/],
  [
    `${tracker} register token --flavor=mlflow --tracking_uri=http://h --tracking_token=canary`,
    0,
    NOTHING,
    /^Registered .*\n(?!.*canary)tracking_token is kept in the secret token_credentials/,
  ],
  [
    "secret create mlflow_secret --username=canary --password=canary",
    0,
    NOTHING,
    /history.*\nCreated secret/,
  ],
  [
    `${tracker} register remote --flavor=mlflow --tracking_uri=http://h --tracking_username={{mlflow_secret.username}} --tracking_password={{mlflow_secret.password}}`,
    0,
    NOTHING,
    /^Registered/,
  ],
  // Only what needs a network of packages and a browser is elsewhere: integration.test.ts.
  ["integration install mlflow -y --mlflow-version=2.2.0", 1, NOTHING, /vulnerability/],
  [
    `${tracker} deploy mlflow_tracker --flavor=mlflow -x mlflow_bucket=gs://my_bucket --provider=local`,
    1,
    NOTHING,
    /^error: A deployment needs MLflow, which is not installed\.\n/,
  ],
];

const ROWS: Readonly<Record<string, readonly Line[]>> = {
  "rows 1, 23": [
    [`${tracker} register t --flavor=mlflow --tracking_uri= -o json`, 0, /"configuration": \{\}/, /./],
  ],
  "rows 2, 3": [[`${tracker} register x --flavor=mlflow --tracking_username=u`, 1, NOTHING, /go together/]],
  "rows 17, 18": [
    [`${tracker} register x --flavor=mlflow --tracking_uri=foo://bar`, 1, NOTHING, /"foo" is not/],
  ],
  "rows 20": [
    [`${tracker} register x --flavor=mlflow --tracking_ury=y`, 1, NOTHING, /Did you mean "tracking_uri"/],
  ],
  "rows 22": [
    [`${tracker} register x --flavor=mlflow --tracking_insecure_tls=2`, 1, NOTHING, /true or false/],
  ],
  "rows 24, 25": [
    [
      `${tracker} update t --tracking_insecure_tls=yes -l a=b -o json`,
      0,
      /_tls": "yes"[\s\S]*"a": "b"/,
      /^Updated/,
    ],
    [`${tracker} update t --tracking_uri=sqlite:////x/y.db -o json`, 0, /_tls": "yes"/, /^Updated/],
    [
      `${tracker} remove-attribute t --tracking_uri tracking_insecure_tls -o json`,
      0,
      /"configuration": \{\}/,
      /./,
    ],
    [`${tracker} list --label a=b --columns name,flavor -o csv`, 0, /^name,flavor\nt,mlflow\n$/, NOTHING],
    [`${tracker} list --columns nme`, 2, NOTHING, /no column "nme"/],
  ],
  "rows 27": [[`${tracker} register {{a.b}} --flavor=mlflow`, 1, NOTHING, /STEPWELL_NAME_INVALID/]],
  "rows 34": [
    [
      `${tracker} register literal --flavor=mlflow --tags={"a":"{{b.c}}"} -o json`,
      0,
      /\{\{b\.c\}\}/,
      /Registered/,
    ],
    [`${tracker} delete literal`, 0, NOTHING, /^Deleted/],
  ],
  "rows 87, 94, 95": [
    [`${tracker} update t --experiment_name=digits --nested=yes --tags={"a":"b"}`, 0, NOTHING, /^Updated/],
    [`${tracker} update t --nested=perhaps`, 1, NOTHING, /nested is true or false/],
    [`${tracker} update t --tags=[1]`, 1, NOTHING, /tags/],
    [`${tracker} update t --experment_name=x`, 1, NOTHING, /Did you mean "experiment_name"/],
    [`${tracker} remove-attribute t --experiment_name --nested --tags`, 0, NOTHING, /^Updated/],
  ],
  "rows 114": [
    ["artifact-store register bucket --flavor=s3 --path=s3://b", 0, NOTHING, /^Registered artifact store/],
    ["stack register s -e t -a bucket", 1, NOTHING, /needs a local artifact store/],
  ],
  "rows 116": [
    ["stack register alone -e t -o default --output=json", 0, /"artifact_store": \{[^}]*"default"/, /./],
    ["stack delete alone -y", 0, NOTHING, /^Deleted/],
  ],
  "rows 117, 118": [
    ["stack delete default -y", 1, NOTHING, /default stack can't be changed or deleted/],
    ["artifact-store delete default", 1, NOTHING, /STEPWELL_DEFAULT_FIXED/],
    ["orchestrator rename default other", 1, NOTHING, /STEPWELL_DEFAULT_FIXED/],
  ],
  "rows 119, 120": [
    [`${tracker} copy t u`, 0, NOTHING, /^Copied/],
    [`${tracker} rename u t`, 1, NOTHING, /^error: [^\n]*taken[^\n]*\n[^\n]*\n {2}STEPWELL_NAME_TAKEN\n$/],
    [`${tracker} rename u a\tb`, 1, NOTHING, /STEPWELL_NAME_INVALID/],
    [`${tracker} rename u ${"n".repeat(256)}`, 1, NOTHING, /STEPWELL_NAME_INVALID/],
    [`${tracker} rename u v`, 0, NOTHING, /now v/],
  ],
  "rows 121, 122": [
    ["stack register s -e t -e v --set", 0, NOTHING, /./],
    [`${tracker} delete t`, 1, NOTHING, /in use by: s\./],
    ["stack delete s -y", 1, NOTHING, /STEPWELL_STACK_ACTIVE/],
  ],
  "rows 123, 125, 128": [
    ["stack copy s s2", 0, NOTHING, /^Copied stack s to s2/],
    ["stack remove-component s2 -e t", 0, NOTHING, /^Updated/],
    ["stack update s2 -e v -e t -o default", 0, NOTHING, /^Updated/],
    ["stack describe s2 -o json", 0, /"name": "v"[\s\S]*"name": "t"/, NOTHING],
    [`${tracker} register prefixed --flavor=mlflow -o json`, 0, /"id"/, /./],
    [`${tracker} delete prefixed`, 0, NOTHING, /^Deleted/],
  ],
  "rows 53": [
    ["stack set-default s2 -e t", 0, NOTHING, /default experiment tracker is now t/],
    ["stack describe s2 -o json", 0, /"name": "t"[\s\S]*"name": "v"/, NOTHING],
    ["stack set-default s2 -e nobody", 1, NOTHING, /STEPWELL_COMPONENT_UNKNOWN/],
  ],
  "rows 126, 127": [
    ["stack export s2 {home}/s2.yaml", 0, NOTHING, /^Exported stack s2/],
    ["stack export s2", 0, /^format: stepwell-stack\nversion: 1\n/, NOTHING],
    ["stack import -f {home}/s2.yaml", 1, NOTHING, /"s2" is taken/],
    ["stack import s3 -f {home}/s2.yaml", 0, NOTHING, /there already: t, v, default, default/],
    ["stack delete s3 -y", 0, NOTHING, /^Deleted/],
  ],
  "rows 40": [
    ["stack validate s2", 0, NOTHING, /is valid/],
    ["stack validate default", 0, NOTHING, /is valid/],
    ["stack register bare", 0, NOTHING, /^Registered/],
    ["stack validate bare", 1, NOTHING, /STEPWELL_STACK_INVALID/],
    ["stack register-secrets s2", 0, NOTHING, /All secrets .* exist/],
  ],
  "rows 2a": [
    [`${tracker} list --name=startswith:t --sort_by=desc:name -c name -o csv`, 0, /^name\nt\n$/, NOTHING],
    [
      `${tracker} list --sort-by=desc:name --page 1 --size 1 -c name -o tsv`,
      0,
      /^name\nv\n$/,
      /Page 1 of 3, 3 in all/,
    ],
    [
      `${tracker} list --name=t --flavor=none --logical_operator=or -c name -o csv`,
      0,
      /^name\nt\n$/,
      NOTHING,
    ],
    [`${tracker} list --name=nobody -o json`, 0, /^\[\]\n$/, /Nothing matches/],
    [`${tracker} list --created=gte:never`, 2, NOTHING, /STEPWELL_FILTER_INVALID/],
    ["stack list --experiment-tracker=t -c name -o csv", 0, /^name\ndefault\ns\ns2\n$/, NOTHING],
    ["stack update s2 -l env=prod", 0, NOTHING, /^Updated/],
    ["stack list -l env=prod -c name,labels -o csv", 0, /^name,labels\ns2,/, NOTHING],
    [`${tracker} register --help --flavor=mlflow`, 0, /--tracking_token [^(]*\(text, secret/, NOTHING],
    ["integration list -o json", 0, /"installed": false/, NOTHING],
  ],
  "rows 2c": [
    [`${tracker} register dry --flavor=mlflow --dry-run`, 0, NOTHING, /^Would register/],
    [`${tracker} describe dry`, 1, NOTHING, /STEPWELL_COMPONENT_UNKNOWN/],
    [`${tracker} update t --tracking_uri @{home}/nowhere`, 2, NOTHING, /gives no value: ENOENT/],
    ["stack update s2 -e nobody --dry-run", 1, NOTHING, /STEPWELL_COMPONENT_UNKNOWN/],
    [`${tracker} register asked --flavor=mlflow -i`, 2, NOTHING, /there is none: give settings/],
    ["completion bash", 0, /complete -o default -F _stepwell stepwell/, NOTHING],
    ["ui --mlflow --no-open", 1, NOTHING, /integration install mlflow -y/],
  ],
  "rows 2b": [
    ["stack get", 0, /^s\n$/, NOTHING],
    [`${tracker} get`, 0, /^t\n$/, NOTHING],
    [`${tracker} describe -o json`, 0, /"name": "t"[\s\S]*"stacks": \[\s+"default",\s+"s",\s+"s2"/, NOTHING],
    ["stack set default", 0, NOTHING, /./],
    [`${tracker} get`, 0, /^t\n$/, NOTHING],
    ["stack rename s s1", 0, NOTHING, /now s1/],
    ["stack delete s2 -y", 0, NOTHING, /^Deleted stack s2\.\n$/],
    [
      "stack delete s1 -r -y",
      0,
      NOTHING,
      /^Deleted stack s1 with t, v\.\nNew runs go to the local store again, the tracker default\.\n$/,
    ],
    [`${tracker} get`, 0, /^default\n$/, NOTHING],
    [`${tracker} delete default -y`, 1, NOTHING, /default experiment tracker can't be changed or deleted/],
    [`${tracker} list --name=t -o json`, 0, /^\[\]\n$/, /./],
    [`${tracker} deleet t`, 2, NOTHING, /delete/],
  ],
};

test("the seed's lines work, or say that they come later", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  t.deepEqual(await walk(home, SEED, t), []);
});

test("each parity row that commands show is as the list says", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  for (const [row, lines] of Object.entries(ROWS)) t.deepEqual(await walk(home, lines, t), [], row);
});

/** Every row of 1a, 1b, 1g, 1j, 1k and 1l, whatever its stance, and the tables of section 2. */
const WANTED: readonly string[] = [...range(1, 48), ...range(87, 95), ...range(113, 137), "2a", "2b", "2c"];

test("each row is walked, or docs/parity.md says where it is tested or why it is not done", (t) => {
  const walked = ["parity", "secret"].flatMap((name) => {
    const source = readFileSync(`${ROOT}/test/cli/${name}.test.ts`, "utf8");
    return [...source.matchAll(/^ {2}"rows ([^"]+)": \[/gm)].map(([, rows]) => rows ?? "");
  });
  const page = readFileSync(`${ROOT}/docs/parity.md`, "utf8");
  const listed = [...page.matchAll(/^\| ([\da-c, -]+) \|/gm)].map(([, rows]) => rows ?? "");
  for (const [, path] of page.matchAll(/`((?:test|clients)\/[^`]+)`/g))
    t.true(existsSync(`${ROOT}/${path}`), path);
  t.true(walked.length > 20 && listed.length > 3, "the test sees both");
  const known = new Set([...walked, ...listed].flatMap(numbersIn));
  t.deepEqual(
    WANTED.filter((row) => !known.has(row)),
    [],
  );
});

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

/** The rows in a text such as "2, 4-6, 2a". */
function numbersIn(text: string): string[] {
  return text.split(/,\s*/).flatMap((part) => {
    const [first = "", last] = part.trim().split("-");
    return last === undefined ? [first] : range(Number(first), Number(last));
  });
}
