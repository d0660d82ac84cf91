/** A real terminal, as tmux has it. Where there is none the tests are skipped, and that is said; with CI=1 they fail. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { ROOT, type ScratchHome } from "./home.js";
import { until } from "./until.js";

const run = promisify(execFile);
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** AVA's serial test where there is tmux. */
export const tmuxTest = hasTmux || process.env["CI"] === "1" ? test.serial : test.skip;
if (!hasTmux) console.error("No tmux on the PATH: `stepwell watch` is not tried on a terminal.");

const EVERY_MS = 60;

/** One pane with a shell in it, in a home's environment. */
export class Tmux {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async open(
    t: Pick<ExecutionContext, "teardown">,
    home: ScratchHome,
    { columns = 100, rows = 30, env = {} }: Readonly<TmuxOptions> = {},
  ): Promise<Tmux> {
    const folder = mkdtempSync(join(tmpdir(), "stepwell-tmux-"));
    const tmux = new Tmux(join(folder, "socket"));
    const options = {
      env: { ...home.env, ...env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", PS1: "$ ", SHELL: "/bin/sh" },
    };
    const size = ["-x", String(columns), "-y", String(rows)];
    const shell = `exec bash --norc --noprofile`;
    await run(
      "tmux",
      ["-u", "-S", tmux.#socket, "-f", "/dev/null", "new-session", "-d", ...size, shell],
      options,
    );
    t.teardown(async () => {
      await tmux.ask("kill-server").catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });
    await tmux.ask("set-option", "-g", "window-size", "manual");
    await tmux.shows(/\$$/);
    return tmux;
  }

  /** What tmux answers to one of its commands. */
  async ask(...words: readonly string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-S", this.#socket, ...words]);
    return stdout;
  }

  /** Types keys, by tmux's names of them, or text. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.ask("send-keys", key);
  }

  /** Types a line of a shell. */
  async line(text: string): Promise<void> {
    await this.ask("send-keys", "-l", text);
    await this.ask("send-keys", "Enter");
  }

  /** Types the command as a shell has it. */
  async stepwell(...args: readonly string[]): Promise<void> {
    await this.line([process.execPath, join(ROOT, "build/stepwell.js"), ...args].join(" "));
  }

  async text(): Promise<string> {
    return (await this.ask("capture-pane", "-p")).trimEnd();
  }

  /** Waits until the terminal shows it; answers all of it. */
  async shows(wanted: RegExp): Promise<string> {
    const fits = (text: string) => wanted.test(text);
    return await until(`the terminal shows ${wanted.source}`, () => this.text(), fits, { everyMs: EVERY_MS });
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.ask("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** What a program may leave behind: another screen, a hidden cursor, a mouse that is told. */
  async modes(): Promise<string> {
    const flags = ["alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "pane_title"];
    return (await this.ask("display-message", "-p", flags.map((flag) => `#{${flag}}`).join(" "))).trim();
  }
}

interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}
