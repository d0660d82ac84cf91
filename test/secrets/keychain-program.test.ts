import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { SECRET_BYTES_MAX } from "../../src/model/limits.js";
import { openKeychain } from "../../src/secrets/keychain/keychain.js";
import { faultOf } from "../../src/secrets/keychain/messages.js";
import { scratchFolder } from "../support/folder.js";

/** A keychain whose program is this text. */
async function keychainOf(t: ExecutionContext, text: string, timeoutMs: number) {
  const program = join(await scratchFolder(t), "program.mjs");
  await writeFile(program, text);
  return openKeychain("home", { program, timeoutMs });
}

test("a keychain that never answers is broken off at its deadline, and counts as locked", async (t) => {
  const keychain = await keychainOf(t, "setInterval(() => {}, 1000)", 500);
  const begin = performance.now();
  await t.throwsAsync(keychain.read("item"), {
    code: "STEPWELL_KEYCHAIN_LOCKED",
    message: /did not answer within 0.5 s/,
  });
  t.true(performance.now() - begin < 120_000);
  t.like(await keychain.state(), { kind: "locked" });
});

test("a program that crashes leaves the keychain out of reach, and nothing that was given to it in the error", async (t) => {
  const keychain = await keychainOf(t, "process.stdin.resume(); process.abort()", 60_000);
  const error = await t.throwsAsync(keychain.write("item", "canary"), {
    code: "STEPWELL_KEYCHAIN_UNREACHABLE",
  });
  t.false(`${error?.message}${error?.stack}`.includes("canary"));
});

test("an item that comes back empty, or as another value, counts as locked and never as an empty secret", async (t) => {
  const nothing = await keychainOf(t, `process.stdout.write('{"kind":"nothing"}')`, 60_000);
  await t.throwsAsync(nothing.read("item"), { code: "STEPWELL_KEYCHAIN_LOCKED" });
  const other = await keychainOf(t, `process.stdout.write('{"kind":"text","text":"other"}')`, 60_000);
  await t.throwsAsync(other.write("item", "value"), { code: "STEPWELL_KEYCHAIN_LOCKED" });
});

test("a program that says more than a secret can be is cut off, and what it said is not kept", async (t) => {
  const endless = 'const more = () => process.stdout.write("x".repeat(65536), more); more();';
  const keychain = await keychainOf(t, endless, 600_000);
  await t.throwsAsync(keychain.read("item"), { code: "STEPWELL_KEYCHAIN_UNREACHABLE" });
});

test("a secret of the greatest size, each character of it escaped twice, is read whole", async (t) => {
  const text = `JSON.stringify("\\u0001".repeat(${SECRET_BYTES_MAX}))`;
  const program = `process.stdout.write(JSON.stringify({ kind: "text", text: ${text} }))`;
  const read = await (await keychainOf(t, program, 600_000)).read("item");
  t.is((JSON.parse(read) as string).length, SECRET_BYTES_MAX);
});

for (const [kind, message] of [
  ["locked", "Couldn't access platform storage: Secret Service: unlock prompt was dismissed"],
  ["locked", "Cannot create an item in a locked collection"],
  ["locked", "User interaction is not allowed."],
  ["absent", "Cannot autolaunch D-Bus without X11 $DISPLAY"],
  ["absent", "The name org.freedesktop.secrets was not provided by any .service files"],
  ["absent", "DBus error: failed to connect"],
] as const) {
  test(`a keychain that says "${message}" is ${kind}`, (t) => {
    t.is(faultOf(message).kind, kind);
  });
}
