/**
 * No leak: canaries in every kind of credential and on every way in, every command in every
 * format, errors, deliveries that fail, a crash and a restart; then everything that was said and every
 * file of the home is searched.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import type { Answered } from "../support/command-here.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { type AskedServer, startAskedServer } from "./asked-server.js";
import { type Leak, leaksBelow, leaksIn } from "./canaries.js";
import { readProcesses } from "./shown-processes.js";

const test = anyTest.serial;

const KINDS = [
  "username",
  "password",
  "token",
  "client-id",
  "client-secret",
  "option",
  "values",
  "stdin",
  "file",
  "rotated",
  "error",
  "uri",
  "import",
  "passphrase",
  "wrong-passphrase",
] as const;
const CANARY = Object.fromEntries(KINDS.map((kind) => [kind, `canary-${kind}-7c1e5a90d2`])) as Record<
  (typeof KINDS)[number],
  string
>;
const CANARIES = Object.values(CANARY);

type Command = readonly [args: readonly string[], input?: string];

const tracker = (name: string, ...settings: string[]) => [
  "experiment-tracker",
  "register",
  name,
  "--flavor=mlflow",
  ...settings,
];

/** The ways in. */
function plants(server: AskedServer, file: string): Command[] {
  const uri = `--tracking_uri=${server.url}`;
  const databricks = ["--tracking_uri=databricks", `--databricks_host=${server.url}`];
  return [
    [
      tracker(
        "basic",
        uri,
        `--tracking_username=${CANARY.username}`,
        `--tracking_password=${CANARY.password}`,
      ),
    ],
    [tracker("bearer", uri, `--tracking_token=${CANARY.token}`)],
    [
      tracker(
        "oauth",
        ...databricks,
        `--databricks_client_id=${CANARY["client-id"]}`,
        `--databricks_client_secret=${CANARY["client-secret"]}`,
      ),
    ],
    [["secret", "create", "s1", `--token=${CANARY.option}`]],
    [["secret", "create", "s2", "--values", JSON.stringify({ token: CANARY.values })]],
    [["secret", "create", "s3", "--stdin"], JSON.stringify({ token: CANARY.stdin })],
    [["secret", "create", "s4", `--token=@${file}`]],
    [["secret", "update", "s1", `--token=${CANARY.rotated}`]],
    [tracker("spaced", uri, "--tracking_token", CANARY.token)],
    [tracker("by-reference", uri, "--tracking_token={{s1.token}}")],
    [["secret", "backend", "set", "vault", "--passphrase", "--stdin"], CANARY.passphrase],
    [["stack", "register", "remote", "-e", "basic", "-e", "bearer", "-e", "oauth", "--set"]],
  ];
}

/** Commands that are refused, each with a canary where somebody might put one. */
function mistakes(importFile: string): Command[] {
  const wrong = CANARY.error;
  return [
    [tracker("x", `--tracking_uri=https://u:${CANARY.uri}@host`)],
    [tracker("x", `--tracking_uri=postgresql://u:${CANARY.uri}@host/d`)],
    [tracker("x", "--tracking_uri=https://h", `--tracking_password=${wrong}`)],
    [tracker("x", "--tracking_uri=https://h", `--tracking_token=${wrong}`, "--auth=none")],
    [tracker("x", "--tracking_uri=https://h", "--tracking_token", "=", wrong)],
    [tracker("x", wrong)],
    [["secret", "get", "s1", `--token=${wrong}`]],
    [["secret", "create", "x", wrong]],
    [["secret", "create", "x", `--${wrong}`]],
    [tracker("x", `--tracking_insecure_tls=${wrong}`)],
    [tracker("x", `--tags=[${wrong}`)],
    [tracker("x", "--tracking_uri=https://h", `--tracking_token={{{${wrong}.x}}}`)],
    [tracker("bearer", "--tracking_uri=https://h", `--tracking_token=${wrong}`)],
    [["experiment-tracker", "register", "x", "--flavor=mlflw", `--tracking_token=${wrong}`]],
    [["experiment-tracker", "update", "none", `--tracking_token=${wrong}`]],
    [tracker("x", "--tracking_uri=https://h", `-tracking_token=${wrong}`)],
    [tracker("x", "--tracking_uri=https://h", `--tracking.token=${wrong}`)],
    [tracker("x", "--tracking_uri=https://h", `--tracking_token:${wrong}`)],
    [["secret", "get", "s1", `-p${wrong}`]],
    [["secret", "get", "s1", `--token:${wrong}`]],
    [["secret", "create", "s1", `--token=${wrong}`]],
    [["secret", "create", "s 1", `--token=${wrong}`]],
    [["secret", "create", "x", `--a.b=${wrong}`]],
    [["secret", "create", "x", `--values=[${wrong}`]],
    [["secret", "create", "x", `--values={"a":{"b":"${wrong}"}}`]],
    [["secret", "create", "x", "--stdin"], `not json: [${wrong}`],
    [["secret", "create", "x", `--token=${wrong}${"x".repeat(70_000)}`]],
    [["secret", "update", "none", `--token=${wrong}`]],
    [["secret", "update", "s1", `--token=${wrong}`, "-r", "token"]],
    [["secret", "unlock", "--stdin"], CANARY["wrong-passphrase"]],
    [["secret", "unlock", wrong]],
    [["secret", "unlock", `--passphrase=${wrong}`]],
    [["secret", "backend", "set", "vault", `--passphrase=${wrong}`]],
    [["secret", "backend", "set", "vault", "--passphrase", wrong]],
    [["secret", "backend", "set", "vault", "--passphrase", "--stdin"], `${wrong}\u0007`],
    [["secret", "backend", "set", "vault", "--passphrase", "--stdin"], wrong.repeat(100)],
    [["stack", "import", "imported", "-f", importFile]],
    [["stack", "import", "imported", "-f", importFile, "--rename"]],
  ];
}

