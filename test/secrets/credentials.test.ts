import { existsSync } from "node:fs";
import test from "ava";
import { registerWithSecrets, updateWithSecrets } from "../../src/secrets/credentials.js";
import { TABLES } from "../../src/store/tables.js";
import { type OpenBook, openBook } from "./book.js";

const CANARY = "canary-51ce80";
const URI = { tracking_uri: "https://host" };
const USER = { tracking_username: "ann", tracking_password: CANARY };

const register = ({ stacks, book }: OpenBook, name: string, configuration: Record<string, string>) =>
  registerWithSecrets(stacks, book, { type: "experiment_tracker", name, flavor: "mlflow", configuration });

const update = ({ stacks, book }: OpenBook, name: string, configuration: Record<string, string>) =>
  updateWithSecrets(
    stacks,
    book,
    { type: "experiment_tracker", nameOrId: name },
    { configuration, labels: {} },
  );

test("credentials in plain text are moved into a secret, and a note says so without them", async (t) => {
  const home = await openBook(t);
  const { component, notes } = await register(home, "my tracker.1", { ...URI, ...USER });
  t.deepEqual(component.configuration, {
    ...URI,
    tracking_username: "{{my_tracker_1_credentials.tracking_username}}",
    tracking_password: "{{my_tracker_1_credentials.tracking_password}}",
  });
  t.deepEqual(notes, [
    "tracking_username, tracking_password are kept in the secret my_tracker_1_credentials (vault); the configuration refers to it.",
    "New runs go to my tracker.1 instead of the local store. To change that: stepwell stack register local -e default --set.",
  ]);
  t.deepEqual(await home.book.resolve(component.configuration), { ...URI, ...USER });
  t.false(JSON.stringify(await home.store.list(TABLES.component)).includes(CANARY));
});

test("an update in plain text changes the tracker's own secret, and one that others use stays as it is", async (t) => {
  const home = await openBook(t);
  await register(home, "t", { ...URI, ...USER });
  const { component } = await update(home, "t", { tracking_password: "new" });
  t.is((await home.book.resolve(component.configuration))["tracking_password"], "new");
  t.is(home.book.list().length, 1);
  const copy = await home.stacks.copyComponent("experiment_tracker", "t", "copy");
  await update(home, "t", { tracking_password: "newer" });
  t.is((await home.book.resolve(copy.configuration))["tracking_password"], "new");
  t.deepEqual(
    home.book.list().map(({ name }) => name),
    ["t_credentials", "t_credentials_2"],
  );
  const dangling = { tracking_username: "", tracking_password: "", tracking_token: "{{t_credentials_2.x}}" };
  await t.throwsAsync(update(home, "copy", dangling), { code: "STEPWELL_SECRET_KEY_UNKNOWN" });
});

test("a tracker that is refused leaves no secret and no value behind", async (t) => {
  const home = await openBook(t);
  await register(home, "t", URI).catch(() => undefined);
  await register(home, "taken", { ...URI, auth: "none" });
  await t.throwsAsync(register(home, "taken", { ...URI, ...USER }), { code: "STEPWELL_NAME_TAKEN" });
  await t.throwsAsync(register(home, "bad", { ...URI, tracking_password: CANARY }), {
    code: "STEPWELL_CONFIG_INVALID",
  });
  t.deepEqual(home.book.list(), []);
  t.deepEqual(await home.store.list(TABLES.secretItem), []);
  t.false(existsSync(home.vaultFolder));
});

test("a token that no HTTP header can carry is refused before it is kept, at registration and at an update", async (t) => {
  const home = await openBook(t);
  const broken = { ...URI, tracking_token: `${CANARY}\n` };
  const refused = { code: "STEPWELL_CONFIG_INVALID", message: /^tracking_token holds / };
  await t.throwsAsync(register(home, "t", broken), refused);
  t.deepEqual(home.book.list(), []);
  await register(home, "t", { ...URI, tracking_token: CANARY });
  await t.throwsAsync(update(home, "t", { tracking_token: `${CANARY}\r` }), refused);
});

test("a reference has to hold when it is given, and one that dangles since does not stop another change", async (t) => {
  const home = await openBook(t);
  await t.throwsAsync(register(home, "t", { ...URI, tracking_token: "{{s.a}}" }), {
    code: "STEPWELL_SECRET_UNKNOWN",
    message: /^tracking_token refers to the secret "s"/,
  });
  await home.book.create("s", { a: "1" });
  await register(home, "t", { ...URI, tracking_token: "{{s.a}}" });
  await home.book.delete("s", true);
  const { component } = await update(home, "t", { tracking_insecure_tls: "true" });
  t.is(component.configuration["tracking_insecure_tls"], "true");
});
