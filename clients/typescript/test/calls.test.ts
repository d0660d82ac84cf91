/** Calls to a daemon that is in trouble, silent, another home's, or gone; and their bounds. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { scratchFolder } from "../../../test/support/folder.js";
import { ROOT, scratchHome } from "../../../test/support/home.js";
import { until } from "../../../test/support/until.js";
import { Caller } from "../src/calls/caller.js";
import { StepwellClient, StepwellClientError } from "../src/index.js";
import { completeOptions } from "../src/settings.js";
import { watchStatus } from "../src/state.js";
import { AnsweringServer } from "./support/answering-server.js";
import { runProgram } from "./support/child.js";

const SECRET = "canary-4b1d9e";

async function answering(
  t: ExecutionContext,
): Promise<{ readonly server: AnsweringServer; readonly client: StepwellClient }> {
  const server = await AnsweringServer.start(t);
  const client = new StepwellClient({ endpoint: server.endpoint });
  t.teardown(() => client.close());
  return { server, client };
}

/** A home whose endpoint file leads to a server. */
async function homeOf(t: ExecutionContext, { endpoint, homeId }: AnsweringServer): Promise<string> {
  const home = join(await scratchFolder(t), "home");
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "endpoint.json"), JSON.stringify({ format: 1, endpoint, home }));
  writeFileSync(join(home, "home-id"), `${homeId}\n`);
  return home;
}

async function rejection(t: ExecutionContext, call: Promise<unknown>, code: string): Promise<string> {
  const error = await t.throwsAsync(call, { instanceOf: StepwellClientError });
  t.is(error?.code, code);
  t.not(error?.remedy, "");
  return error?.sentence ?? "";
}

/** The error of a call, with more and more time until it is the one that is meant: a busy machine takes long to ask. */
async function longEnough(
  call: (timeoutMs: number) => Promise<unknown>,
  meant: RegExp,
): Promise<StepwellClientError> {
  let timeoutMs = 500;
  return await until(
    String(meant),
    async () => {
      timeoutMs *= 2;
      return (await call(timeoutMs).catch((error: unknown) => error)) as StepwellClientError;
    },
    ({ message }) => meant.test(message),
  );
}

test("a call is made again while the daemon is in trouble that passes, and any other error is told at once", async (t) => {
  const { server, client } = await answering(t);
  server.reactions.getStatus.push("STEPWELL_JOURNAL_FULL", "break");
  t.is((await client.state()).queuedPoints, 7);
  t.is(server.count("getStatus"), 3);
  server.reactions.getStatus.push("STEPWELL_VERSION_MISMATCH");
  const said = await rejection(t, client.state(), "STEPWELL_VERSION_MISMATCH");
  t.is(said, "It says STEPWELL_VERSION_MISMATCH.");
  t.is(server.count("getStatus"), 4);
});

test("what changes something is made again where it was refused, and not where it may have been done", async (t) => {
  const { server, client } = await answering(t);
  server.reactions.createSecret.push("STEPWELL_DAEMON_STOPPING");
  await client.createSecret("s", { key: SECRET });
  t.is(server.count("createSecret"), 2);
  server.reactions.createSecret.push("break");
  const said = await rejection(t, client.createSecret("s", { key: SECRET }), "STEPWELL_DAEMON_UNREACHABLE");
  t.regex(said, /It may have been carried out all the same\.$/);
  t.is(server.count("createSecret"), 3);
  server.later.createSecret = "hang";
  const late = (timeoutMs: number) => client.createSecret("s", { key: SECRET }, { timeoutMs });
  const unanswered = await longEnough(late, /It may have been carried out/);
  t.regex(unanswered.sentence, /has not answered\. It may have been carried out all the same\. It was tried/);
  t.is(unanswered.code, "STEPWELL_DAEMON_UNREACHABLE");
});

