import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import { scratchHome } from "../support/home.js";
import { hasTerminal, onTerminal } from "../support/terminal.js";

if (!hasTerminal()) console.error("There is no Python to make a terminal with.");
// One after the other: each starts processes, and two cores are all that some machines have.
const test = hasTerminal() || process.env["CI"] === "1" ? anyTest.serial : anyTest.serial.skip;

test("register -i asks for what goes with the answers, hides credentials and keeps them as a secret", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const line = ["experiment-tracker", "register", "asked", "--flavor=mlflow", "-i"];
  const { code, shown } = await onTerminal(home, line, [
    ["tracking_uri, ", "https://mlflow.example"],
    ["tracking_username, ", "canary-user"],
    ["tracking_password, ", "canary-password"],
    ["tracking_insecure_tls, ", ""],
    ["tracking_server_cert_path, ", ""],
    ["tracking_client_cert_path, ", ""],
    ["experiment_name, ", "digits"],
    ["nested, ", ""],
    ["tags, ", ""],
    ["system_metrics, ", ""],
  ]);
  t.is(code, 0, shown);
  t.false(/canary/.test(shown), shown);
  t.false(/tracking_token, |databricks_host, /.test(shown), "what does not go with the answers is not asked");
  t.regex(shown, /Registered experiment tracker asked/);
  const described = (await home.json(["experiment-tracker", "describe", "asked"])) as {
    configuration: object;
  };
  t.like(described.configuration, { tracking_uri: "https://mlflow.example", experiment_name: "digits" });
  t.false(JSON.stringify(described).includes("canary"));
});

test("register-secrets asks for what an imported stack lacks, and then it is valid", async (t) => {
  const home = await scratchHome(t);
  const file = join(home.paths.home, "..", "s.yaml");
  const configuration = {
    tracking_uri: "https://mlflow.example",
    tracking_username: "{{login.user}}",
    tracking_password: "{{login.password}}",
  };
  const components = [{ type: "experiment_tracker", name: "t", flavor: "mlflow", configuration }];
  writeFileSync(file, JSON.stringify({ format: "stepwell-stack", version: 1, name: "s", components }));
  const imported = await home.here(["stack", "import", "-f", file, "-o", "json"]);
  t.like(JSON.parse(imported.stdout), { missing_secrets: ["login.password", "login.user"] });
  t.regex(imported.stderr, /secrets that do not exist yet: login\.password, login\.user/);
  t.regex(
    (await home.here(["stack", "validate", "s"])).stderr,
    /Missing secrets: login\.password, login\.user/,
  );
  const nobody = await home.here(["stack", "register-secrets", "s"]);
  t.is(nobody.code, 2);
  t.regex(nobody.stderr, /there is none: stepwell secret create, for login\.password, login\.user/);
  const { code, shown } = await onTerminal(
    home,
    ["stack", "register-secrets", "s"],
    [
      ["login.password", "canary-password"],
      ["login.user", "canary-user"],
    ],
  );
  t.is(code, 0, shown);
  t.false(/canary/.test(shown), shown);
  t.like((await home.json(["stack", "validate", "s"])) as object, { valid: true, missing_secrets: [] });
  t.like(await home.here(["stack", "register-secrets", "s"]), { code: 0 });
});

test("an installation says what it takes and asks, and no is no", async (t) => {
  const home = await scratchHome(t);
  const line = ["integration", "install", "mlflow"];
  const { code, shown } = await onTerminal(home, line, [["Install it? [y/N]", "n"]]);
  t.is(code, 1, shown);
  t.regex(shown, /takes about 90 packages and 800 MB of disk, and one to ten minutes\./);
  t.regex(shown, /Nothing was installed\./);
  const folder = home.paths.integrationsFolder;
  t.false(existsSync(folder));
  // PostgreSQL goes beside MLflow, which is there for whoever reads this file.
  mkdirSync(folder, { recursive: true });
  const mark = { name: "mlflow-0", version: "3.17.2", python: "3.12.0" };
  writeFileSync(join(folder, "mlflow.json"), JSON.stringify(mark));
  const beside = await onTerminal(
    home,
    ["integration", "install", "postgresql"],
    [["Install it? [y/N]", "n"]],
  );
  t.is(beside.code, 1, beside.shown);
  t.regex(beside.shown, /takes 60 MB of disk, and a few seconds\./);
  t.regex(beside.shown, /Nothing was installed\./);
  t.deepEqual(readdirSync(folder), ["mlflow.json"]);
});

test("a deletion is asked about on a terminal, and no is no", async (t) => {
  const home = await scratchHome(t);
  await home.json(["stack", "register", "mine"]);
  await home.json(["experiment-tracker", "register", "mine", "--flavor=mlflow"]);
  for (const group of ["stack", "experiment-tracker"]) {
    const kept = await onTerminal(home, [group, "delete", "mine"], [["[y/N]", "n"]]);
    t.is(kept.code, 1);
    t.regex(kept.shown, /Nothing was deleted/);
    t.is((await onTerminal(home, [group, "delete", "mine"], [["[y/N]", "y"]])).code, 0);
    t.is((await home.here([group, "describe", "mine"])).code, 1);
  }
  await home.json(["experiment-tracker", "register", "mine", "--flavor=mlflow"]);
  t.is((await onTerminal(home, ["experiment-tracker", "delete", "mine", "-y"], [])).code, 0);
});
