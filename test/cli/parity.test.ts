/** The seed's command lines about components and stacks, and the parity rows, by number, that commands show. */
import anyTest from "ava";
import { type ScratchHome, scratchHome } from "../support/home.js";

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
    const result = await home.stepwell(line.split(" "));
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
    /^(?!.*canary)tracking_token is kept in the secret token_credentials/,
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
  "rows 114": [
    ["artifact-store register bucket --flavor=s3 --path=s3://b", 0, NOTHING, /^Registered artifact store/],
    ["stack register s -e t -a bucket", 1, NOTHING, /needs a local artifact store/],
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
  ],
  "rows 2b": [
    ["stack get", 0, /^s\n$/, NOTHING],
    [`${tracker} get`, 0, /^t\n$/, NOTHING],
    [`${tracker} describe -o json`, 0, /"name": "t"[\s\S]*"stacks": \[\s+"s",\s+"s2"/, NOTHING],
    ["stack set default", 0, NOTHING, /./],
    [`${tracker} get`, 1, NOTHING, /has no experiment tracker/],
    ["stack rename s s1", 0, NOTHING, /now s1/],
    ["stack delete s2 -y", 0, NOTHING, /^Deleted stack s2\.\n$/],
    ["stack delete s1 -r -y", 0, NOTHING, /^Deleted stack s1 with t, v\.\n$/],
    [`${tracker} list -o json`, 0, /^\[\]\n$/, /no experiment trackers yet/],
    [`${tracker} deleet t`, 2, NOTHING, /delete/],
  ],
};

test("the seed's lines about components and stacks work, or say that they don't yet", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  t.deepEqual(await walk(home, SEED, t), []);
});

test("each parity row that commands show is as the list says", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  for (const [row, lines] of Object.entries(ROWS)) t.deepEqual(await walk(home, lines, t), [], row);
});
