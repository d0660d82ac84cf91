/** The keychain against a real Secret Service: unlocked, locked, stopped and out of reach. */
import { existsSync } from "node:fs";
import { readEndpoint } from "../../src/home/endpoint.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startAskedServer } from "./asked-server.js";
import { laneIs } from "./lane-state.js";
import { startSecretService, testWithSecretService } from "./secret-service.js";

const test = testWithSecretService();
const CANARY = "canary-b81f02";
const LOCKED =
  /^error: The keychain (?:is locked|can't be used): [^\n]*\n[^\n]*Unlock the keychain[^\n]*\n {2}STEPWELL_KEYCHAIN_LOCKED\n$/m;

const homeIdOf = ({ paths }: ScratchHome) => readEndpoint(paths)?.homeId ?? "";

test("where there is a keychain, secrets are kept in it and in nothing else, and one change leaves one item", async (t) => {
  const service = await startSecretService(t);
  const home = await scratchHome(t);
  const run = (line: string) => home.here(line.split(" "), service.env);
  const give = (line: string, input: string) => home.stepwell(line.split(" "), service.env, input);
  const made = await give("secret create s --stdin", `{"token":"${CANARY}"}`);
  t.regex(made.stderr, /Created secret s in the keychain\./);
  t.is(await service.count(homeIdOf(home)), 1);
  const long = "x".repeat(60 * 1024);
  await give("secret update s --stdin", `{"token":"${long}"}`);
  t.is(await service.count(homeIdOf(home)), 1);
  t.true((await run("secret get s --show -o json")).stdout.includes(long));
  t.regex(
    (await run("doctor -o json")).stdout,
    /"secrets",\s+"result": "ok",\s+"finding": "In the keychain\./,
  );
  t.is(await service.count(homeIdOf(home)), 1, "what the doctor tried is gone");
  t.is(await service.count("another home"), 0);
  t.false(existsSync(home.paths.vaultFolder));
  await run("secret delete s -y");
  t.is(await service.count(homeIdOf(home)), 0);
});

test("a keychain that is locked at the first use decides nothing, and no other backend is used", async (t) => {
  const service = await startSecretService(t);
  const home = await scratchHome(t);
  await service.lock();
  const refused = await home.here(["secret", "create", "s", "--a=b"], service.env);
  t.is(refused.code, 6);
  t.regex(refused.stderr, LOCKED);
  t.like(await home.json(["secret", "backend", "get"]), { backend: "", state: "locked" });
  t.false(existsSync(home.paths.vaultFolder));
  await service.unlock();
  t.is((await home.here(["secret", "create", "s", "--a=b"])).code, 0);
  t.like(await home.json(["secret", "backend", "get"]), { backend: "keychain", state: "ready" });
});

test("a locked keychain holds the lane: nothing is sent without credentials, and it goes on when it is unlocked", async (t) => {
  const service = await startSecretService(t);
  const server = await startAskedServer(t);
  const home = await scratchHome(t);
  const settings = [`--tracking_uri=${server.url}`, `--tracking_token=${CANARY}`];
  const register = ["experiment-tracker", "register", "t", "--flavor=mlflow", ...settings];
  t.is((await home.here(register, service.env)).code, 0);
  await home.json(["stack", "register", "s", "-e", "t", "--set"]);
  await home.here(["daemon", "stop"]);
  await service.lock();
  await home.here(["daemon", "start"], service.env);
  const producer = new RawProducer(readEndpoint(home.paths)?.endpoint ?? "");
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf(), metrics: pointsOf("loss", 5) });
  await producer.acknowledged(1);
  await laneIs(home, /^held: STEPWELL_KEYCHAIN_LOCKED/);
  t.deepEqual(server.asked, []);
  const shown = await home.here(["secret", "get", "t_credentials", "--show"]);
  t.is(shown.code, 6);
  t.regex(shown.stderr, LOCKED);
  const doctor = await home.here(["doctor", "-o", "json"]);
  t.is(doctor.code, 1);
  t.regex(doctor.stdout, /"secrets",\s+"result": "failed",\s+"finding": "STEPWELL_KEYCHAIN_LOCKED/);
  const changed = await home.here(["secret", "update", "t_credentials", "--tracking_token=x"]);
  t.is(changed.code, 6);
  t.is(await service.count(homeIdOf(home)), 1, "nothing was made anew");
  t.false(existsSync(home.paths.vaultFolder));
  await service.unlock();
  // By itself it would ask again in half a minute. This server lets nobody in.
  t.not((await home.here(["flush", "--timeout=1"])).code, 0);
  await server.wasAsked(`Bearer ${CANARY}`);
  t.false(server.asked.includes(""));
  // A rotated value is used by the next request, though the old one was read a moment ago.
  await home.here(["secret", "update", "t_credentials", "--tracking_token=rotated"]);
  await server.wasAsked("Bearer rotated");
  producer.close();
});

