/** The vault's key in each of its states, and at every moment that may cut off a change of it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import test, { type ExecutionContext } from "ava";
import { passphrasesByProgram } from "../../src/secrets/passphrase/passphrases.js";
import { seal } from "../../src/secrets/passphrase/seal.js";
import { openVault } from "../../src/secrets/vault.js";
import { scratchFolder } from "../support/folder.js";
import { QUICK } from "./quick-passphrases.js";

const ONE = "one passphrase of many words";
const OTHER = "another passphrase of many words";
const CANARY = "canary-8d2f10";

const open = (folder: string) => openVault(folder, QUICK);
const vaultFolder = async (t: ExecutionContext) => join(await scratchFolder(t), "vault");

test("a sealed key opens with its passphrase alone, and is nowhere on disk", async (t) => {
  const folder = await vaultFolder(t);
  const vault = open(folder);
  await vault.write("one", CANARY);
  const identity = (await fs.readFile(join(folder, "key"), "utf8")).trim();
  await vault.key.seal(ONE);
  t.is(await vault.read("one"), CANARY, "whoever seals it keeps it open");
  t.deepEqual((await fs.readdir(folder)).sort(), ["key.age", "one.age"]);
  t.is((await fs.stat(join(folder, "key.age"))).mode & 0o777, 0o600);
  for (const name of await fs.readdir(folder))
    t.false((await fs.readFile(join(folder, name))).includes(identity), name);

  const next = open(folder);
  t.like(await next.key.state(), { kind: "locked" });
  t.like(await next.state(), { kind: "locked" });
  const locked = { code: "STEPWELL_VAULT_LOCKED" };
  await t.throwsAsync(next.read("one"), locked);
  await t.throwsAsync(next.write("two", CANARY), locked);
  await t.throwsAsync(next.key.seal(OTHER), locked);
  await t.throwsAsync(next.key.unseal(), locked);
  await t.throwsAsync(next.key.unlock(OTHER), { code: "STEPWELL_PASSPHRASE_WRONG" });
  t.like(await next.key.state(), { kind: "locked" });
  t.true(await next.key.unlock(ONE));
  t.deepEqual(await next.key.state(), { kind: "unlocked", identity });
  await next.write("two", CANARY);
  t.is(await vault.read("two"), CANARY, "it is the same key");
  await t.throwsAsync(next.key.unlock(OTHER), { code: "STEPWELL_PASSPHRASE_WRONG" });
  t.is(await next.read("one"), CANARY, "a wrong one closes nothing");
});

test("another passphrase takes the place of the first, and a plain file that of any", async (t) => {
  const folder = await vaultFolder(t);
  const vault = open(folder);
  await vault.write("one", CANARY);
  await vault.key.seal(ONE);
  await vault.key.seal(OTHER);
  await t.throwsAsync(open(folder).key.unlock(ONE), { code: "STEPWELL_PASSPHRASE_WRONG" });
  await vault.key.unseal();
  t.deepEqual((await fs.readdir(folder)).sort(), ["key", "one.age"]);
  t.is(await open(folder).read("one"), CANARY);
  t.false(await vault.key.unlock(ONE), "there is nothing to unlock");
});

test("a passphrase before the first item: the key was never in a plain file", async (t) => {
  const folder = await vaultFolder(t);
  const vault = open(folder);
  await vault.key.unseal();
  t.false(await vault.key.unlock(ONE));
  await vault.key.seal(ONE);
  t.deepEqual(await fs.readdir(folder), ["key.age"]);
  t.is((await fs.stat(folder)).mode & 0o777, 0o700);
  await vault.write("one", CANARY);
  t.deepEqual((await fs.readdir(folder)).sort(), ["key.age", "one.age"]);
  const next = open(folder);
  await next.key.unlock(ONE);
  t.is(await next.read("one"), CANARY);
});

test("where the passphrase is forgotten the vault begins anew once its folder is removed", async (t) => {
  const folder = await vaultFolder(t);
  const vault = open(folder);
  await vault.write("one", CANARY);
  await vault.key.seal(ONE);
  const next = open(folder);
  await t.throwsAsync(next.write("one", "given again"), { code: "STEPWELL_VAULT_LOCKED" });
  await fs.rm(folder, { recursive: true });
  await next.write("one", "given again");
  t.is(await open(folder).read("one"), "given again");
  t.deepEqual((await fs.readdir(folder)).sort(), ["key", "one.age"]);
});

test("a sealed key that is gone, damaged or another one since counts as what it is", async (t) => {
  const folder = await vaultFolder(t);
  const file = join(folder, "key.age");
  const vault = open(folder);
  await vault.write("one", CANARY);
  await vault.key.seal(ONE);
  const sealed = await fs.readFile(file);
  await fs.writeFile(file, await seal("no identity", ONE, 2));
  t.like(await vault.key.state(), { kind: "locked" });
  await t.throwsAsync(vault.key.unlock(ONE), { code: "STEPWELL_VAULT_DAMAGED" });
  await fs.writeFile(file, sealed.subarray(0, -1));
  await t.throwsAsync(vault.key.unlock(ONE), { code: "STEPWELL_VAULT_DAMAGED" });
  await fs.rm(file);
  for (const call of [() => vault.read("one"), () => vault.write("two", ""), () => vault.key.seal(ONE)])
    await t.throwsAsync(call, { code: "STEPWELL_VAULT_DAMAGED", message: /key of the vault/ });
  t.deepEqual(await fs.readdir(folder), ["one.age"]);
  await fs.writeFile(join(folder, "key"), "");
  await t.throwsAsync(vault.read("one"), { code: "STEPWELL_VAULT_DAMAGED" });
  t.like(await vault.state(), { kind: "absent" });
  await fs.rm(join(folder, "key"));
  await fs.writeFile(file, sealed);
  t.is(await vault.read("one"), CANARY);
});

for (const [what, passphrase] of [
  ["14 characters", "é".repeat(14)],
  ["1,025 characters", "x".repeat(1_025)],
  ["two lines", "one passphrase\nof two lines"],
  ["a lone surrogate", "one passphrase of many \ud800"],
] as const) {
  test(`${what} are no passphrase, and the error does not show it`, async (t) => {
    const vault = open(await vaultFolder(t));
    const error = await t.throwsAsync(vault.key.seal(passphrase), { code: "STEPWELL_PASSPHRASE_INVALID" });
    t.false(error?.message.includes(passphrase));
    t.like(await vault.key.state(), { kind: "absent" });
  });
}

/** The files of a folder as they were at one moment. */
type Moment = ReadonlyMap<string, Buffer>;

