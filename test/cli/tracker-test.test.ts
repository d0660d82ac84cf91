/** `experiment-tracker test`: what stands in the way of a server, and what to type. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from "../support/certificates.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";

const test = anyTest.serial;

interface Check {
  readonly check: string;
  readonly result: string;
  readonly finding: string;
  readonly remedy: string;
}

/** Registers a tracker and tests it; the exit code and the checks. */
async function tested(
  home: ScratchHome,
  uri: string,
  ...settings: string[]
): Promise<{ code: number; checks: Check[] }> {
  const all = settings.length > 0 ? settings : ["--auth=none"];
  const name = `t${trackers++}`;
  const registered = await home.here([
    "experiment-tracker",
    "register",
    name,
    "--flavor=mlflow",
    `--tracking_uri=${uri}`,
    ...all,
  ]);
  if (registered.code !== 0) throw new Error(registered.stderr);
  const result = await home.here(["experiment-tracker", "test", name, "-o", "json"]);
  return { code: result.code, checks: JSON.parse(result.stdout) as Check[] };
}
let trackers = 0;

/** The one check that is not ok. */
function onlyTrouble(t: ExecutionContext, { checks }: { checks: Check[] }): Check {
  const trouble = checks.filter(({ result }) => result !== "ok");
  t.is(trouble.length, 1, JSON.stringify(checks));
  return trouble[0] ?? { check: "", result: "", finding: "", remedy: "" };
}

test("a server in good order passes every check, and doctor asks it, too", async (t) => {
  const home = await scratchHome(t);
  const server = await ScriptedMlflow.start(t);
  server.rule(({ path }) =>
    path.startsWith("/api/2.0/mlflow-artifacts/") ? { status: 200, body: '{"files":[]}' } : undefined,
  );
  server.rule(({ path }) => (path.endsWith("experiments/search") ? { status: 200, body: "{}" } : undefined));
  const { code, checks } = await tested(home, server.url);
  t.is(code, 0, JSON.stringify(checks));
  t.deepEqual(
    checks.map(({ check, result }) => [check, result]),
    [
      ["credentials", "ok"],
      ["server", "ok"],
      ["version", "ok"],
      ["authentication", "ok"],
      ["artifacts", "ok"],
      ["clock", "ok"],
    ],
  );
  const doctor = await home.here(["doctor", "-o", "json"]);
  const asked = (JSON.parse(doctor.stdout) as Check[]).find(({ check }) =>
    check.endsWith(": authentication"),
  );
  t.is(asked?.result, "ok");
  t.is(server.store.runs.length + server.store.experiments.size, 0, "nothing is changed there");
});

test("what is in the way is named with what to do", async (t) => {
  const home = await scratchHome(t);
  const plain = await ScriptedMlflow.start(t);
  const secure = await ScriptedMlflow.start(t, { tls: { key: SERVER_KEY, cert: SERVER_CERT } });
  const rows: readonly [uri: string, settings: string[], check: string, finding: RegExp, remedy: RegExp][] = [
    [
      "http://no-such-host.invalid:5000",
      [],
      "server",
      /STEPWELL_SERVER_UNREACHABLE/,
      /No address is known for no-such-host\.invalid/,
    ],
    [
      "http://127.0.0.1:1",
      [],
      "server",
      /ECONNREFUSED/,
      /Nobody listens at 127\.0\.0\.1:1: start the server/,
    ],
    [secure.url, [], "server", /STEPWELL_TLS_FAILED/, /tracking_server_cert_path/],
    [
      plain.url.replace("http:", "https:"),
      [],
      "server",
      /could not be asked/,
      /does not speak TLS: write tracking_uri with http:/,
    ],
    [
      secure.url.replace("https:", "http:"),
      [],
      "server",
      /could not be asked/,
      /may want TLS: write tracking_uri with https:/,
    ],
  ];
  for (const [uri, settings, check, finding, remedy] of rows) {
    const result = await tested(home, uri, ...settings);
    t.is(result.code, 1, uri);
    const trouble = onlyTrouble(t, result);
    t.is(trouble.check, check, JSON.stringify(trouble));
    t.regex(trouble.finding, finding);
    t.regex(trouble.remedy, remedy);
  }
  await home.here(["secret", "create", "gone", "--token=canary"]);
  const name = "of-a-secret";
  const settings = [`--tracking_uri=${plain.url}`, "--tracking_token={{gone.token}}"];
  await home.json(["experiment-tracker", "register", name, "--flavor=mlflow", ...settings]);
  t.is((await home.here(["secret", "delete", "gone", "--force"])).code, 0);
  const seen = plain.seen.length;
  const answer = await home.here(["experiment-tracker", "test", name, "-o", "json"]);
  const trouble = onlyTrouble(t, { checks: JSON.parse(answer.stdout) as Check[] });
  t.like(trouble, { check: "credentials", result: "failed" });
  t.regex(trouble.finding, /STEPWELL_SECRET_UNKNOWN/);
  t.is(plain.seen.length, seen, "nothing is sent without credentials");
  const ca = join(home.paths.home, "ca.pem");
  writeFileSync(ca, AUTHORITY);
  const { checks } = await tested(home, secure.url, "--auth=none", `--tracking_server_cert_path=${ca}`);
  t.is(checks.find(({ check }) => check === "server")?.result, "ok");
});

