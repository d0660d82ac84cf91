/**
 * What each environment variable does, for the guide. `npm run docs` refuses one that the sources read and that is not
 * here, and one that is here and that nothing reads.
 */
export const VARIABLES = {
  STEPWELL_HOME: {
    who: "all",
    usual: "`stepwell` in `XDG_DATA_HOME`, or in `~/.local/share`",
    meaning:
      "The folder of the daemon: everything is below it. A relative path counts from the folder in which the program began.",
  },
  STEPWELL_COMMAND: {
    who: "clients",
    usual: "`stepwell` on the `PATH`, or the one that was installed beside the client",
    meaning: "The command that starts a daemon, with its arguments.",
  },
  STEPWELL_AUTOSTART: {
    who: "clients, command",
    usual: "1",
    meaning: "`0`: nothing starts a daemon by itself.",
  },
  STEPWELL_ENDPOINT: {
    who: "clients, command",
    usual: "what the home's `endpoint.json` says",
    meaning:
      "The daemon's address, as in `unix:/path/daemon.sock`. Nothing is looked for and nothing is started then.",
  },
  STEPWELL_RUN_ID: {
    who: "clients, command",
    usual: "none",
    meaning: "The run to log to. `stepwell run` sets it; whoever set it ends the run.",
  },
  STEPWELL_PARENT: {
    who: "Python client",
    usual: "none",
    meaning:
      "Where a child process sees which run its parent has active. The client sets it; empty: a child inherits no run.",
  },
  STEPWELL_BUFFER_BYTES: {
    who: "clients",
    usual: "268435456 (256 MiB)",
    meaning: "Memory for what the daemon has not acknowledged.",
  },
  STEPWELL_QUIET: {
    who: "command, clients",
    usual: "none",
    meaning:
      "Anything but `0`, `no`, `false` or `off`: runs do not say on stderr that they begin and what became of them.",
  },
  STEPWELL_EXIT_TIMEOUT: {
    who: "clients",
    usual: "10",
    meaning: "Seconds without an acknowledgement after which a process that ends gives up.",
  },
  COLORTERM: {
    who: "command",
    usual: "as your terminal sets it",
    meaning: "`truecolor` or `24bit`: `stepwell watch` has as many colours.",
  },
  NO_COLOR: {
    who: "command",
    usual: "none",
    meaning: "Anything: no colours.",
  },
  SSH_CONNECTION: {
    who: "command",
    usual: "as SSH's server sets it",
    meaning: "Where `stepwell ui` says what to type on your laptop.",
  },
  TERM: {
    who: "command",
    usual: "what the terminal says",
    meaning: "`dumb`: no colours, and nothing is drawn over.",
  },
  LC_ALL: {
    who: "command",
    usual: "none",
    meaning:
      "The character set of the terminal: with UTF-8 curves are drawn in blocks and dots, else in ASCII.",
  },
  LC_CTYPE: { who: "command", usual: "none", meaning: "The same, where `LC_ALL` is not set." },
  LANG: { who: "command", usual: "none", meaning: "The same, where neither of these is set." },
  MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: {
    who: "clients, command",
    usual: "false",
    meaning: "`true`: the daemon logs metrics of the system to runs that say nothing of them.",
  },
  MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: {
    who: "clients, command",
    usual: "10",
    meaning: "How many seconds between two of their points, from 1 to 3,600.",
  },
  MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING: {
    who: "clients, command",
    usual: "1",
    meaning: "That many times these seconds, as MLflow logs the mean of so many samples.",
  },
  MLFLOW_SYSTEM_METRICS_NODE_ID: {
    who: "clients, command",
    usual: "none",
    meaning: "The machine's name in their names, where several machines log to one run.",
  },
  STEPWELL_RUN_OUTPUT: {
    who: "command",
    usual: "1",
    meaning: "`0`: `stepwell run` keeps nothing of what programs write.",
  },
  SHELL: {
    who: "command",
    usual: "none",
    meaning: "Passed on to a program that `stepwell run` gives a terminal.",
  },
  STEPWELL_NOTIFY: {
    who: "daemon",
    usual: "none",
    meaning: "A line for a shell that is told how runs end, and what is wrong for long.",
  },
  STEPWELL_NOTIFY_EVENTS: {
    who: "daemon",
    usual: "all",
    meaning: "What it is told of, by names with commas between them.",
  },
  STEPWELL_NOTIFY_TEXT: {
    who: "that line",
    usual: "",
    meaning: "What happened, in a sentence. The daemon and `stepwell run` set it.",
  },
  STEPWELL_JOURNAL_QUOTA_BYTES: {
    who: "daemon",
    usual: "21474836480 (20 GiB)",
    meaning: "Bytes that the journal may take. When it is full, clients wait and then drop; lanes go on.",
  },
  STEPWELL_ARTIFACT_SPOOL_BYTES: {
    who: "daemon",
    usual: "53687091200 (50 GiB)",
    meaning: "Bytes of artifacts that may wait for their servers. `0`: none waits.",
  },
  STEPWELL_CURVES_BYTES: {
    who: "daemon",
    usual: "536870912 (512 MiB)",
    meaning:
      "Bytes that the files of runs' curves may take; those that were looked at least go first. `0`: no curves are kept, and the page and `stepwell watch` have none.",
  },
  STEPWELL_REPLAY_WINDOW_SECONDS: {
    who: "daemon",
    usual: "900",
    meaning:
      "How long delivered entries stay in the journal, for a store that is restored from a backup. `0`: they don't.",
  },
  STEPWELL_REPLAY_WINDOW_BYTES: {
    who: "daemon",
    usual: "268435456 (256 MiB)",
    meaning: "How many bytes of them stay. `0`: none.",
  },
  STEPWELL_MLFLOW_IDLE_SECONDS: {
    who: "daemon",
    usual: "600",
    meaning:
      "How long an MLflow server that the daemon started for a local tracker stays when nobody needs it.",
  },
  STEPWELL_METRICS_LISTEN: {
    who: "daemon",
    usual: "none",
    meaning:
      "HOST:PORT at which Prometheus reads the daemon's metrics, such as `127.0.0.1:9464`. See [metrics](metrics.md).",
  },
  STEPWELL_METRICS_TOKEN_FILE: {
    who: "daemon",
    usual: "none",
    meaning: "File with the token that lets others than the daemon's user read them.",
  },
  STEPWELL_METRICS_PUSH: {
    who: "daemon",
    usual: "0",
    meaning: "`1`: metrics are pushed by OTLP, as OpenTelemetry's own variables say.",
  },
  OTEL_SDK_DISABLED: {
    who: "daemon, relay",
    usual: "false",
    meaning: "`true`: no metrics, whatever else is set.",
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    who: "daemon, relay",
    usual: "`http/protobuf`",
    meaning: "How metrics are pushed: `http/protobuf`, `http/json` or `grpc`.",
  },
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: {
    who: "daemon, relay",
    usual: "the one before",
    meaning: "The same, for metrics alone.",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    who: "daemon, relay",
    usual: "`http://localhost:4318`; of gRPC 4317",
    meaning: "Where metrics are pushed to; by HTTP `/v1/metrics` follows.",
  },
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: {
    who: "daemon, relay",
    usual: "the one before",
    meaning: "The same for metrics alone, and as it is.",
  },
  OTEL_METRIC_EXPORT_INTERVAL: {
    who: "daemon, relay",
    usual: "60000",
    meaning: "How often metrics are pushed, in milliseconds.",
  },
  OTEL_METRIC_EXPORT_TIMEOUT: {
    who: "daemon, relay",
    usual: "30000",
    meaning: "How long a push may take; at most its interval.",
  },
  STEPWELL_ALLOW_OPEN_PARENT: {
    who: "daemon",
    usual: "0",
    meaning:
      "`1`: a home is taken although other users can move it away, as in a container with a single user.",
  },
  STEPWELL_PYTHON: {
    who: "daemon, command",
    usual: "a `python3` on the `PATH`",
    meaning: "The Python for `integration install mlflow`, or the one that has MLflow.",
  },
  XDG_DATA_HOME: {
    who: "all",
    usual: "`~/.local/share`",
    meaning: "Where the home is, unless `STEPWELL_HOME` says.",
  },
  HOME: { who: "all", usual: "the user's folder in passwd", meaning: "The user's folder." },
  PATH: { who: "clients, command", usual: "", meaning: "Where programs are looked for." },
  XDG_RUNTIME_DIR: {
    who: "daemon",
    usual: "",
    meaning: "Where the socket is when its path in the home would be too long for the system.",
  },
  TMPDIR: { who: "daemon", usual: "`/tmp`", meaning: "The same, without `XDG_RUNTIME_DIR`." },
  XDG_CONFIG_HOME: {
    who: "command",
    usual: "`~/.config`",
    meaning: "Where `daemon install` puts the unit of systemd.",
  },
  SUDO_UID: {
    who: "command",
    usual: "",
    meaning: "`daemon install` refuses to make a service of root's by way of sudo.",
  },
  DATABRICKS_CONFIG_FILE: {
    who: "daemon",
    usual: "`~/.databrickscfg`",
    meaning: "The file with Databricks' profiles, for `--tracking_uri=databricks://PROFILE`.",
  },
  PGPASSWORD: {
    who: "relay",
    usual: "the line of `PGPASSFILE` that fits",
    meaning: "The password of the relay's database, unless `--database-password-file` is given.",
  },
  PGPASSFILE: {
    who: "relay",
    usual: "`~/.pgpass`",
    meaning: "libpq's file of passwords; one that others may read is not read.",
  },
  PGUSER: {
    who: "relay",
    usual: "`USER`, or `postgres`",
    meaning: "The user of the relay's database, where its URI names none.",
  },
  USER: { who: "relay", usual: "`postgres`", meaning: "As `PGUSER`." },
  MLFLOW_TRACKING_USERNAME: {
    who: "relay",
    usual: "none",
    meaning: "The user at the relay's `--upstream`; with `MLFLOW_TRACKING_PASSWORD`.",
  },
  MLFLOW_TRACKING_PASSWORD: { who: "relay", usual: "none", meaning: "That user's password." },
  MLFLOW_TRACKING_TOKEN: {
    who: "relay",
    usual: "none",
    meaning: "A bearer token for the relay's `--upstream`, in place of user and password.",
  },
  MLFLOW_TRACKING_SERVER_CERT_PATH: {
    who: "relay",
    usual: "the system's authorities",
    meaning: "File of certificates to trust at the relay's `--upstream`.",
  },
};
