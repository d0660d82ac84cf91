import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { type ServiceFacts, serviceOf } from "../../src/cli/daemon/service-file.js";
import { daemonCommand, daemonEnvironment } from "../../src/cli/daemon/spawn.js";
import { runHere } from "../support/command-here.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";

const FACTS: ServiceFacts = {
  platform: "linux",
  userFolder: "/users/a",
  configFolder: "/users/a/.config",
  userId: 1000,
  home: '/data/50% $HOME/"x"\\',
  isUsualHome: false,
  command: ["/usr/bin/node", "--flag", "/opt/a b/$x/100%/stepwell-daemon.cjs"],
  env: { PATH: "/usr/bin", STEPWELL_HOME: '/data/50% $HOME/"x"\\' },
};

test("a daemon gets the allow-listed environment and no credential of the shell that starts it", (t) => {
  const wanted = {
    PATH: "/bin",
    HOME: "/h",
    XDG_RUNTIME_DIR: "/run",
    LC_ALL: "C",
    TMPDIR: "/t",
    DBUS_SESSION_BUS_ADDRESS: "unix:x",
    STEPWELL_HOME: "/home",
  };
  const unwanted = {
    MLFLOW_TRACKING_PASSWORD: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    NODE_OPTIONS: "--inspect",
    LD_PRELOAD: "x.so",
    STEPWELL_ENDPOINT: "unix:/other",
    STEPWELL_AUTOSTART: "0",
    STEPWELL_COMMAND: "x",
  };
  t.deepEqual(daemonEnvironment({ ...wanted, ...unwanted }), wanted);
});

const IS_TAKEN = `
const { readFileSync } = require("node:fs");
const [file] = process.argv.slice(1);
const cachedData = readFileSync(file + ".cache");
const script = new (require("node:vm").Script)(readFileSync(file, "utf8"), { filename: file, cachedData });
process.exit(script.cachedDataRejected ? 1 : 0);
`;

test("V8 takes the code that was kept of each program, with the flags that it is started with", (t) => {
  const folder = join(ROOT, "build");
  for (const [entry, flags] of [
    ["stepwell.js", []],
    ["stepwell-daemon.cjs", daemonCommand([]).slice(1, -1)],
    ["stepwell-doctor.cjs", []],
    ["stepwell-relay.cjs", []],
  ] as const) {
    const [bundle = ""] = /stepwell\/\w+-\w+\.cjs/.exec(readFileSync(join(folder, entry), "utf8")) ?? [];
    const { status, stderr } = spawnSync(process.execPath, [...flags, "-e", IS_TAKEN, join(folder, bundle)], {
      encoding: "utf8",
    });
    t.is(status, 0, `${entry} ${stderr}`);
  }
});

test("what OpenTelemetry is told gets to a daemon that is to push its metrics, and to no other", (t) => {
  const told = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=secret", OTEL_SERVICE_NAME: "daemon" };
  const others = { OTEL_PYTHON_LOG_CORRELATION: "true", OTEL_TRACES_EXPORTER: "otlp" };
  t.deepEqual(daemonEnvironment({ ...told, ...others }), {});
  t.deepEqual(daemonEnvironment({ ...told, ...others, STEPWELL_METRICS_PUSH: "0" }), {
    STEPWELL_METRICS_PUSH: "0",
  });
  const on = { STEPWELL_METRICS_PUSH: "1" };
  t.deepEqual(daemonEnvironment({ ...told, ...others, ...on }), { ...told, ...on });
});

test("a unit of systemd has each word as it is, whatever is in it, and ends within its time", async (t) => {
  const service = serviceOf(FACTS);
  t.regex(service?.path ?? "", /^\/users\/a\/\.config\/systemd\/user\/stepwell-[0-9a-f]{8}\.service$/);
  const text = service?.text ?? "";
  t.true(
    text.includes('ExecStart="/usr/bin/node" "--flag" "/opt/a b/$$x/100%%/stepwell-daemon.cjs"\n'),
    text,
  );
  t.true(text.includes('Environment="STEPWELL_HOME=/data/50%% $HOME/\\"x\\"\\\\"\n'), text);
  t.regex(text, /^TimeoutStopSec=30$/m);
  t.regex(text, /^WantedBy=default\.target$/m, "from each login on");
  t.is(serviceOf({ ...FACTS, isUsualHome: true })?.name, "stepwell.service");
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0) return;
  const file = join(await scratchFolder(t), "stepwell-test.service");
  // Of a program that is not there it says so: this one is.
  await writeFile(file, text.replace("/usr/bin/node", process.execPath));
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", "--user", file], {
    encoding: "utf8",
    env: { ...process.env, XDG_RUNTIME_DIR: "/tmp" },
  });
  t.notRegex(stderr, /stepwell-test\.service/);
  t.is(status, 0, stderr);
});