test("a call ends at its time with the last trouble, and by its signal with the signal's reason", async (t) => {
  const { server, client } = await answering(t);
  server.later.getStatus = "hang";
  const said = await rejection(t, client.state({ timeoutMs: 300 }), "STEPWELL_DAEMON_UNREACHABLE");
  t.regex(said, /has not answered\. It was tried for 300 ms\.$/);
  server.later.getStatus = "STEPWELL_DISK_FULL";
  const full = await longEnough((timeoutMs) => client.state({ timeoutMs }), /STEPWELL_DISK_FULL/);
  t.regex(full.sentence, /^It says STEPWELL_DISK_FULL\. It was tried for \d+ ms\.$/);
  t.is(full.remedy, "Do something.");
  server.later.getStatus = "answer";
  server.reactions.getStatus.push("hang");
  const givenUp = new AbortController();
  const call = client.state({ signal: givenUp.signal });
  await until(
    "it is asked",
    () => server.reactions.getStatus.length,
    (left) => left === 0,
  );
  const reason = new Error("enough");
  givenUp.abort(reason);
  t.is(await t.throwsAsync(call), reason);
  t.is(await t.throwsAsync(client.state({ signal: givenUp.signal })), reason, "one that was given up before");
  // Nothing of it keeps the next call from being made.
  t.is((await client.state()).queuedPoints, 7);
});

test("a watch tells the newest state to who reads slowly, and ends with its loop", async (t) => {
  const { server, client } = await answering(t);
  const seen: number[] = [];
  for await (const { queuedPoints } of client.watchState()) {
    seen.push(queuedPoints);
    if (queuedPoints === 100 || seen.length === 30) break;
    for (let points = 1n; points <= 100n; points++) server.tell(points);
    await sleep(500);
  }
  t.is(seen.at(0), 0);
  t.is(seen.at(-1), 100);
  t.true(seen.length < 30, `${seen.length} states`);
  await until(
    "it has ended at the server, too",
    () => server.watches.size,
    (size) => size === 0,
  );
});

test("a watch ends by throwing: the signal's reason, the client's close, a silent daemon, one that goes", async (t) => {
  const { server, client } = await answering(t);
  const reason = new Error("enough");
  const givenUp = new AbortController();
  const watched = async (states: AsyncIterable<unknown>, then: () => unknown) => {
    for await (const _ of states) then();
  };
  t.is(
    await t.throwsAsync(watched(client.watchState({ signal: givenUp.signal }), () => givenUp.abort(reason))),
    reason,
  );
  const caller = new Caller(completeOptions({ endpoint: server.endpoint }, {}));
  const silent = watched(
    caller.watch(watchStatus(50), 200, { signal: AbortSignal.timeout(60_000) }),
    () => undefined,
  );
  t.is(await rejection(t, silent, "STEPWELL_DAEMON_UNREACHABLE"), "The daemon said nothing for 200 ms.");
  const end = () => {
    for (const watch of server.watches) watch.end();
  };
  const ended = watched(client.watchState(), end);
  t.is(await rejection(t, ended, "STEPWELL_DAEMON_UNREACHABLE"), "The daemon ended the watch.");
  const closed = watched(client.watchState(), () => client.close());
  await rejection(t, closed, "STEPWELL_CLIENT_CLOSED");
  await rejection(t, client.state(), "STEPWELL_CLIENT_CLOSED");
  await rejection(t, client.watchState().next(), "STEPWELL_CLIENT_CLOSED");
});

test("a home that others can write into and a daemon of another home get no secret", async (t) => {
  const server = await AnsweringServer.start(t);
  const home = await homeOf(t, server);
  const client = new StepwellClient({ home, autostart: false });
  t.teardown(() => client.close());
  const create = () => client.createSecret("s", { key: SECRET }, { timeoutMs: 1_000 });
  await client.createSecret("s", { key: SECRET });
  server.calls.length = 0;
  chmodSync(home, 0o770);
  await rejection(t, create(), "STEPWELL_HOME_OPEN");
  t.deepEqual(server.calls, []);
  chmodSync(home, 0o700);
  server.homeId = "b".repeat(32);
  const asked = async () => {
    t.regex(await rejection(t, create(), "STEPWELL_DAEMON_UNREACHABLE"), /It was tried for 1000 ms\.$/);
    return server.count("getInfo");
  };
  await until("it is asked which home it has", asked, (count) => count > 0);
  t.is(server.count("createSecret"), 0);
});

