import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { registerWithSecrets } from "../../src/secrets/credentials.js";
import { TABLES } from "../../src/store/tables.js";
import { openBook } from "./book.js";

const CANARY = "canary-77d0a4";
const tracker = (name: string, configuration: Record<string, string>) => ({
  type: "experiment_tracker" as const,
  name,
  flavor: "mlflow",
  configuration: { tracking_uri: "https://host", ...configuration },
});

test("a secret is there after a restart, and the state store holds its keys and no value", async (t) => {
  const { book, reopen, store } = await openBook(t);
  await book.create("s", { user: "ann", password: CANARY });
  const again = await reopen();
  t.deepEqual(
    again.list().map(({ name, keys, backend }) => [name, keys, backend]),
    [["s", ["password", "user"], "vault"]],
  );
  t.deepEqual(await again.values(again.secret("s")), { user: "ann", password: CANARY });
  for (const table of Object.values(TABLES))
    t.false(JSON.stringify(await store.list(table)).includes(CANARY), table);
  t.is((await again.backendReport()).reason, "no keychain can be used: this test has no keychain");
});

test("an update adds, changes and removes keys, and the next reader gets the new values at once", async (t) => {
  const { book, vaultFolder } = await openBook(t);
  await book.create("s", { a: "1", b: "2" });
  const configuration = { tracking_token: "{{s.a}}", tracking_uri: "https://host" };
  t.deepEqual(await book.resolve(configuration), { ...configuration, tracking_token: "1" });
  const after = await book.update("s", { a: "3", c: "4" }, ["b"]);
  t.deepEqual(after.keys, ["a", "c"]);
  t.is((await book.resolve(configuration))["tracking_token"], "3");
  await t.throwsAsync(book.update("s", {}, ["z"]), { code: "STEPWELL_SECRET_KEY_UNKNOWN" });
  await t.throwsAsync(book.update("s", { a: "5" }, ["a"]), { code: "STEPWELL_SECRET_KEY_UNKNOWN" });
  t.is((await readdir(vaultFolder)).length, 2, "a key and one item");
});

test("names are found exactly, and taken once", async (t) => {
  const { book } = await openBook(t);
  const { id } = await book.create("mlf2", { a: "1" });
  t.is(book.secret(id).name, "mlf2");
  t.throws(() => book.secret("mlf"), { code: "STEPWELL_SECRET_UNKNOWN", message: /Did you mean "mlf2"/ });
  t.throws(() => book.secret(id.slice(0, 8)), { code: "STEPWELL_SECRET_UNKNOWN" });
  await t.throwsAsync(book.create("mlf2", { a: "1" }), { code: "STEPWELL_NAME_TAKEN" });
  await t.throwsAsync(book.resolve({ tracking_token: "{{mlf.a}}" }), { code: "STEPWELL_SECRET_UNKNOWN" });
});

const REFUSED: readonly [string, string, Record<string, string>][] = [
  ["a dot in its name", "a.b", { k: CANARY }],
  ["a space in its name", "a b", { k: CANARY }],
  ["braces in its name", "{{a}}", { k: CANARY }],
  ["a name that is reserved", "name", { k: CANARY }],
  ["a key that is reserved", "s", { name: CANARY }],
  ["a dot in a key", "s", { "a.b": CANARY }],
  ["no key", "s", {}],
  ["an empty value", "s", { k: "" }],
  ["more than 64 KiB", "s", { k: CANARY, l: "é".repeat(32 * 1024) }],
];

for (const [what, name, values] of REFUSED) {
  test(`a secret with ${what} is refused, and no value is shown`, async (t) => {
    const { book, vaultFolder } = await openBook(t);
    const error = await t.throwsAsync(book.create(name, values), { code: "STEPWELL_SECRET_INVALID" });
    t.false(error?.message.includes(CANARY));
    t.deepEqual(book.list(), []);
    await t.throwsAsync(readdir(vaultFolder), { code: "ENOENT" });
  });
}

test("keys may have hyphens, and a secret may fill its 64 KiB", async (t) => {
  const { book } = await openBook(t);
  const values = { "my-key": "x".repeat(64 * 1024 - 6) };
  await book.create("s", values);
  t.deepEqual(await book.resolve({ tracking_token: "{{s.my-key}}" }), { tracking_token: values["my-key"] });
});

test("what is referred to is neither deleted nor renamed, unless forced or with its references", async (t) => {
  const { book, stacks } = await openBook(t);
  await book.create("s", { token: CANARY, other: "1" });
  const { component } = await registerWithSecrets(
    stacks,
    book,
    tracker("t", { tracking_token: "{{ s.token }}" }),
  );
  const inUse = { code: "STEPWELL_SECRET_IN_USE", message: /by: t \(tracking_token\)/ } as const;
  const plainly = { rewrite: false, force: false };
  await t.throwsAsync(book.delete("s", false), inUse);
  await t.throwsAsync(book.rename("s", "u", plainly), inUse);
  await t.throwsAsync(book.update("s", {}, ["token"]), inUse);
  await book.update("s", {}, ["other"]);
  await book.rename("s", "u", { ...plainly, rewrite: true });
  const { configuration } = stacks.component("experiment_tracker", component.id);
  t.is(configuration["tracking_token"], "{{u.token}}");
  t.is((await book.resolve(configuration))["tracking_token"], CANARY);
  t.deepEqual(book.uses(book.secret("u")), [
    { type: "experiment_tracker", component: "t", setting: "tracking_token", key: "token" },
  ]);
  await book.delete("u", true);
  await t.throwsAsync(book.resolve(configuration), {
    code: "STEPWELL_SECRET_UNKNOWN",
    message: /^tracking_token refers to the secret "u"/,
  });
});

test("a missing key is told with the keys that there are", async (t) => {
  const { book } = await openBook(t);
  await book.create("s", { one: "1", two: "2" });
  await t.throwsAsync(book.resolve({ tracking_token: "{{s.three}}" }), {
    code: "STEPWELL_SECRET_KEY_UNKNOWN",
    message: /tracking_token refers to the key "three" of the secret "s", which has: one, two/,
  });
});

test("values that are gone are told, and giving all of them again repairs the secret", async (t) => {
  const { book, reopen, vaultFolder } = await openBook(t);
  const { item } = await book.create("s", { a: "1", b: "2" });
  await rm(join(vaultFolder, `${item}.age`));
  const again = await reopen();
  await t.throwsAsync(again.resolve({ tracking_token: "{{s.a}}" }), { code: "STEPWELL_VAULT_DAMAGED" });
  await t.throwsAsync(again.update("s", { a: "3" }, []), { code: "STEPWELL_VAULT_DAMAGED" });
  await again.update("s", { a: "3", b: "4" }, []);
  t.deepEqual(await again.values(again.secret("s")), { a: "3", b: "4" });
  // The same where all of the vault is gone.
  await rm(vaultFolder, { recursive: true });
  const anew = await reopen();
  await anew.update("s", { a: "5", b: "6" }, []);
  t.deepEqual(await anew.values(anew.secret("s")), { a: "5", b: "6" });
});