function momentOf(folder: string): Moment {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Each different moment of a folder before, between and after the steps of a change: a kill would leave one of them. */
async function momentsOf(folder: string, change: () => Promise<unknown>): Promise<Moment[]> {
  const moments: Moment[] = [momentOf(folder)];
  const steps = ["open", "rename", "rm"] as const;
  const real = Object.fromEntries(steps.map((name) => [name, fs[name]]));
  for (const name of steps) {
    const step = fs[name] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(fs, {
      [name]: async (...args: unknown[]) => {
        moments.push(momentOf(folder));
        const done = await step(...args);
        moments.push(momentOf(folder));
        return done;
      },
    });
  }
  syncBuiltinESMExports();
  try {
    await change();
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
  const textOf = (moment: Moment) =>
    JSON.stringify([...moment].map(([name, bytes]) => [name, bytes.toString("base64")]));
  return [...new Map(moments.map((moment) => [textOf(moment), moment])).values()];
}

type Change = readonly [
  what: string,
  first: readonly string[],
  change: (vault: ReturnType<typeof open>) => Promise<unknown>,
  after: "locked" | "plain",
];

/** What is done first, what is cut off, and what the key is in the end. */
const CHANGES: readonly Change[] = [
  ["sealing", [], ({ key }) => key.seal(OTHER), "locked"],
  ["sealing with another passphrase", [ONE], ({ key }) => key.seal(OTHER), "locked"],
  ["unsealing", [ONE], ({ key }) => key.unseal(), "plain"],
];

for (const [what, first, change, after] of CHANGES) {
  test.serial(
    `${what} is cut off at any moment: the items can be read, and it can be done again`,
    async (t) => {
      const folder = await vaultFolder(t);
      const vault = open(folder);
      await vault.write("one", CANARY);
      for (const passphrase of first) await vault.key.seal(passphrase);
      const moments = await momentsOf(folder, () => change(vault));
      const names = moments.map((moment) => [...moment.keys()].sort().join(" "));
      t.true(moments.length >= 4, names.join("; "));
      for (const [at, moment] of moments.entries()) {
        const cut = join(folder, "..", `cut-${at}`);
        mkdirSync(cut);
        for (const [name, bytes] of moment) writeFileSync(join(cut, name), bytes);
        const next = open(cut);
        if ((await next.key.state()).kind === "locked")
          await next.key.unlock(ONE).catch(() => next.key.unlock(OTHER));
        t.is(await next.read("one"), CANARY, names[at]);
        await change(next);
        t.deepEqual(
          (await fs.readdir(cut)).sort(),
          [after === "plain" ? "key" : "key.age", "one.age"],
          names[at],
        );
        const last = open(cut);
        t.is((await last.key.state()).kind, after);
        if (after === "locked") t.true(await last.key.unlock(OTHER));
        t.is(await last.read("one"), CANARY);
      }
      t.log(names.join("; "));
    },
  );
}

test("what a cut-off unsealing left of the plain key goes with the next unlock", async (t) => {
  const folder = await vaultFolder(t);
  const vault = open(folder);
  await vault.write("one", CANARY);
  await vault.key.seal(ONE);
  await fs.writeFile(join(folder, "key.0123456789ab"), "AGE-SECRET-KEY-1");
  await open(folder).key.unlock(ONE);
  t.deepEqual((await fs.readdir(folder)).sort(), ["key.age", "one.age"]);
});

test("the program seals in age's own work, does not hold up its caller, and errors show nothing", async (t) => {
  const program = passphrasesByProgram();
  let turns = 0;
  const turning = setInterval(() => turns++, 10);
  const bytes = await program.seal(CANARY, ONE);
  clearInterval(turning);
  t.true(turns > 5, `${turns} turns of the event loop`);
  t.regex(Buffer.from(bytes).toString("latin1"), /^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/);
  t.deepEqual(await program.unseal(bytes, ONE), { kind: "text", text: CANARY });
  t.deepEqual(await program.unseal(bytes, OTHER), { kind: "wrong" });
  const cut = bytes.subarray(0, 40);
  t.deepEqual(await program.unseal(cut, ONE), { kind: "damaged" });
});

test("what is sealed here age opens, and the other way round; a stanza that is none of age's is damaged", async (t) => {
  const sealed = Buffer.from(await seal(CANARY, ONE, 5));
  const decrypter = new Decrypter();
  decrypter.addPassphrase(ONE);
  t.is(await decrypter.decrypt(sealed, "text"), CANARY);
  const encrypter = new Encrypter();
  encrypter.setPassphrase(ONE);
  encrypter.setScryptWorkFactor(5);
  const byAge = await encrypter.encrypt(CANARY);
  t.deepEqual(await QUICK.unseal(byAge, ONE), { kind: "text", text: CANARY });
  t.deepEqual(await QUICK.unseal(byAge, OTHER), { kind: "wrong" });
  const text = sealed.toString("latin1");
  for (const [known, instead] of [
    [/(scrypt \S+) 5\n/, "$1 21\n"],
    [/(scrypt \S+) 5\n/, "$1 05\n"],
    [/(scrypt \S+) 5\n/, "$1 5 5\n"],
    [/scrypt \S+/, "scrypt AAAA"],
  ] as const) {
    t.regex(text, known);
    const damaged = Buffer.from(text.replace(known, instead), "latin1");
    t.deepEqual(await QUICK.unseal(damaged, ONE), { kind: "damaged" }, instead);
  }
});

for (const [what, text, message] of [
  ["crashes", "process.stdin.resume(); process.abort()", /ended without an answer/],
  ["never answers", "setInterval(() => {}, 1000)", /took more than 0.5 s/],
  ["is cut off in its answer", `process.stdout.write('{"kind":"text","text":"${CANARY}')`, /ended without/],
] as const) {
  test(`a passphrase whose program ${what} was not tried, and nothing is said of it`, async (t) => {
    const program = join(await scratchFolder(t), "program.mjs");
    await fs.writeFile(program, text);
    const timeoutMs = what === "never answers" ? 500 : 60_000;
    const passphrases = passphrasesByProgram({ program, timeoutMs });
    const error = await t.throwsAsync(passphrases.seal(CANARY, ONE), {
      code: "STEPWELL_PASSPHRASE_UNTRIED",
      message,
    });
    t.false(`${error?.stack}`.includes(CANARY) || `${error?.stack}`.includes(ONE));
  });
}

test("a passphrase is in no argument and no variable of its program", async (t) => {
  const program = join(await scratchFolder(t), "program.mjs");
  const answer = `JSON.stringify({ kind: "text", text: JSON.stringify([process.argv, process.execArgv, process.env]) })`;
  await fs.writeFile(program, `process.stdin.resume().on("end", () => process.stdout.write(${answer}))`);
  const seen = await passphrasesByProgram({ program, timeoutMs: 60_000 }).unseal(Buffer.from("x"), ONE);
  t.true(seen.kind === "text" && seen.text.includes(program));
  t.false(JSON.stringify(seen).includes(ONE));
});
