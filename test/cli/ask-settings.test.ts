import test from "ava";
import { askSettings } from "../../src/cli/input/ask-settings.js";
import { MLFLOW_FIELDS } from "../../src/model/flavor-fields.js";

const CERTIFICATES = ["tracking_server_cert_path", "tracking_client_cert_path"];
const ALWAYS = ["experiment_name", "nested", "tags", "system_metrics"];

/** What is asked for behind the address, where these answers are given and Enter for all else. */
async function askedFor(uri: string, answers: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const asked: string[] = [];
  const ask = async (question: string) => {
    const [name = ""] = question.split(",");
    asked.push(name);
    return answers[name] ?? "";
  };
  await askSettings({ ask, askHidden: ask, close: () => undefined }, MLFLOW_FIELDS, { tracking_uri: uri });
  return asked;
}

const CASES: Readonly<Record<string, readonly string[]>> = {
  "sqlite:////data/mlflow.db": ALWAYS,
  "https://mlflow.example": [
    ...["tracking_username", "tracking_token", "auth", "tracking_insecure_tls", ...CERTIFICATES],
    ...ALWAYS,
  ],
  databricks: [
    ...["tracking_username", "tracking_token", "tracking_insecure_tls", ...CERTIFICATES],
    ...["databricks_host", "databricks_client_id", "databricks_client_secret", "enable_unity_catalog"],
    ...ALWAYS,
  ],
  "postgresql://ada@db.example/mlflow": [
    "tracking_password",
    ...CERTIFICATES,
    "default_artifact_root",
    ...ALWAYS,
  ],
  "postgresql://db.example/mlflow": [
    ...["tracking_username", "tracking_password", ...CERTIFICATES, "default_artifact_root"],
    ...ALWAYS,
  ],
  "grpc://127.0.0.1:7443": ["tracking_token", ...ALWAYS],
  "grpcs://relay.example": ["tracking_token", "tracking_insecure_tls", ...CERTIFICATES, ...ALWAYS],
};

for (const [uri, names] of Object.entries(CASES))
  test(`only what goes with it is asked for at ${uri}`, async (t) => {
    t.deepEqual(await askedFor(uri), names);
  });

test("a user's password is asked for in place of other ways to get in", async (t) => {
  t.deepEqual(
    await askedFor("https://mlflow.example", { tracking_username: "ada", tracking_password: "p" }),
    [...["tracking_username", "tracking_password", "tracking_insecure_tls", ...CERTIFICATES], ...ALWAYS],
  );
});