/** Elements of XML that have no end, and ends of none. */
function unclosedIn(xml: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = "", empty] of xml.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (slash === "/" && open.at(-1) === name) open.pop();
    else if (empty === "") open.push(`${slash}${name}`);
  }
  return open;
}

test("an agent of launchd is XML, whatever is in it", (t) => {
  const service = serviceOf({
    ...FACTS,
    platform: "darwin",
    isUsualHome: true,
    env: { STEPWELL_HOME: "/a&b<c>" },
  });
  t.is(service?.path, "/users/a/Library/LaunchAgents/io.stepwell.daemon.plist");
  t.true(service?.text.includes("<key>STEPWELL_HOME</key><string>/a&amp;b&lt;c&gt;</string>"));
  t.true(service?.text.includes("    <string>/opt/a b/$x/100%/stepwell-daemon.cjs</string>\n"));
  t.regex(service?.text ?? "", /<key>RunAtLoad<\/key><true\/>/, "from each login on");
  t.regex(service?.text ?? "", /<key>ExitTimeOut<\/key><integer>30<\/integer>/);
  t.deepEqual(unclosedIn(service?.text ?? "<plist>"), [], service?.text);
  t.deepEqual(service?.install, [["launchctl", "bootstrap", "gui/1000", service?.path]]);
  t.deepEqual(service?.uninstall, [["launchctl", "bootout", "gui/1000/io.stepwell.daemon"]]);
  t.is(serviceOf({ ...FACTS, platform: "win32" }), undefined);
});

const testOnLinux = process.platform === "linux" ? test : test.skip;

testOnLinux("daemon install writes the unit and has systemd start it; uninstall undoes that", async (t) => {
  const folder = await scratchFolder(t);
  const bin = join(folder, "bin");
  await mkdir(bin);
  const env = { HOME: folder, PATH: bin, STEPWELL_HOME: join(folder, "home"), SECRET_TOKEN: "not-in-a-file" };
  const asked = (args: readonly string[], more = {}) => runHere(["daemon", ...args], { ...env, ...more });
  const none = await asked(["install"]);
  t.is(none.code, 1);
  t.regex(
    none.stderr,
    /There is no systemctl on the PATH.\n {2}.*stepwell daemon run.*\n {2}STEPWELL_SERVICE_UNMANAGED/,
  );
  t.deepEqual(readdirSync(folder), ["bin"], "nothing is written where nothing can be started");

  const log = join(folder, "asked");
  await writeFile(join(bin, "systemctl"), `#!/bin/sh\necho "$@" >>'${log}'\n`, { mode: 0o755 });
  const shown = await asked(["install", "--dry-run"]);
  t.is(shown.code, 0, shown.stderr);
  t.false(existsSync(log));
  const elsewhere = await asked(["install", "--dry-run"], { XDG_CONFIG_HOME: join(folder, "config") });
  t.true(elsewhere.stdout.includes(join(folder, "config/systemd/user/stepwell-")), elsewhere.stdout);
  const installed = await asked(["install"]);
  t.is(installed.code, 0, installed.stderr);
  t.regex(installed.stderr, /Installed stepwell-\w+\.service.*\n.*loginctl enable-linger\n$/);
  const units = join(folder, ".config/systemd/user");
  const [name = ""] = readdirSync(units);
  const text = readFileSync(join(units, name), "utf8");
  t.true(shown.stdout.includes(text), "--dry-run shows what is written");
  t.true(text.includes(`Environment="STEPWELL_HOME=${env.STEPWELL_HOME}"`), text);
  t.notRegex(text, /not-in-a-file|Environment="HOME=/);
  t.is(statSync(join(units, name)).mode & 0o777, 0o600);
  t.is(readFileSync(log, "utf8"), `--user daemon-reload\n--user enable --now ${name}\n`);

  await mkdir(env.STEPWELL_HOME);
  await writeFile(join(env.STEPWELL_HOME, "home-id"), "");
  t.regex((await asked(["uninstall", "--dry-run"])).stdout, /^Would remove .*\.service\nWould type:\n/);
  const removed = await asked(["uninstall"]);
  t.is(removed.code, 0, removed.stderr);
  t.deepEqual(readdirSync(units), []);
  t.deepEqual(readdirSync(env.STEPWELL_HOME), ["home-id"], "the home is left as it is");
  t.regex(readFileSync(log, "utf8"), /--user disable --now \S+\n$/);
  t.regex((await asked(["uninstall"])).stderr, /^No service of this home is installed/);

  await writeFile(join(bin, "systemctl"), "#!/bin/sh\necho 'no bus' >&2; exit 1\n", { mode: 0o755 });
  t.regex(
    (await asked(["install"])).stderr,
    /systemctl --user daemon-reload failed: no bus\n[\s\S]*STEPWELL_SERVICE_FAILED/,
  );
  if (process.getuid?.() !== 0) return;
  const sudo = await asked(["install"], { SUDO_UID: "1000" });
  t.regex(sudo.stderr, /STEPWELL_SERVICE_FOREIGN\n$/);
});