test("without D-Bus in its environment the daemon says that the keychain is out of reach, and uses no vault", async (t) => {
  const service = await startSecretService(t);
  const home = await scratchHome(t);
  await home.here(["secret", "create", "s", "--a=b"], service.env);
  await home.here(["daemon", "stop"]);
  for (const line of ["secret get s --show", "secret create other --a=b", "secret update s --c=d"]) {
    const refused = await home.here(line.split(" "));
    t.is(refused.code, 6, line);
    t.regex(refused.stderr, /can't be reached[\s\S]*STEPWELL_KEYCHAIN_UNREACHABLE/, line);
  }
  t.regex((await home.here(["doctor"])).stdout, /failed +secrets +STEPWELL_KEYCHAIN_UNREACHABLE/);
  t.like(await home.json(["secret", "list"]), [{ name: "s" }]);
  t.false(existsSync(home.paths.vaultFolder));
  await home.here(["daemon", "stop"]);
  t.regex(
    (await home.here(["doctor"], service.env)).stdout,
    /ok +secrets/,
    "the doctor looks without a daemon too",
  );
  t.regex((await home.here(["secret", "get", "s", "--show"], service.env)).stdout, /a=b|"a":"b"/);
});

test("a keychain that does not answer costs its caller a while, and the daemon nothing", async (t) => {
  const service = await startSecretService(t);
  const home = await scratchHome(t);
  await home.here(["secret", "create", "s", "--a=b"], service.env);
  await service.signal("SIGSTOP");
  const asking = home.stepwell(["secret", "update", "s", "--a=c"]);
  const status = await home.stepwell(["status"]);
  t.is(status.code, 0);
  const refused = await asking;
  t.is(refused.code, 6);
  t.regex(refused.stderr, /STEPWELL_KEYCHAIN_LOCKED/);
  t.true(status.elapsedMs < refused.elapsedMs, "the status did not wait for it");
  await service.signal("SIGCONT");
  t.regex((await home.here(["secret", "get", "s", "--show"])).stdout, /a=b|"a":"b"/);
});

test("secrets move from one backend to the other, all of them, and the old one keeps nothing", async (t) => {
  const service = await startSecretService(t);
  const home = await scratchHome(t);
  const run = (line: string) => home.here(line.split(" "), service.env);
  for (const name of ["one", "two"]) await run(`secret create ${name} --token=${CANARY}`);
  t.regex((await run("secret backend set vault")).stderr, /kept in the vault; 2 moved/);
  t.is(await service.count(homeIdOf(home)), 0);
  t.regex((await run("secret get two --show")).stdout, new RegExp(CANARY));
  await run("secret create three --token=x");
  await service.lock();
  const refused = await run("secret backend set keychain");
  t.is(refused.code, 6);
  t.like(await home.json(["secret", "backend", "get"]), {
    backend: "vault",
    state: "ready",
    secrets: { vault: 3 },
  });
  await service.unlock();
  t.regex((await run("secret backend set keychain")).stderr, /kept in the keychain; 3 moved/);
  t.is(await service.count(homeIdOf(home)), 3);
  t.regex((await run("secret get one --show")).stdout, new RegExp(CANARY));
});
