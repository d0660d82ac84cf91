/** `deploy` for anywhere but this machine, as a command: it writes a folder, and --apply runs the programs of the PATH. */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import test from "ava";
import type { ScratchHome } from "../support/home.js";
import { scratchHome } from "../support/home.js";
import { DEPLOY, trackerNames } from "./deployed.js";

interface Tools {
  readonly env: Readonly<Record<string, string>>;
  /** Makes a stand-in fail where its arguments hold a word. */
  failAt(word: string): void;
  /** What was run, a line each, and what it got by its standard input behind it. */
  calls(): string[];
  clear(): void;
}

/** Programs that write down what they are given. */
function standIns(home: ScratchHome, names: readonly string[]): Tools {
  const folder = join(dirname(home.paths.home), "tools");
  mkdirSync(folder);
  const [log, failing] = [join(folder, "calls"), join(folder, "failing")];
  writeFileSync(failing, "nothing-fails");
  for (const name of names) {
    const script = `#!/bin/sh
input=
case "$*" in *"apply -f -"*) input=" <<< $(cat)" ;; esac
printf '%s\\n' "${name} $*$input" >>'${log}'
case "$*" in *"$(cat '${failing}')"*) echo "${name}: it is said why" >&2; exit 7 ;; esac
`;
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  return {
    env: { PATH: [folder, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) },
    failAt: (word) => writeFileSync(failing, word),
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
    clear: () => writeFileSync(log, ""),
  };
}

test("a folder is written, and a tracker is there once it is applied; no password is on a command line or in a file", async (t) => {
  const home = await scratchHome(t);
  const tools = standIns(home, ["tofu", "kubectl"]);
  const folder = join(dirname(home.paths.home), "platform");
  const line = [...DEPLOY, "mlflow_tracker", "--flavor=mlflow", "-x", "mlflow_bucket=gs://my_bucket"];
  const settings = ["-x", "hostname=mlflow.example.com", "-x", "cluster_issuer=company", "--folder", folder];
  const relay = ["-x", "relay_hostname=relay.example.com"];
  const written = await home.stepwell([...line, "--provider=gcp", ...settings, ...relay], tools.env);
  t.is(written.code, 0, written.stderr);
  t.true(written.stderr.includes(`Wrote ${folder}: begin with its README.md. Nothing was applied.`));
  t.deepEqual(tools.calls(), []);
  t.deepEqual(readdirSync(folder).sort(), ["README.md", "kubernetes", "mlflow.Containerfile", "tofu"]);
  t.deepEqual(await home.json(["secret", "list"]), []);

  // What somebody changed stays.
  writeFileSync(join(folder, "kubernetes/relay.yaml"), "# ours\n");
  const applied = await home.stepwell([...DEPLOY, "mlflow_tracker", "--apply"], tools.env);
  t.is(applied.code, 0, applied.stderr);
  t.is(readFileSync(join(folder, "kubernetes/relay.yaml"), "utf8"), "# ours\n");
  const calls = tools.calls();
  t.deepEqual(
    calls.map((call) => call.replace(/ <<< .*$/, "").replaceAll(folder, "FOLDER")),
    [
      "tofu -chdir=FOLDER/tofu init",
      "tofu -chdir=FOLDER/tofu apply",
      "kubectl get crd certificates.cert-manager.io -o name",
      "kubectl apply -f -",
      "kubectl apply -k FOLDER/kubernetes",
      "kubectl -n mlflow-tracker rollout status deployment/mlflow --timeout=15m",
      "kubectl -n mlflow-tracker rollout status deployment/relay --timeout=15m",
    ],
  );
  const secret = (await home.json(["secret", "get", "mlflow_tracker", "--show"])) as {
    values: Record<string, string>;
  };
  const { password = "", relay_token: token = "", forms_key: key = "" } = secret.values;
  const list = JSON.parse(/<<< (.*)$/.exec(calls[3] ?? "")?.[1] ?? "") as {
    items: { metadata: { name: string; namespace: string }; stringData: Record<string, string> }[];
  };
  const digest = createHash("sha256").update(token).digest("hex");
  t.like(list.items, [
    {
      metadata: { name: "mlflow-admin", namespace: "mlflow-tracker" },
      stringData: { username: "admin", password, forms_key: key },
    },
    { metadata: { name: "relay-token" }, stringData: { token: `daemons sha256:${digest}\n` } },
  ]);
  for (const value of [password, token, key]) {
    t.true(value.length >= 32);
    t.false(applied.stderr.includes(value) || applied.stdout.includes(value));
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) t.false(readFileSync(join(entry.parentPath, entry.name), "utf8").includes(value));
  }
  const tracker = await home.json(["experiment-tracker", "describe", "mlflow_tracker"]);
  t.like(tracker, {
    configuration: {
      tracking_uri: "https://mlflow.example.com",
      tracking_username: "{{mlflow_tracker.username}}",
      tracking_password: "{{mlflow_tracker.password}}",
    },
  });
  t.like(await home.json(["experiment-tracker", "describe", "mlflow_tracker-relay"]), {
    configuration: {
      tracking_uri: "grpcs://relay.example.com:7443",
      tracking_token: "{{mlflow_tracker.relay_token}}",
    },
  });
  t.like(await home.json([...DEPLOY, "status", "mlflow_tracker"]), {
    ...{ provider: "gcp", state: "elsewhere", url: "https://mlflow.example.com", folder },
  });

  // Again it is carried out with the same secrets; another provider is refused; the end leaves the folder.
  tools.clear();
  t.is((await home.stepwell([...DEPLOY, "mlflow_tracker", "--apply"], tools.env)).code, 0);
  t.is(tools.calls()[3], calls[3]);
  t.regex((await home.here([...DEPLOY, "mlflow_tracker", "--provider=aws"])).stderr, /another --provider\./);
  t.regex((await home.here([...DEPLOY, "stop", "mlflow_tracker"])).stderr, /is not on this machine/);
  const destroyed = await home.stepwell([...DEPLOY, "destroy", "mlflow_tracker", "-y"]);
  t.regex(destroyed.stderr, /What was applied goes on: see .*README\.md/);
  t.true(existsSync(join(folder, "README.md")));
  t.false(existsSync(home.paths.deploymentsFolder));
  t.deepEqual(await home.json(["secret", "list"]), []);
});

