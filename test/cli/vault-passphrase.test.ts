/** The vault's passphrase from the command line to the lane, with a real daemon and a server that is asked. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import anyTest from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { startAskedServer } from "../secrets/asked-server.js";
import { laneIs } from "../secrets/lane-state.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

// One after the other: each takes some rounds of scrypt.
const test = anyTest.serial;
const PASSPHRASE = "one passphrase of many words";
const TOKEN = "token-5b1d77";
const LOCKED =
  /^error: The vault [^\n]*locked[^\n]*\n[^\n]*stepwell secret unlock[^\n]*\n {2}STEPWELL_VAULT_LOCKED\n$/m;

/** In this process where nothing is typed. */
const run = (home: ScratchHome, line: string, input?: string) =>
  input === undefined ? home.here(line.split(" ")) : home.stepwell(line.split(" "), {}, input);
const keysOf = async ({ paths }: ScratchHome) =>
  (await readdir(paths.vaultFolder)).filter((name) => name.startsWith("key")).sort();

test("a vault that is sealed holds its lanes after a restart, and they go on when it is unlocked", async (t) => {
  t.timeout(1_200_000, "thirty processes and four rounds of scrypt");
  const server = await startAskedServer(t);
  const home = await scratchHome(t);
  await home.here([
    "experiment-tracker",
    "register",
    "t",
    "--flavor=mlflow",
    `--tracking_uri=${server.url}`,
    `--tracking_token=${TOKEN}`,
  ]);
  await home.json(["stack", "register", "s", "-e", "t", "--set"]);
  t.deepEqual(await keysOf(home), ["key"]);
  t.like(await home.json(["secret", "backend", "get"]), { state: "ready", has_passphrase: false });
  const identity = (await readFile(join(home.paths.vaultFolder, "key"), "utf8")).trim();
  const sealed = await run(home, "secret backend set vault --passphrase --stdin", `${PASSPHRASE}\n`);
  t.is(sealed.code, 0, sealed.stderr);
  t.regex(sealed.stderr, /stepwell secret unlock[\s\S]*0 moved there/);
  t.deepEqual(await keysOf(home), ["key.age"]);
  t.like(await home.json(["secret", "get", "t_credentials", "--show"]), {
    values: { tracking_token: TOKEN },
  });
  t.like(await home.json(["secret", "backend", "get"]), { state: "ready", has_passphrase: true });

  await home.here(["daemon", "stop"]);
  const alone = await home.here(["doctor", "-o", "json"]);
  t.is(alone.code, 3, "without a daemon nobody can have it open");
  t.regex(alone.stdout, /"secrets",\s+"result": "warn",\s+"finding": "The vault has a passphrase/);
  await home.startDaemonOrFind();
  const producer = new RawProducer(readEndpoint(home.paths)?.endpoint ?? "");
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf(), metrics: pointsOf("loss", 5) });
  await producer.acknowledged(1);
  await laneIs(home, /^held: STEPWELL_VAULT_LOCKED/);
  for (const line of [
    "secret create other --a=b",
    "secret update t_credentials --tracking_token=x",
    "secret get t_credentials --show",
    "secret backend set vault --no-passphrase",
  ]) {
    const refused = await run(home, line);
    t.is(refused.code, 6, line);
    t.regex(refused.stderr, LOCKED, line);
  }
  const doctor = await home.here(["doctor", "-o", "json"]);
  t.is(doctor.code, 1);
  t.regex(doctor.stdout, /"secrets",\s+"result": "failed",\s+"finding": "STEPWELL_VAULT_LOCKED/);
  t.like(await home.json(["secret", "backend", "get"]), { state: "locked", has_passphrase: true });
  const wrong = await run(home, "secret unlock --stdin", `${PASSPHRASE}!`);
  t.is(wrong.code, 6);
  t.regex(wrong.stderr, /STEPWELL_PASSPHRASE_WRONG\n$/);
  t.deepEqual(server.asked, []);
  t.like(await home.json(["secret", "list"]), [{ name: "t_credentials" }], "nothing was made anew");

  const unlocked = await run(home, "secret unlock --stdin", PASSPHRASE);
  t.is(unlocked.code, 0, unlocked.stderr);
  await server.wasAsked(`Bearer ${TOKEN}`);
  t.false(server.asked.includes(""));
  t.is((await run(home, "secret create other --a=b")).code, 0);
  const plain = await run(home, "secret backend set vault --no-passphrase");
  t.is(plain.code, 0, plain.stderr);
  t.deepEqual(await keysOf(home), ["key"]);
  t.is((await readFile(join(home.paths.vaultFolder, "key"), "utf8")).trim(), identity);
  producer.close();
  await home.here(["daemon", "stop"]);
  t.like(await home.json(["secret", "get", "other", "--show"]), { values: { a: "b" } });
  t.regex((await run(home, "secret unlock --stdin", PASSPHRASE)).stderr, /has no passphrase/);
});

test("what can't be a passphrase, or comes in the wrong way, is refused and changes nothing", async (t) => {
  const home = await scratchHome(t);
  for (const [line, input, code, said] of [
    ["secret backend set vault --passphrase --stdin", "canary", 1, /STEPWELL_PASSPHRASE_INVALID/],
    ["secret backend set vault --passphrase --stdin", "\n", 2, /No passphrase/],
    ["secret backend set vault --passphrase", "", 2, /use --stdin/],
    ["secret backend set vault --passphrase=canary", "", 2, /STEPWELL_USAGE/],
    ["secret backend set vault --stdin", "canary", 2, /goes with --passphrase/],
    ["secret backend set keychain --passphrase --stdin", "canary", 2, /Only the vault/],
    ["secret unlock", "", 2, /use --stdin/],
    ["secret unlock canary", "", 2, /STEPWELL_USAGE/],
  ] as const) {
    const refused = await run(home, line, input);
    t.is(refused.code, code, line);
    t.regex(refused.stderr, said, line);
    t.false(refused.stderr.includes("canary"), line);
  }
  await t.throwsAsync(readdir(home.paths.vaultFolder), { code: "ENOENT" });
});

test("completion knows the options", async (t) => {
  const home = await scratchHome(t);
  for (const [words, wanted] of [
    [["secret", "unl"], "unlock"],
    [["secret", "unlock", "--st"], "--stdin"],
    [["secret", "backend", "set", "vault", "--no"], "--no-passphrase"],
    [["secret", "backend", "set", "vault", "--pass"], "--passphrase"],
  ] as const) {
    const { stdout } = await home.here(["__complete", "zsh", ...words]);
    t.is(stdout, `${wanted}\n`, words.join(" "));
  }
});