/** What shows something. */
function looks(): Command[] {
  const shown: string[][] = [
    ["experiment-tracker", "list"],
    ...["basic", "bearer", "oauth", "by-reference"].map((name) => ["experiment-tracker", "describe", name]),
    ["experiment-tracker", "get"],
    ["experiment-tracker", "update", "bearer", "--tracking_insecure_tls=true"],
    ["stack", "list"],
    ["stack", "describe"],
    ["stack", "validate"],
    ["secret", "list"],
    ...["s1", "s2", "s3", "s4", "basic_credentials"].map((name) => ["secret", "get", name]),
    ["secret", "where-used", "s1"],
    ["secret", "backend", "get"],
    ["status"],
    ["runs", "list"],
    ["doctor"],
    ["dead-letter", "list"],
    ["daemon", "status"],
  ];
  const all = shown.flatMap((args) =>
    ["table", "json"].map((format): Command => [[...args, `--output=${format}`]]),
  );
  const others: string[][] = [
    ...["yaml", "csv", "tsv"].flatMap((format) => [
      ["secret", "get", "s1", "-o", format],
      ["experiment-tracker", "list", "-o", format],
    ]),
    ["stack", "export", "remote"],
    ["stack", "export", "remote", "-o", "json"],
    ["__complete", "zsh", "secret", "get", ""],
    ["__complete", "zsh", "experiment-tracker", "update", "bearer", "--tracking"],
    ["secret", "get", "canary", "--show"],
    tracker("dry", "--tracking_uri=https://h", `--tracking_token=${CANARY.error}`, "--dry-run"),
    ["experiment-tracker", "copy", "bearer", "copied"],
    ["experiment-tracker", "rename", "copied", "renamed"],
    ["secret", "rename", "s1", "s5", "--rewrite-references"],
    ["secret", "delete", "s5", "-y"],
    ["secret", "delete", "s4", "-y"],
    ["flush", "--timeout=1"],
    ["daemon", "logs", "-n", "10000"],
  ];
  return [...all, ...others.map((args): Command => [args])];
}

class Searched {
  readonly leaks: Leak[] = [];
  readonly #home: ScratchHome;
  commands = 0;

  constructor(home: ScratchHome) {
    this.#home = home;
  }

  /** In a process of its own. */
  async run([args, input]: Command): Promise<Answered> {
    return this.#search(args, await this.#home.stepwell(args, {}, input));
  }

  /** In this process, unless something is typed: its words go the same way, and a hundred processes take ten seconds. */
  async runHere(command: Command): Promise<Answered> {
    const [args, input] = command;
    return input === undefined ? this.#search(args, await this.#home.here(args)) : await this.run(command);
  }

  #search(args: readonly string[], result: Answered): Answered {
    this.commands++;
    const where = `what is said by: ${args.join(" ").slice(0, 100)}`;
    this.leaks.push(...leaksIn(where, result.stdout + result.stderr, CANARIES));
    return result;
  }
}

/** Everything of the state store, whose tables are compressed on disk. */
async function leaksInStore(home: ScratchHome): Promise<Leak[]> {
  const store = await openStore(home.paths.stateFolder);
  try {
    const rows = await Promise.all(Object.values(TABLES).map((table) => store.list(table)));
    return leaksIn("the state store", JSON.stringify(rows), CANARIES);
  } finally {
    await store.close();
  }
}