test("a program that is missing, and one that fails, are clear errors; the tracker waits for the end", async (t) => {
  const home = await scratchHome(t);
  const tools = standIns(home, ["kubectl", "k3d"]);
  const folder = join(dirname(home.paths.home), "platform");
  const cloud = ["--provider=aws", "-x", "mlflow_bucket=s3://runs", "--folder", folder, "--apply"];
  const missing = await home.stepwell([...DEPLOY, "mlf", ...cloud], tools.env);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /--apply needs tofu on the PATH\.\n.*Install it.*\n {2}STEPWELL_TOOL_MISSING/);
  t.false(existsSync(folder), "nothing is written where it can't be carried out");
  t.deepEqual(tools.calls(), []);

  tools.failAt("get crd");
  const trial = ["--provider=k3d", "--folder", folder, "-x", "hostname=mlflow.localhost", "--apply"];
  const failed = await home.stepwell([...DEPLOY, "mlf", ...trial], tools.env);
  t.is(failed.code, 1);
  t.regex(failed.stderr, /kubectl: it is said why\n/);
  t.regex(
    failed.stderr,
    /kubectl get crd clusters\.postgresql\.cnpg\.io -o name ended with 7\.\n {2}Install the operator CloudNativePG in the cluster.*\n {2}STEPWELL_TOOL_FAILED/,
  );
  t.deepEqual(await trackerNames(home), ["default"]);
  // The cluster that is there is not made again.
  t.deepEqual(tools.calls(), ["k3d cluster get mlf", "kubectl get crd clusters.postgresql.cnpg.io -o name"]);
  tools.failAt("cluster get");
  t.is((await home.stepwell([...DEPLOY, "mlf", "--apply"], tools.env)).code, 0);
  const calls = tools.calls().map((call) => call.replace(/ <<< .*$/, "").replaceAll(folder, "FOLDER"));
  t.deepEqual(calls.slice(2), [
    "k3d cluster get mlf",
    "k3d cluster create --config FOLDER/k3d.yaml",
    "kubectl get crd clusters.postgresql.cnpg.io -o name",
    "kubectl apply -f FOLDER/kubernetes/namespace.yaml",
    "kubectl apply -f -",
    "kubectl -n mlf get secret relay-tls -o name",
    "kubectl apply -k FOLDER/kubernetes",
    "kubectl -n mlf rollout status deployment/mlflow --timeout=15m",
    "kubectl -n mlf rollout status deployment/relay --timeout=15m",
  ]);
});

test("a folder with something in it, and settings of another provider, are refused", async (t) => {
  const home = await scratchHome(t);
  const folder = join(dirname(home.paths.home), "platform");
  mkdirSync(folder);
  writeFileSync(join(folder, "notes"), "");
  for (const [words, code, sentence] of [
    [
      ["--provider=k3d", "--folder", folder],
      1,
      /There is something in .*platform already\.\n.*--folder PATH/,
    ],
    [["--provider=gcp"], 1, /Give the bucket for artifacts/],
    [["--provider=kubernetes", "-x", "port=5"], 1, /There is no setting "port"/],
    [["--apply"], 2, /--folder and --apply are for another --provider than local/],
  ] as const) {
    const result = await home.here([...DEPLOY, "mlf", ...words]);
    t.is(result.code, code, words.join(" "));
    t.regex(result.stderr, sentence);
  }
  t.deepEqual(readdirSync(folder), ["notes"]);
  t.false(existsSync(home.paths.deploymentsFolder));
});
