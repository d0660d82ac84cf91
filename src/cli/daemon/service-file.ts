/**
 * A daemon under the system's service manager: which file says so, what is in it, and what has to be typed. Pure:
 * nothing is read and nothing is written here.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** What a service is made of. */
export interface ServiceFacts {
  readonly platform: NodeJS.Platform;
  /** The user's own folder and number. */
  readonly userFolder: string;
  /** Where programs keep their settings. */
  readonly configFolder: string;
  readonly userId: number;
  readonly home: string;
  /** Whether the home is the one that is used where STEPWELL_HOME is not set. */
  readonly isUsualHome: boolean;
  /** The daemon's program with its interpreter and arguments. */
  readonly command: readonly string[];
  /** The daemon's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A service, as its manager wants it. */
export interface Service {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** Command lines, in order. */
  readonly install: readonly (readonly string[])[];
  readonly uninstall: readonly (readonly string[])[];
  /** What makes it run without a login, for those who want that; undefined where nothing is to be typed. */
  readonly withoutLogin: string | undefined;
}

/** How long it may take to end: the daemon drains for 5 s and ends within 15 more. */
const STOP_SECONDS = 30;

/** The service of a home; undefined where the system has no manager that is known here. */
export function serviceOf(facts: ServiceFacts): Service | undefined {
  if (facts.platform === "linux") return systemdService(facts);
  if (facts.platform === "darwin") return launchdService(facts);
  return undefined;
}

function systemdService(facts: ServiceFacts): Service {
  const name = `stepwell${suffixOf(facts)}.service`;
  return {
    name,
    path: join(facts.configFolder, "systemd", "user", name),
    text: unitOf(facts),
    install: [
      ["systemctl", "--user", "daemon-reload"],
      ["systemctl", "--user", "enable", "--now", name],
    ],
    uninstall: [["systemctl", "--user", "disable", "--now", name]],
    withoutLogin: "loginctl enable-linger",
  };
}

function unitOf({ home, command, env }: ServiceFacts): string {
  const variables = Object.entries(env).map(([key, value]) => `Environment=${unitWord(`${key}=${value}`)}`);
  return `[Unit]
Description=Stepwell, which delivers training logs to MLflow (${home.replaceAll("%", "%%").replace(/\p{Cc}/gu, " ")})
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command.map((word) => unitWord(word).replaceAll("$", "$$$$")).join(" ")}
${variables.join("\n")}
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=${STOP_SECONDS}
LimitCORE=0

[Install]
WantedBy=default.target
`;
}

/** A word as systemd reads it: in quotes, with its own escapes; a percent sign would begin a specifier. */
function unitWord(word: string): string {
  const escaped = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replace(/\p{Cc}/gu, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

function launchdService(facts: ServiceFacts): Service {
  const name = `io.stepwell.daemon${suffixOf(facts)}`;
  const path = join(facts.userFolder, "Library", "LaunchAgents", `${name}.plist`);
  const domain = `gui/${facts.userId}`;
  return {
    name,
    path,
    text: agentOf(name, facts),
    install: [["launchctl", "bootstrap", domain, path]],
    uninstall: [["launchctl", "bootout", `${domain}/${name}`]],
    withoutLogin: undefined,
  };
}

function agentOf(name: string, { command, env }: ServiceFacts): string {
  const pairs = Object.entries(env).map(([key, value]) => `    <key>${xml(key)}</key>${string(value)}`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${string(name)}
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    ${string(word)}`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${pairs.join("\n")}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ExitTimeOut</key><integer>${STOP_SECONDS}</integer>
  <key>HardResourceLimits</key><dict><key>Core</key><integer>0</integer></dict>
</dict>
</plist>
`;
}

function string(text: string): string {
  return `<string>${xml(text)}</string>`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Homes beside the usual one have services of their own. */
function suffixOf({ home, isUsualHome }: ServiceFacts): string {
  return isUsualHome ? "" : `-${createHash("sha256").update(home).digest("hex").slice(0, 8)}`;
}
