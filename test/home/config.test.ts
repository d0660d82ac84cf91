/** What the daemon reads of its environment: each variable, what counts without it, and what is refused. */
import { join } from "node:path";
import anyTest from "ava";
import { type DaemonConfig, readConfig } from "../../src/home/config.js";
import { CURVES_QUOTA_BYTES } from "../../src/model/curve-limits.js";
import {
  JOURNAL_QUOTA_BYTES,
  MLFLOW_IDLE_MS,
  REPLAY_WINDOW_BYTES,
  REPLAY_WINDOW_MS,
  SPOOL_BYTES_MAX,
} from "../../src/model/limits.js";

// One after the other: the environment is the process's.
const test = anyTest.serial;

/** What a daemon with this environment, and no other, is told. */
function configOf(env: Readonly<Record<string, string>>): DaemonConfig {
  const before = { env: process.env, argv: process.argv };
  try {
    process.env = { HOME: "/users/a", ...env };
    process.argv = process.argv.slice(0, 2);
    return readConfig();
  } finally {
    Object.assign(process, before);
  }
}

test("without a variable the daemon has its usual bounds", (t) => {
  const { paths, mlflowEnvironment: _, ...bounds } = configOf({});
  t.is(paths.home, "/users/a/.local/share/stepwell");
  t.deepEqual(bounds, {
    allowNetworkFileSystem: false,
    allowOpenParent: false,
    journalQuotaBytes: JOURNAL_QUOTA_BYTES,
    replayWindow: { ms: REPLAY_WINDOW_MS, bytes: REPLAY_WINDOW_BYTES },
    curvesQuotaBytes: CURVES_QUOTA_BYTES,
    artifactSpoolBytes: SPOOL_BYTES_MAX,
    databricksConfigFile: "/users/a/.databrickscfg",
    mlflowIdleMs: MLFLOW_IDLE_MS,
    notify: undefined,
    metrics: undefined,
  });
});

test("each variable of the daemon sets its bound", (t) => {
  const {
    paths,
    mlflowEnvironment: _,
    ...bounds
  } = configOf({
    STEPWELL_HOME: "/data/home",
    STEPWELL_ALLOW_OPEN_PARENT: "1",
    STEPWELL_JOURNAL_QUOTA_BYTES: String(2 ** 30),
    STEPWELL_REPLAY_WINDOW_SECONDS: "7",
    STEPWELL_REPLAY_WINDOW_BYTES: "1000",
    STEPWELL_CURVES_BYTES: "3000",
    STEPWELL_ARTIFACT_SPOOL_BYTES: "2000",
    STEPWELL_MLFLOW_IDLE_SECONDS: "9",
    DATABRICKS_CONFIG_FILE: "/data/profiles",
    STEPWELL_METRICS_LISTEN: "[::1]:9464",
    STEPWELL_METRICS_TOKEN_FILE: "/data/token",
  });
  t.is(paths.home, "/data/home");
  t.deepEqual(bounds, {
    allowNetworkFileSystem: false,
    allowOpenParent: true,
    journalQuotaBytes: 2 ** 30,
    replayWindow: { ms: 7_000, bytes: 1_000 },
    curvesQuotaBytes: 3_000,
    artifactSpoolBytes: 2_000,
    databricksConfigFile: "/data/profiles",
    mlflowIdleMs: 9_000,
    notify: undefined,
    metrics: { listen: { host: "[::1]", port: 9464 }, tokenFile: "/data/token", push: undefined },
  });
});

test("0 turns off what waits and what stays; a relative home is below the working folder", (t) => {
  const none = configOf({
    STEPWELL_HOME: "home",
    STEPWELL_REPLAY_WINDOW_SECONDS: "0",
    STEPWELL_ARTIFACT_SPOOL_BYTES: "0",
    STEPWELL_ALLOW_OPEN_PARENT: "0",
  });
  t.like(none, { replayWindow: { ms: 0 }, artifactSpoolBytes: 0, allowOpenParent: false });
  t.is(none.paths.home, join(process.cwd(), "home"));
});

test("what is no number is refused, and named", (t) => {
  for (const name of [
    "STEPWELL_JOURNAL_QUOTA_BYTES",
    "STEPWELL_REPLAY_WINDOW_SECONDS",
    "STEPWELL_REPLAY_WINDOW_BYTES",
    "STEPWELL_ARTIFACT_SPOOL_BYTES",
    "STEPWELL_MLFLOW_IDLE_SECONDS",
  ])
    for (const value of ["-1", "many", "1.5"])
      t.throws(
        () => configOf({ [name]: value }),
        { code: "STEPWELL_USAGE", message: new RegExp(name) },
        value,
      );
});

test("metrics are pushed as OpenTelemetry's variables say, and only if that is asked for", (t) => {
  const there = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SERVICE_NAME: "training" };
  t.is(configOf(there).metrics, undefined);
  const pushed = (more: Readonly<Record<string, string>> = {}) =>
    configOf({ STEPWELL_METRICS_PUSH: "1", ...more }).metrics?.push;
  t.deepEqual(pushed(), {
    ...{
      protocol: "http/protobuf",
      intervalMs: 60_000,
      timeoutMs: 30_000,
      endpoint: "http://localhost:4318",
    },
  });
  t.like(pushed(there), { endpoint: "http://collector:4318" });
  t.like(pushed({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }), {
    protocol: "grpc",
    endpoint: "http://localhost:4317",
  });
  const own = { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  t.like(pushed(own), { protocol: "http/json" });
  // The reader's own deadline may not be longer than its interval.
  t.like(pushed({ OTEL_METRIC_EXPORT_INTERVAL: "500" }), { intervalMs: 500, timeoutMs: 500 });
  for (const wrong of ["", "-1", "often", "0", "1.5"])
    t.like(pushed({ OTEL_METRIC_EXPORT_INTERVAL: wrong }), { intervalMs: 60_000 }, wrong);
  t.like(pushed({ OTEL_EXPORTER_OTLP_PROTOCOL: "smoke" }), { protocol: "http/protobuf" });
  t.is(pushed({ OTEL_SDK_DISABLED: "TRUE" }), undefined);
  t.is(configOf({ OTEL_SDK_DISABLED: "true", STEPWELL_METRICS_LISTEN: "127.0.0.1:1" }).metrics, undefined);
});

test("an address for metrics that is none is refused, and named", (t) => {
  for (const value of ["9464", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:9464"])
    t.throws(() => configOf({ STEPWELL_METRICS_LISTEN: value }), {
      ...{ code: "STEPWELL_USAGE", message: /STEPWELL_METRICS_LISTEN/ },
    });
});

test("what is said of the daemon's telemetry does not get to a server that it runs", (t) => {
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=secret", OTEL_SERVICE_NAME: "daemon" };
  const { mlflowEnvironment } = configOf({ ...headers, STEPWELL_METRICS_PUSH: "1", PATH: "/bin" });
  t.is(mlflowEnvironment["PATH"], "/bin");
  t.deepEqual(
    Object.keys(mlflowEnvironment).filter((name) => name.startsWith("OTEL_")),
    [],
  );
});
