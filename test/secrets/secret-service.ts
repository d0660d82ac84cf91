/**
 * A real Secret Service for a test: gnome-keyring on a D-Bus session of its own, with a home
 * of its own, so that nobody's keychain is touched.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import anyTest, { type ExecutionContext } from "ava";

/** What the test's processes need to find it, and what locks it. */
export interface SecretService {
  readonly env: Readonly<Record<string, string>>;
  /** Locks the collection; whoever asks for an item then is asked for a password that nobody types. */
  lock(): Promise<void>;
  /** In a process of its own: nobody but a person unlocks one that runs. */
  unlock(): Promise<void>;
  /** How many items a home has in it. */
  count(homeId: string): Promise<number>;
  /** Stops its process, so that it answers nobody, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
}

const TOOLS = ["dbus-run-session", "gnome-keyring-daemon", "gdbus"];
const SECRETS = "org.freedesktop.secrets";
const BUS = "org.freedesktop.DBus";
const COLLECTION = "/org/freedesktop/secrets/collection/login";
const PASSWORD = "of this test alone";
const START_MS_MAX = 30_000;

/**
 * AVA's `test`, one after the other, where the tools are; elsewhere `test.skip`, which names
 * and counts what is skipped. With CI=1 `test`, which then fails.
 */
export function testWithSecretService(): typeof anyTest.serial | typeof anyTest.skip {
  const lacking = TOOLS.filter((tool) => spawnSync("which", [tool]).status !== 0);
  if (lacking.length === 0) return anyTest.serial;
  console.error(`SKIPPED: no Secret Service can be started: ${lacking.join(", ")} not on the PATH.`);
  return process.env["CI"] === "1" ? anyTest.serial : anyTest.skip;
}

/** Starts one, unlocked. It ends with the test. */
export async function startSecretService(t: ExecutionContext): Promise<SecretService> {
  const folder = await mkdtemp(join(tmpdir(), "stepwell-keyring-"));
  const own = { HOME: folder, XDG_RUNTIME_DIR: join(folder, "run"), XDG_DATA_HOME: join(folder, "share") };
  for (const each of [own.XDG_RUNTIME_DIR, own.XDG_DATA_HOME]) await mkdir(each, { mode: 0o700 });
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...inherited } = process.env;
  // The shell starts a keyring that is unlocked for each line that it reads, and ends with its standard input.
  const script = `start() {
    printf %s "$PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >&2 && echo "$DBUS_SESSION_BUS_ADDRESS"
  }
  start
  while read -r pid; do kill -KILL "$pid"; start; done`;
  const session = spawn("dbus-run-session", ["--", "sh", "-c", script], {
    env: { ...inherited, ...own, PASSWORD },
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.teardown(async () => {
    session.stdin.end();
    const ended = once(session, "exit");
    if (session.exitCode === null) await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const lines = createInterface({ input: session.stdout });
  const nextLine = async () => {
    const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(START_MS_MAX) })) as string[];
    if (!line) throw new Error("the session does not say where its bus is");
    return line;
  };
  const env = { DBUS_SESSION_BUS_ADDRESS: await nextLine() };
  const all = { ...inherited, ...own, ...env };
  const call = async (object: string, method: string, argument: string) => {
    const words = `call --session --dest ${object} --object-path /${object.replaceAll(".", "/")} --method ${method}`;
    const { stdout } = await promisify(execFile)("gdbus", [...words.split(" "), argument], { env: all });
    return stdout;
  };
  const pid = async () => {
    const found = await call(BUS, "org.freedesktop.DBus.GetConnectionUnixProcessID", SECRETS);
    return Number(/uint32 (\d+)/.exec(found)?.[1]);
  };
  return {
    env,
    lock: async () => void (await call(SECRETS, "org.freedesktop.Secret.Service.Lock", `['${COLLECTION}']`)),
    unlock: async () => {
      session.stdin.write(`${await pid()}\n`);
      await nextLine();
    },
    count: async (homeId) => {
      const found = await call(
        SECRETS,
        "org.freedesktop.Secret.Service.SearchItems",
        `{'service': 'stepwell ${homeId}'}`,
      );
      return found.match(/collection\/login\/\d+/g)?.length ?? 0;
    },
    signal: async (signal) => void process.kill(await pid(), signal),
  };
}
