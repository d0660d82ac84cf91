/** Each figure of the guide and the READMEs is that of the code: a bound that changes breaks the sentence about it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as ofTypescript from "../../clients/typescript/src/limits.js";
import { KEPT_BYTES_EACH } from "../../src/cli/commands/bounded-output.js";
import { homeOf } from "../../src/home/endpoint.js";
import { SPOOL_KEPT_MS, SPOOLED_BYTES_MAX } from "../../src/model/bundle-limits.js";
import * as limits from "../../src/model/limits.js";
import { sizeText } from "../../src/model/size.js";
import { SOUGHT_MS } from "../../src/sinks/mlflow-rest/find-run.js";
import { ROOT } from "../support/home.js";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
const node = engines.node.replace(/^>=/, "").replace(/\.0$/, "");
const python = /^requires-python = ">=([\d.]+)"$/m.exec(read("clients/python/pyproject.toml"))?.[1];
const contract = JSON.parse(read("clients/contract/limits.json")) as Record<string, { value: number }>;
const ofClients = (name: string) => contract[name]?.value ?? Number.NaN;

const seconds = (ms: number) => ms / 1_000;
const inWords = (count: number) => count.toLocaleString("en-US");
const mebibytes = (bytes: number) => bytes / 1024 ** 2;
const gibibytes = (bytes: number) => bytes / 1024 ** 3;

/** How long the path of a home may be for its socket to lie in it. */
function longestHome(): number {
  const isInside = (home: string) => homeOf({ STEPWELL_HOME: home }).socketPath.startsWith(`${home}/`);
  let length = 1;
  while (isInside(`/${"x".repeat(length)}`)) length += 1;
  return length;
}

const buffer = mebibytes(ofClients("BUFFER_BYTES_MAX"));
const away = seconds(limits.LEASE_RETURN_MS);
const end = seconds(limits.TERM_DRAIN_MS + limits.END_MS_MAX);
const exit = seconds(ofClients("EXIT_WAIT_MS"));
const ofPython = (name: string) =>
  Number(new RegExp(`^${name} = ([\\d.]+)$`, "m").exec(read("clients/python/src/stepwell/limits.py"))?.[1]);
/** A bound that stands with the only code that keeps to it: a number, or a product or power of some. */
function bound(path: string, name: string): number {
  const [, text = ""] = new RegExp(`\\b${name}(?: =|:) ([\\d_.* ]+)[,; ]`).exec(read(path)) ?? [];
  const factors = text.split(" * ").map((factor) => {
    const [base = Number.NaN, power = 1] = factor
      .split(" ** ")
      .map((each) => Number.parseFloat(each.replaceAll("_", "")));
    return base ** power;
  });
  return factors.reduce((product, factor) => product * factor, 1);
}
const ofRelay = (name: string) => bound("src/relay/relay-server.ts", name);
const age = seconds(ofRelay("STREAM_AGE_MS"));
const ofHappenings = (name: string) => bound("src/notify/happenings.ts", name);
const pause = (name: string) => seconds(bound("src/deploy/supervisor.ts", name));
const drain = ofRelay("STREAM_DRAIN_MS");
const spread = 1 / bound("src/relay/sessions.ts", "AGE_SPREAD") === 5 ? "a fifth" : "another part";
const runsTold = ["none", "one", "two", "three", "four", "five"][ofClients("RUNS_TOLD")];
const journal = limits.JOURNAL_QUOTA_BYTES;
const spool = limits.SPOOL_BYTES_MAX;
const replay = limits.REPLAY_WINDOW_BYTES;