function leaksInProcesses(t: ExecutionContext, daemon: number): Leak[] {
  const processes = readProcesses();
  t.true(processes.has(daemon), "the daemon is looked at");
  processes.delete(process.pid);
  return [...processes].flatMap(([pid, said]) => leaksIn(`the process ${pid}`, said, CANARIES));
}

test("the search finds a canary as it is, in base64 wherever it stands, and in hex", (t) => {
  for (const before of ["", "u", "u:", "user:"]) {
    const text = Buffer.from(`${before}${CANARY.token}:x`).toString("base64");
    t.deepEqual(leaksIn("here", `Basic ${text}`, CANARIES), [{ canary: CANARY.token, where: "here" }]);
  }
  t.is(leaksIn("here", Buffer.from(CANARY.token).toString("hex"), CANARIES).length, 1);
  t.deepEqual(leaksIn("here", "canary", CANARIES), []);
});

test("no credential is in an answer, an error, a log, the journal, the state, a process or any other file", async (t) => {
  t.timeout(1_200_000, "twenty processes and four rounds of scrypt");
  const home = await scratchHome(t);
  const server = await startAskedServer(t);
  const outside = join(home.paths.home, "..");
  const file = join(outside, "token");
  await writeFile(file, CANARY.file);
  const importFile = join(outside, "stack.yaml");
  await home.startDaemonOrFind();
  const searched = new Searched(home);
  for (const [at, plant] of plants(server, file).entries()) {
    const { code, stderr } = at < 4 ? await searched.run(plant) : await searched.runHere(plant);
    t.is(code, 0, `${plant[0].join(" ")}: ${stderr}`);
  }
  const exported = await home.stepwell(["stack", "export", "remote"]);
  const planted = exported.stdout.replace("{{bearer_credentials.tracking_token}}", CANARY.import);
  t.not(planted, exported.stdout);
  await writeFile(importFile, planted);

  const producer = new RawProducer(readEndpoint(home.paths)?.endpoint ?? "");
  producer.hello();
  for (const [at, name] of ["basic", "bearer", "oauth"].entries())
    producer.batch(at + 1, newRunId(), {
      runStart: startOf([name]),
      metrics: pointsOf("loss", 5),
    });
  await producer.acknowledged(3);
  const basic = Buffer.from(`${CANARY.username}:${CANARY.password}`).toString("base64");
  const client = Buffer.from(`${CANARY["client-id"]}:${CANARY["client-secret"]}`).toString("base64");
  for (const sent of [`Basic ${basic}`, `Bearer ${CANARY.token}`, `Basic ${client}`])
    await server.wasAsked(sent);

  for (const mistake of mistakes(importFile)) {
    const { code, stderr } = await searched.runHere(mistake);
    t.not(code, 0, mistake[0].join(" "));
    // It is refused for the credential, not for something before it.
    if (mistake[0][1] === "import") t.regex(stderr, /tracking_token of bearer has to be a reference/);
  }
  const whole = join(outside, "whole.yaml");
  await writeFile(whole, exported.stdout);
  t.is(
    (await searched.run([["stack", "import", "again", "-f", whole]])).code,
    0,
    "as it was exported it is taken",
  );
  for (const look of looks()) await searched.runHere(look);
  const revealed = await home.stepwell(["secret", "get", "s2", "--show"]);
  t.true(revealed.stdout.includes(CANARY.values), "only what is asked for is shown");
  searched.leaks.push(...leaksInProcesses(t, readEndpoint(home.paths)?.pid ?? 0));

  // A crash, with all of it in memory, and what the next daemon says of it.
  process.kill(readEndpoint(home.paths)?.pid ?? 0, "SIGABRT");
  await searched.run([["daemon", "start"]]);
  await searched.run([["doctor"]]);
  await searched.run([["secret", "get", "s2"]]);
  t.is((await searched.run([["secret", "unlock", "--stdin"], `${CANARY.passphrase}\n`])).code, 0);
  await searched.run([["daemon", "stop"]]);
  const { files, leaks } = leaksBelow(home.paths.home, CANARIES);
  t.true(files > 10 && searched.commands > 80, `${files} files, ${searched.commands} commands`);
  t.deepEqual([...searched.leaks, ...leaks, ...(await leaksInStore(home))], []);
  t.log(`${searched.commands} commands and ${files} files hold none of ${CANARIES.length} canaries`);
});
