import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { shellWords } from "../src/sender/shell-words.js";
import { completeOptions } from "../src/settings.js";
import { systemMetricsTag } from "../src/system-metrics.js";
import { CLIENT_VERSION } from "../src/version.js";

test("the home is STEPWELL_HOME, else a folder of XDG; an empty variable counts as not set", (t) => {
  const home = (env: NodeJS.ProcessEnv) => completeOptions({}, env).home;
  t.is(home({ STEPWELL_HOME: "/a/b", XDG_DATA_HOME: "/c" }), "/a/b");
  t.is(home({ STEPWELL_HOME: "", XDG_DATA_HOME: "/c" }), "/c/stepwell");
  t.is(home({}), join(userInfo().homedir, ".local/share/stepwell"), "passwd's, for HOME is not set");
  t.is(completeOptions({ home: "/x" }, { STEPWELL_HOME: "/a" }).home, "/x");
  t.is(home({ STEPWELL_ENDPOINT: "unix:/s", STEPWELL_HOME: "/a" }), undefined, "its daemon may have any");
});

test("the environment names the endpoint, the command and whether a daemon may be started", (t) => {
  t.like(completeOptions({}, {}), { endpoint: undefined, command: "stepwell", autostart: true });
  const env = { STEPWELL_ENDPOINT: "unix:/s", STEPWELL_COMMAND: "node s.js", STEPWELL_AUTOSTART: "0" };
  t.like(completeOptions({}, env), { endpoint: "unix:/s", command: "node s.js", autostart: false });
  t.like(completeOptions({ autostart: true, endpoint: "unix:/t" }, env), {
    endpoint: "unix:/t",
    autostart: true,
  });
});

test("a command line is split as a shell does", (t) => {
  t.deepEqual(shellWords("stepwell"), ["stepwell"]);
  t.deepEqual(shellWords("  node  /a\\ b/s.js --x "), ["node", "/a b/s.js", "--x"]);
  t.deepEqual(shellWords(`'/a b'/c "d 'e' \\"f\\"" g'h'"i"`), ["/a b/c", `d 'e' "f"`, "ghi"]);
  t.deepEqual(shellWords(`x ''`), ["x", ""]);
  t.deepEqual(shellWords(""), []);
});

test("the version that Hello tells is that of the package", (t) => {
  const file = fileURLToPath(new URL("../../../../clients/typescript/package.json", import.meta.url));
  t.is((JSON.parse(readFileSync(file, "utf8")) as { version: string }).version, CLIENT_VERSION);
});

test("system metrics are asked for by seconds, by true and false, or by MLflow's own variables", (t) => {
  const on = { MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: "true" };
  t.is(systemMetricsTag(undefined, {}), undefined);
  t.is(systemMetricsTag(undefined, on), "10");
  t.is(systemMetricsTag(undefined, { ...on, MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: "2" }), "2");
  t.is(systemMetricsTag(true, { MLFLOW_SYSTEM_METRICS_NODE_ID: "node/0" }), "10 on node_0");
  t.is(systemMetricsTag(false, on), "off");
  t.is(systemMetricsTag(3_600, {}), "3600");
  for (const wrong of [0, 0.5, 3_601, Number.NaN])
    t.throws(() => systemMetricsTag(wrong, {}), { code: "STEPWELL_SETTING_INVALID" });
});