test("what is no time, no text or no Unicode is refused before anything is sent, and no value is told", async (t) => {
  const { server, client } = await answering(t);
  for (const timeoutMs of [0, Number.NaN, Number.POSITIVE_INFINITY, "9" as unknown as number])
    await rejection(t, client.state({ timeoutMs }), "STEPWELL_SETTING_INVALID");
  for (const intervalMs of [49, 60_001, Number.NaN])
    await rejection(t, client.watchState({ intervalMs }).next(), "STEPWELL_SETTING_INVALID");
  const values = (value: unknown) => ({ key: value as string });
  const noText = await rejection(t, client.createSecret("s", values([SECRET])), "STEPWELL_SETTING_INVALID");
  t.is(noText, `The value of the secret's key "key" is no text.`);
  const malformed = client.createSecret("s", values(`${SECRET}\ud800`));
  t.notRegex(
    inspect(await t.throwsAsync(malformed, { code: "STEPWELL_TEXT_MALFORMED" })),
    new RegExp(SECRET),
  );
  const setting = { name: "t", configuration: { tracking_password: undefined as unknown as string } };
  const said = await rejection(t, client.registerTracker(setting), "STEPWELL_SETTING_INVALID");
  t.is(said, 'The setting "tracking_password" is no text.');
  t.deepEqual(server.calls, []);
});

test("a secret's value is in nothing that the client shows, whatever becomes of the call", async (t) => {
  const server = await AnsweringServer.start(t);
  server.reactions.createSecret.push("STEPWELL_NAME_TAKEN", "break");
  const env = { STEPWELL_ENDPOINT: server.endpoint, GRPC_TRACE: "all", GRPC_VERBOSITY: "DEBUG" };
  const { code, stdout, stderr } = await runProgram("secret", { ...env, CANARY: SECRET });
  t.is(code, 0, stderr);
  t.is(server.count("createSecret"), 3);
  t.regex(stdout, /STEPWELL_NAME_TAKEN.*STEPWELL_DAEMON_UNREACHABLE.*made/s);
  t.true(stderr.length > 1_000, "gRPC says what it does");
  // As it is, and as Node shows bytes.
  for (const form of [SECRET, [...Buffer.from(SECRET)].map((byte) => byte.toString(16)).join(" ")])
    t.false(`${stdout}${stderr}`.includes(form), form);
});

test("calls start one daemon where there is none; who only asks has no stream and no spool", async (t) => {
  const home = await scratchHome(t);
  const starts = join(home.paths.home, "..", "starts");
  const start = `echo >>'${starts}'; exec '${process.execPath}' '${ROOT}/build/stepwell.js' "$0" "$@"`;
  const command = `env DBUS_SESSION_BUS_ADDRESS=unix:path=/none sh -c "${start.replace(/["$\\]/g, "\\$&")}"`;
  const client = new StepwellClient({ home: home.paths.home, command });
  t.teardown(() => client.close());
  const states = await Promise.all(Array.from({ length: 5 }, () => client.state({ timeoutMs: 120_000 })));
  t.is(readFileSync(starts, "utf8").length, 1);
  for (const { producers, runs } of states) t.deepEqual({ producers, runs }, { producers: 0, runs: 0 });
  const spools = join(home.paths.home, "client-spools");
  t.deepEqual(existsSync(spools) ? readdirSync(spools) : [], []);
  await client.flush();
  t.is(client.stats().connects, 0);
  const { pid } = (await home.json(["daemon", "status"])) as { pid: number };
  process.kill(pid, "SIGKILL");
  // One that was killed leaves its endpoint file behind.
  t.is((await client.state({ timeoutMs: 120_000 })).producers, 0);
  t.is(readFileSync(starts, "utf8").length, 2);
});