const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  "README.md": [
    `All you need is Node ${node} or newer; with Python ${python} or newer the demo`,
    `creation of a run more than ${seconds(limits.LATE_MS)} s after it was given up`,
    `a batch more than ${seconds(limits.LATE_MS)} s after it was given up`,
    `neither finds the other's within ${seconds(SOUGHT_MS)} s`,
  ],
  "CONTRIBUTING.md": [`You need Node ${node} or newer`],
  "docs/ARCHITECTURE.md": [
    `It looks every ${seconds(limits.HOME_LOOK_MS)} s, and makes the socket and the endpoint file anew`,
    `Its daemon ends after ${seconds(limits.HOME_GONE_MS)} s;`,
    `once it can't come late any more (${seconds(limits.LATE_MS)} s)`,
    `does not answer within ${seconds(limits.KEYCHAIN_MS_MAX)} s`,
    `The lane is held and asks again every ${seconds(limits.HOLD_WAIT_MS)} s`,
    `a run's start does not come within ${seconds(limits.RUN_START_WAIT_MS)} s`,
    `Beyond ${mebibytes(limits.DEAD_LETTERS_BYTES_MAX)} MiB of them lanes are held instead`,
    `and within ${seconds(limits.STORE_LOOK_MS)} s while idle`,
    `when it has had no stream for ${away} s`,
  ],
  "clients/python/README.md": [
    `nothing is acknowledged for ${ofPython("STEP_END_PROMPT_SECONDS")} s, its end is noted`,
    `is bounded (${buffer} MiB, \`STEPWELL_BUFFER_BYTES\`)`,
    `gives up after ${exit} s without one (\`STEPWELL_EXIT_TIMEOUT\`)`,
    `the first ${runsTold} runs of a process`,
    `Each call has a deadline (${ofPython("CALL_SECONDS")} s, or its \`timeout\`)`,
  ],
  "clients/typescript/README.md": [
    `ESM, Node ${node} or newer`,
    `takes ${seconds(ofTypescript.CALL_WAIT_MS)} s at most, or \`timeoutMs\``,
    `At most ${buffer} MiB wait for the daemon`,
    `gives up ${exit} s after the last one`,
    `the first ${runsTold} of a process`,
  ],
  "clients/go/README.md": [`At most ${buffer} MiB wait for the daemon (\`STEPWELL_BUFFER_BYTES\`)`],
  "clients/java/README.md": [
    `The spool has at most ${buffer} MiB (\`STEPWELL_BUFFER_BYTES\`)`,
    `waits as long as acknowledgements arrive, ${exit} s without one`,
  ],
  "docs/guide/install.md": [`older than ${node}`, `Needs Node ${node} or newer`],
  "docs/guide/first-run.md": [`Python ${python} or newer with the \`stepwell\` package`],
  "docs/guide/python.md": [
    `Python ${python} or newer`,
    `until its \`timeout\` in seconds; None is ${ofPython("CALL_SECONDS")}`,
    `from ${ofPython("WATCH_SECONDS_MIN")} to ${ofPython("WATCH_SECONDS_MAX")} seconds`,
    `silent for ${ofPython("CALL_SECONDS")} s more than the interval`,
    `is in seconds; None is ${ofPython("DRAIN_SECONDS")}, and a day is the most`,
  ],
  "docs/guide/typescript.md": [
    `Node ${node} or newer`,
    `for ${seconds(ofTypescript.CALL_WAIT_MS)} s unless \`timeoutMs\` says otherwise`,
    `Milliseconds, from 1 to ${inWords(ofTypescript.CALL_WAIT_MS_MAX)}. Default: ${inWords(ofTypescript.CALL_WAIT_MS)}.`,
    `from ${ofTypescript.WATCH_INTERVAL_MS_MIN} to ${inWords(ofTypescript.WATCH_INTERVAL_MS_MAX)}. Default: ${inWords(ofTypescript.WATCH_INTERVAL_MS)}.`,
    `says nothing for ${seconds(ofClients("WELCOME_WAIT_MS"))} s longer than the interval`,
    `at most ${limits.SECRET_BYTES_MAX / 1024} KiB`,
  ],
  "docs/guide/distributed-training.md": [
    `finds it there within ${seconds(SOUGHT_MS)} s`,
    `once its connection has been closed for ${away} s`,
  ],
  "docs/guide/offline-nodes.md": [
    `The journal takes ${gibibytes(journal)} GiB (\`STEPWELL_JOURNAL_QUOTA_BYTES\`)`,
    `artifacts that wait ${gibibytes(spool)} GiB (\`STEPWELL_ARTIFACT_SPOOL_BYTES\`)`,
    `clients keep ${buffer} MiB each`,
  ],
  "docs/guide/no-route.md": [
    `a pair of bundle and receipt is removed after ${SPOOL_KEPT_MS / 86_400_000} days`,
    `Bundles that wait take ${gibibytes(SPOOLED_BYTES_MAX)} GiB at most for each home and tracker`,
  ],
  "docs/guide/what-is-lost.md": [
    `a program says it after ${seconds(ofClients("UNREACHABLE_WARNING_MS"))} s without one`,
    `of which lanes gather for ${limits.FLUSH_LINGER_MS} ms`,
    `the last ${seconds(limits.REPLAY_WINDOW_MS) / 60} minutes or ${mebibytes(replay)} MiB`,
  ],
  "docs/guide/containers.md": [
    `SIGTERM ends it within ${end} seconds, after it has delivered what it can in ${seconds(limits.TERM_DRAIN_MS)}:`,
    `if the home's path is longer than ${longestHome()} bytes`,
    `a run whose process died ends ${away} s after its connection closed`,
  ],
  "docs/guide/relay.md": [
    `(${seconds(limits.REPLAY_WINDOW_MS) / 60} minutes or ${mebibytes(replay)} MiB). What they have no more`,
    `(\`--stream-age\`, ${age} s, ${spread} more or less)`,
    `| streams of one relay | ${inWords(ofRelay("STREAMS_MAX"))}, a file descriptor each`,
    `| what waits in a relay | ${mebibytes(bound("src/relay/sessions.ts", "BACKLOG_BYTES_MAX"))} MiB over all streams`,
    `its connections (${bound("src/relay/postgres-relay-store.ts", "CONNECTIONS_MAX")} for each relay)`,
  ],
  "docs/guide/relay-access.md": [
    `the relay looks every ${seconds(bound("src/relay/access/watched-files.ts", "LOOK_MS"))} s`,
    `and end within ${seconds(bound("src/relay/sessions.ts", "DISMISS_MS"))} s;`,
    `(\`--stream-age\`, ${age} s: at the latest ${spread} later and ${seconds(drain)} s)`,
    `three times as long, and ${seconds(4 * drain + ofRelay("BACKSTOP_MS"))} s`,
    `had to wait for ${seconds(bound("src/relay/access/open-callers.ts", "LIMIT_WAIT_MS"))} s is`,
  ],
  "docs/guide/deploy.md": [
    `at its age, ${age / 60} minutes unless \`--stream-age\` says otherwise`,
    `after a pause of ${pause("first")} s that doubles up to ${pause("max")} s`,
  ],
  "docs/guide/notifications.md": [
    `waited for ${ofHappenings("HELD_MS") / 60_000} minutes at a tracker`,
    `less than ${100 * ofHappenings("DISK_SHARE")} % left, and less than ${sizeText(ofHappenings("DISK_BYTES"))}`,
    `${seconds(bound("src/notify/notifier.ts", "GATHER_MS"))} s after the first event`,
    `**${seconds(bound("src/home/notify-command.ts", "NOTIFY_MS_MAX"))} s**, then it is killed`,
  ],
  "docs/guide/run.md": [
    `Of more than ${mebibytes(2 * KEPT_BYTES_EACH)} MiB the first ${mebibytes(KEPT_BYTES_EACH)} and the last`,
    `is listened to for ${seconds(bound("src/cli/commands/program-output.ts", "STREAMS_END_MS"))} s after its end`,
  ],
  "docs/guide/protocol.md": [`Without it a run ends ${away} s after its stream`],
  "docs/guide/kubernetes.md": [
    `Its runs end as KILLED, ${away} s after its connection closed`,
    `up to ${buffer} MiB each, and send it to the next daemon`,
  ],
  "docs/guide/configuration.md": [
    `\`STEPWELL_BUFFER_BYTES\` | clients | ${ofClients("BUFFER_BYTES_MAX")} (${buffer} MiB) |`,
    `\`STEPWELL_EXIT_TIMEOUT\` | clients | ${exit} |`,
    `\`STEPWELL_JOURNAL_QUOTA_BYTES\` | daemon | ${journal} (${gibibytes(journal)} GiB) |`,
    `\`STEPWELL_ARTIFACT_SPOOL_BYTES\` | daemon | ${spool} (${gibibytes(spool)} GiB) |`,
    `\`STEPWELL_REPLAY_WINDOW_SECONDS\` | daemon | ${seconds(limits.REPLAY_WINDOW_MS)} |`,
    `\`STEPWELL_REPLAY_WINDOW_BYTES\` | daemon | ${replay} (${mebibytes(replay)} MiB) |`,
    `\`STEPWELL_MLFLOW_IDLE_SECONDS\` | daemon | ${seconds(limits.MLFLOW_IDLE_MS)} |`,
  ],
  "deploy/container/Containerfile": [`SIGTERM ends it within ${end} seconds`],
  "deploy/kubernetes/daemonset.yaml": [`SIGTERM ends the daemon within ${end} seconds`],
};

for (const [page, sentences] of Object.entries(SENTENCES))
  test(`the figures of ${page} are those of the code`, (t) => {
    const text = read(page).replace(/\s+/g, " ");
    for (const sentence of sentences) t.true(text.includes(sentence), `${page} does not say: ${sentence}`);
  });
