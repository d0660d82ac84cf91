import test from "ava";
import { checkedConfiguration } from "../../src/state/flavors.js";

const SECRET = "canary-value";
const sqlite = { tracking_uri: "sqlite:////a/b.db" };
const databricks = { tracking_uri: "databricks" };

/** The first check that fails decides; rows of the MLflow flavor in their order. */
const REFUSED: readonly [string, Record<string, string>, RegExp][] = [
  [
    "a switch that is neither yes nor no",
    { tracking_insecure_tls: SECRET },
    /^tracking_insecure_tls is true or false/,
  ],
  [
    "a user without a password, on a local store too",
    { ...sqlite, tracking_username: SECRET },
    /tracking_username and tracking_password/,
  ],
  ["a password without a user", { tracking_password: SECRET }, /tracking_username and tracking_password/],
  [
    "half an OAuth client before a missing host",
    { ...databricks, databricks_client_id: SECRET },
    /databricks_client_secret/,
  ],
  [
    "what belongs to Databricks elsewhere",
    { ...sqlite, databricks_host: "h", enable_unity_catalog: "on" },
    /takes databricks_host, enable_unity_catalog\.$/,
  ],
  ["Databricks without a host", { ...databricks, tracking_token: SECRET }, /needs databricks_host/],
  ["a credential", { ...sqlite, tracking_token: SECRET }, /tracking_token is not supported yet/],
  ["Databricks", { ...databricks, databricks_host: "h" }, /"databricks" is not supported yet/],
  ["a Databricks profile", { tracking_uri: "databricks://profile" }, /"databricks" is not supported yet/],
  ["a server in capitals", { tracking_uri: `HTTP://${SECRET}` }, /"HTTP" is not supported yet/],
  ["a scheme that only begins like one", { tracking_uri: `httpfoo://${SECRET}` }, /"httpfoo" is not/],
  ["a folder of files", { tracking_uri: `file:///${SECRET}` }, /"file" is not supported yet/],
  ["a path", { tracking_uri: `./${SECRET}` }, /"none" is not supported yet/],
  ["a bare scheme", { tracking_uri: "sqlite" }, /not supported yet/],
];

for (const [what, configuration, message] of REFUSED) {
  test(`an MLflow tracker refuses ${what}, and shows no value`, (t) => {
    const refused = () => checkedConfiguration("experiment_tracker", "mlflow", configuration);
    const error = t.throws(refused, { message, code: "STEPWELL_CONFIG_INVALID" });
    t.false(error?.message.includes(SECRET));
  });
}

test("an empty value counts as not given, and only what was given is kept", (t) => {
  const given = { tracking_uri: "", tracking_password: "", tracking_insecure_tls: "ON" };
  t.deepEqual(checkedConfiguration("experiment_tracker", "mlflow", given), { tracking_insecure_tls: "ON" });
});

test("a setting that is stored is tolerated at an update though the flavor has none of the name", (t) => {
  const stored = { old: "1" };
  t.deepEqual(checkedConfiguration("orchestrator", "local", stored, stored), stored);
  t.throws(() => checkedConfiguration("orchestrator", "local", stored), { message: /no setting "old"/ });
});

for (const [flavor, good, bad] of [
  ["s3", "s3://bucket/a", "gs://bucket"],
  ["gcs", "gs://bucket", "gs://"],
  ["azure", "abfs://container/a", "container"],
  ["azure", "az://container", "az://user:pass@container"],
  ["local", "/a", "a"],
] as const) {
  test(`an artifact store of flavor ${flavor} takes ${good} and refuses ${bad}`, (t) => {
    t.deepEqual(checkedConfiguration("artifact_store", flavor, { path: good }), { path: good });
    const refused = () => checkedConfiguration("artifact_store", flavor, { path: bad });
    t.throws(refused, { code: "STEPWELL_CONFIG_INVALID" });
  });
}

test("an unknown flavor gets a near match, and a property of all objects is none", (t) => {
  const of = (flavor: string) => () => checkedConfiguration("experiment_tracker", flavor, {});
  t.throws(of("mlfow"), { message: /Did you mean "mlflow"\?/, code: "STEPWELL_FLAVOR_UNKNOWN" });
  t.throws(of("constructor"), { code: "STEPWELL_FLAVOR_UNKNOWN" });
});
