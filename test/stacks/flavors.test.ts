import test from "ava";
import { checkedConfiguration } from "../../src/stacks/flavors.js";
import { databricksAddress, readTags, warningsOf } from "../../src/stacks/mlflow-flavor.js";
import { readTrackingUri } from "../../src/stacks/tracking-uri.js";

const SECRET = "canary-value";
const sqlite = { tracking_uri: "sqlite:////a/b.db" };
const databricks = { tracking_uri: "databricks" };

const server = { tracking_uri: "https://host:5000" };
const token = { tracking_token: "{{s.token}}" };
const user = { tracking_username: "{{s.user}}", tracking_password: "{{s.password}}" };
const client = { databricks_client_id: "{{s.id}}", databricks_client_secret: "{{s.secret}}" };
const workspace = { ...databricks, databricks_host: "https://adb-1.net" };

/** The first check that fails decides; rows of the MLflow flavor in their order. */
const REFUSED: readonly [string, Record<string, string>, RegExp][] = [
  [
    "a switch that is neither yes nor no",
    { tracking_insecure_tls: SECRET },
    /^tracking_insecure_tls is true or false/,
  ],
  [
    "a token that no header carries",
    { ...server, tracking_token: `${SECRET}\n` },
    /^tracking_token holds a line's end/,
  ],
  ["tags that are no JSON", { tags: SECRET }, /^tags has to be a JSON object/],
  ["tags that are a list", { tags: `["${SECRET}"]` }, /^tags has to be a JSON object/],
  ["a word for auth but none", { ...server, auth: SECRET }, /^auth can only be none/],
  [
    "braces too many",
    { ...server, tracking_token: `{{{${SECRET}.b}}}` },
    /tracking_token has braces too many/,
  ],
  [
    "a reference where no credential is",
    { tracking_uri: `{{${SECRET}.b}}` },
    /tracking_uri can't be a reference/,
  ],
  ["a relative path of certificates", { tracking_server_cert_path: SECRET }, /absolute path/],
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
    "what belongs to Databricks elsewhere, before the count",
    { ...server, databricks_host: "h", enable_unity_catalog: "on" },
    /takes databricks_host, enable_unity_catalog\.$/,
  ],
  [
    "an OAuth client for another server",
    { ...server, ...client },
    /takes databricks_client_id, databricks_client_secret/,
  ],
  ["Databricks without a host, before the count", databricks, /--databricks_host=/],
  [
    "a host beside a profile",
    { tracking_uri: "databricks://p", databricks_host: "h" },
    /leave databricks_host out/,
  ],
  [
    "a host that is more than an address",
    { ...databricks, databricks_host: `https://u:${SECRET}@h` },
    /address alone/,
  ],
  ["a server without a way to authenticate", server, /tracking_token, .*or auth=none for an open server/],
  ["Databricks without one", workspace, /tracking_token, .*or databricks_client_id/],
  ["a server with two", { ...server, ...token, ...user }, /several: tracking_token; tracking_username with/],
  [
    "a server with a token that is said to be open",
    { ...server, ...token, auth: "none" },
    /several: .*auth=none/,
  ],
  ["Databricks with two", { ...workspace, ...user, ...client }, /several: tracking_username with/],
  [
    "a profile with a token",
    { tracking_uri: "databricks://p", ...token },
    /several: tracking_token; the profile/,
  ],
  ["Databricks that is said to be open", { ...workspace, auth: "none" }, /leave auth out/],
  [
    "a server in capitals without a way to authenticate",
    { tracking_uri: `HTTP://${SECRET}` },
    /a way to authenticate/,
  ],
  ["a scheme that only begins like one", { tracking_uri: `httpfoo://${SECRET}` }, /"httpfoo" is not/],
  ["a password in the address", { tracking_uri: `https://u:${SECRET}@host`, ...token }, /address alone/],
  ["an address without a host", { tracking_uri: "https://", ...token }, /address alone/],
  ["a question in the address", { tracking_uri: `https://h/?${SECRET}`, ...token }, /address alone/],
  ["a folder of files", { tracking_uri: `file:///${SECRET}` }, /"file" is a folder of files/],
  ["a database server", { tracking_uri: `mysql+pymysql://u:${SECRET}@h/d` }, /an MLflow server in front/],
  [
    "a database's password in its address",
    { tracking_uri: `postgresql://u:${SECRET}@h/d` },
    /tracking_password/,
  ],
  [
    "a database's password behind its address",
    { tracking_uri: `postgresql://u@h/d?password=${SECRET}` },
    /takes sslmode/,
  ],
  [
    "a database's password with a slash",
    { tracking_uri: `postgresql://u:a/${SECRET}@h/d` },
    /is postgresql:/,
  ],
  [
    "a database without a user",
    { tracking_uri: "postgresql://h/d", tracking_password: SECRET },
    /needs a user/,
  ],
  [
    "a database with two users",
    { tracking_uri: "postgresql://u@h/d", tracking_username: SECRET },
    /a user already/,
  ],
  ["a database without a name", { tracking_uri: "postgresql://u@h" }, /the database's name/],
  ["a database with a token", { tracking_uri: "postgresql://u@h/d", ...token }, /no tracking_token/],
  [
    "a database with any certificate",
    { tracking_uri: "postgresql://u@h/d", tracking_insecure_tls: "1" },
    /sslmode=require/,
  ],
  [
    "a database with half a certificate check",
    { tracking_uri: "postgresql://u@h/d?sslmode=prefer" },
    /sslmode has to be/,
  ],
  [
    "a server with a root of artifacts",
    { ...server, ...token, default_artifact_root: "s3://b" },
    /Only a tracker with a PostgreSQL/,
  ],
  ["a path", { tracking_uri: `./${SECRET}` }, /has no scheme/],
  ["a bare scheme", { tracking_uri: "sqlite" }, /has no scheme/],
  ["a relative SQLite path", { tracking_uri: `sqlite:///${SECRET}` }, /absolute path/],
  ["the model registry's scheme", { tracking_uri: "databricks-uc" }, /has no scheme/],
  ["a profile with a path", { tracking_uri: `databricks://${SECRET}/x` }, /a profile's name alone/],
  [
    "any certificate beside chosen ones",
    { ...server, ...token, tracking_insecure_tls: "1", tracking_server_cert_path: "/a" },
    /has no use/,
  ],
];

const TAKEN: readonly [string, Record<string, string>][] = [
  ["a server with a token", { ...server, ...token }],
  ["a server with user and password", { ...server, ...user }],
  ["an open server", { ...server, auth: "none" }],
  ["a server in capitals", { tracking_uri: "HTTP://HOST/path/", ...token }],
  ["a store in capitals", { tracking_uri: "SQLite:////a/b.db" }],
  [
    "a server with certificates of its own",
    { ...server, ...token, tracking_server_cert_path: "/a", tracking_client_cert_path: "/b" },
  ],
  ["Databricks with a token", { ...workspace, ...token, enable_unity_catalog: "true" }],
  ["Databricks with user and password", { ...workspace, ...user }],
  [
    "Databricks with an OAuth client and no scheme",
    { ...databricks, databricks_host: "adb-1.net", ...client },
  ],
  ["a Databricks profile", { tracking_uri: "databricks://profile" }],
  ["Databricks-only switches that are off elsewhere", { ...server, ...token, enable_unity_catalog: "no" }],
  ["a token that a local store does not need", { ...token }],
  ["defaults for steps", { experiment_name: "e", nested: "yes", tags: `{"a":"1","b":null}` }],
];

for (const [what, configuration] of TAKEN) {
  test(`an MLflow tracker takes ${what}`, (t) => {
    t.deepEqual(checkedConfiguration("experiment_tracker", "mlflow", configuration), configuration);
  });
}

test("what may be a mistake is said: credentials that a local store does not need, braces that make no reference", (t) => {
  const [unused, nearMiss] = warningsOf({ ...user, experiment_name: "a {{b.c}}" });
  t.regex(unused ?? "", /needs no tracking_username, tracking_password/);
  t.regex(nearMiss ?? "", /^experiment_name holds double braces/);
  t.deepEqual(warningsOf({ ...server, ...user }), []);
});

test("tags become text, and those without a value are left out", (t) => {
  t.deepEqual(readTags(`{"a":"1","b":2,"c":null,"d":{"e":true}}`), { a: "1", b: "2", d: `{"e":true}` });
});

test("an address has one form, whatever its case and its last slash", (t) => {
  t.deepEqual(readTrackingUri("HTTPS://Host:5000/mlflow/"), {
    kind: "server",
    url: "https://host:5000/mlflow",
  });
  t.deepEqual(readTrackingUri("databricks://p"), { kind: "databricks", profile: "p" });
  t.is(databricksAddress("adb-1.net"), "https://adb-1.net");
});

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