test("what a server answers is named with what to do", async (t) => {
  const home = await scratchHome(t);
  const server = await ScriptedMlflow.start(t);
  let artifacts = 200;
  server.rule(({ path }) =>
    path.includes("mlflow-artifacts") ? { status: artifacts, body: "{}" } : undefined,
  );
  server.rule(({ path }) => (path.endsWith("experiments/search") ? { status: 200, body: "{}" } : undefined));
  const once = async (ending: string, reaction: Parameters<typeof server.once>[1]) => {
    server.once(ending, reaction);
    return onlyTrouble(t, await tested(home, server.url));
  };
  t.like(await once("experiments/search", { status: 401, body: "You are not authenticated." }), {
    check: "authentication",
    result: "failed",
  });
  const host = await once("experiments/search", {
    status: 403,
    body: "Invalid Host header - possible DNS rebinding attack detected",
  });
  t.regex(host.remedy, /--allowed-hosts/);
  const page = await once("experiments/search", { status: 200, body: "<html>" });
  t.regex(page.finding, /STEPWELL_SERVER_NOT_UNDERSTOOD/);
  t.is(
    page.remedy,
    `Check that ${server.url} is the address of an MLflow server or of a Databricks workspace.`,
  );
  const old = await once("/version", { status: 200, body: "2.1.1" });
  t.like(old, { check: "version", result: "warn" });
  t.regex(old.finding, /GHSA-xg73-94fp-g449/);
  const late = new Date(Date.now() - 3_600_000).toUTCString();
  const skewed = await once("/version", { status: 200, body: "3.17.2", headers: { date: late } });
  t.like(skewed, { check: "clock", result: "warn" });
  t.regex(skewed.finding, /36\d\d s apart/);
  artifacts = 503;
  t.like(onlyTrouble(t, await tested(home, server.url)), { check: "artifacts", result: "warn" });
});

test("status and describe warn of a server that is too old, from its first delivery until it is newer", async (t) => {
  const home = await scratchHome(t);
  const server = await ScriptedMlflow.start(t);
  let version = "2.1.1";
  server.rule(({ path }) => (path === "/version" ? { status: 200, body: version } : undefined));
  await home.json([
    ...["experiment-tracker", "register", "old", "--flavor=mlflow", "--auth=none"],
    `--tracking_uri=${server.url}`,
  ]);
  const warnings = async () => {
    const status = (await home.json(["status"])) as { tracker_warnings: unknown[] };
    const described = (await home.json(["experiment-tracker", "describe", "old"])) as { warnings: unknown[] };
    return [status.tracker_warnings, described.warnings];
  };
  t.deepEqual(await warnings(), [[], []], "nothing was asked yet");
  const ran = await home.stepwell(["run", "-e", "old", "--", "true"]);
  t.is(ran.code, 0, ran.stderr);
  t.is((await home.here(["flush"])).code, 0);
  const warning =
    "MLflow 2.1.1 hands out any file of its machine to anybody (GHSA-xg73-94fp-g449). Bring the server to MLflow 2.2.1 or newer.";
  t.deepEqual(await warnings(), [[{ tracker: "old", warning }], [warning]]);
  const shown = (await home.here(["status"])).stdout;
  t.regex(shown, /TRACKER +WARNING\nold +MLflow 2\.1\.1 hands out/);
  t.regex((await home.here(["experiment-tracker", "describe", "old"])).stdout, /warnings +MLflow 2\.1\.1/);
  version = "2.2.1";
  await home.here(["experiment-tracker", "test", "old"]);
  t.deepEqual(await warnings(), [[], []]);
  version = "1.30.0";
  await home.here(["experiment-tracker", "test", "old"]);
  t.regex(JSON.stringify(await warnings()), /1\.30\.0/);
  await home.json(["experiment-tracker", "update", "old", "--tracking_uri=http://127.0.0.1:1"]);
  t.deepEqual(await warnings(), [[], []], "it points elsewhere");
});
