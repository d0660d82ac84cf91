/**
 * A run is seen to move within a second, with nothing set up, and no MLflow or one that is down: in a browser, on a terminal
 * by SSH, and in the browser of a laptop to which SSH brings the page, at another port.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import ava, { type ExecutionContext } from "ava";
import type { Browser, Page } from "playwright-core";
import { shellWord } from "../../src/model/shell-word.js";
import { chromiumPath, openBrowser } from "../support/browser.js";
import { browserTest } from "../support/browser-test.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { LiveRun } from "../support/live-run.js";
import { ownSshd, sshTest } from "../support/own-sshd.js";
import { SeenAfter } from "../support/seen-after.js";
import { Tmux } from "../support/tmux.js";
import { until } from "../support/until.js";

const WAIT_MS = 60_000;
const run = promisify(execFile);

let browser: Browser | undefined;
ava.before(async () => {
  if (chromiumPath) browser = await openBrowser();
});
ava.after.always(() => browser?.close());

async function openPage(t: ExecutionContext, url: string): Promise<Page> {
  const context = await browser?.newContext({ viewport: { width: 1280, height: 800 } });
  if (!context) throw new Error("there is no browser");
  t.teardown(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(url);
  return page;
}

/** Trackers of a home: the local store, which needs no MLflow, and a server that nobody answers for. */
async function trackersOf(home: ScratchHome): Promise<readonly string[][]> {
  const address = "--tracking_uri=http://127.0.0.1:9";
  await home.here(["experiment-tracker", "register", "down", "--flavor=mlflow", address]);
  return [[], ["down"], []];
}

/** Runs begin while the table is looked at, and their plots are looked at while they move. */
async function watchInBrowser(t: ExecutionContext, home: ScratchHome, url: string): Promise<void> {
  const page = await openPage(t, url);
  await page.getByText("No run yet.").waitFor();
  const begun = new SeenAfter();
  const moved = new SeenAfter();
  for (const [at, trackers] of (await trackersOf(home)).entries()) {
    const live = await LiveRun.connect(t, home);
    const name = `run-${at}`;
    const begin = async () => {
      await live.begin(name, trackers);
      await live.log("loss", [0.25]);
    };
    const link = page.getByRole("link", { name });
    await begun.note(begin, () => link.waitFor());
    await link.click();
    await picture(page, "0.25");
    for (let step = 1; step <= 3; step++) {
      const value = step + 0.5;
      const before = await picture(page, "");
      await moved.note(
        async () => await live.log("loss", [value], step),
        () => picture(page, String(value), before),
      );
    }
    await page.goto(url);
  }
  begun.isWithinASecond(t, "a run");
  moved.isWithinASecond(t, "a plot");
}

/** The plot's picture, once it is another one and beside it stands the value. */
async function picture(page: Page, value: string, before = ""): Promise<string> {
  const found = await page.waitForFunction(
    ([wanted, old]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".card .plot[data-drawn=true] canvas");
      const last = document.querySelector(".card .last")?.textContent ?? "";
      const seen = canvas?.toDataURL() ?? "";
      return seen !== old && (wanted === "" || last === wanted) ? seen : "";
    },
    [value, before] as const,
    { polling: "raf" },
  );
  return await found.jsonValue();
}

browserTest("in a browser a run is seen to begin and its plot to move within a second", async (t) => {
  t.timeout(5 * WAIT_MS);
  const home = await scratchHome(t);
  await watchInBrowser(t, home, (await home.stepwell(["ui", "--no-open"])).stdout.trim());
});

/** The command on the machine that SSH leads to, which has no environment of ours. */
function thereWords(home: ScratchHome, ...args: string[]): string {
  const env = ["STEPWELL_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS"].map(
    (name) => `${name}=${home.env[name] ?? ""}`,
  );
  return ["env", ...env, process.execPath, join(ROOT, "build/stepwell.js"), ...args].map(shellWord).join(" ");
}

sshTest("on a terminal by SSH a run is seen to begin and to move within a second", async (t) => {
  t.timeout(5 * WAIT_MS);
  const home = await scratchHome(t);
  const { port, programs } = await ownSshd(t);
  const PATH = [programs, process.env["PATH"]].join(delimiter);
  const laptop = await Tmux.open(t, home, { env: { PATH } });
  await laptop.line(`ssh -tp ${port} 127.0.0.1 ${shellWord(thereWords(home, "watch"))}`);
  await laptop.shows(/No run yet/);
  const seen = new SeenAfter();
  for (const [at, trackers] of (await trackersOf(home)).entries()) {
    const live = await LiveRun.connect(t, home);
    const begin = async () => {
      await live.begin(`run-${at}`, trackers);
      await live.log("loss", [0.25]);
    };
    await seen.note(begin, () => laptop.shows(new RegExp(`follows run-${at}[\\s\\S]*loss +0\\.25`)));
    for (let step = 1; step <= 2; step++)
      await seen.note(
        async () => await live.log("loss", [step + 0.5], step),
        () => laptop.shows(new RegExp(`loss +${step}\\.5`)),
      );
  }
  seen.isWithinASecond(t, "by SSH");
  await laptop.type("q");
  await laptop.shows(/\$$/);
});

const laptopTest = browser !== undefined || chromiumPath || process.env["CI"] === "1" ? sshTest : ava.skip;

laptopTest(
  "what `ui` says to somebody who came by SSH is pasted, and their browser follows the runs",
  async (t) => {
    t.timeout(5 * WAIT_MS);
    const home = await scratchHome(t);
    const { port, programs } = await ownSshd(t);
    const env = { PATH: [programs, process.env["PATH"]].join(delimiter), HOME: process.env["HOME"] };
    const there = thereWords(home, "ui", "--no-open");
    const { stdout, stderr } = await run("ssh", ["-p", String(port), "127.0.0.1", there], { env });
    const url = stdout.trim();
    t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/, "the page's address alone");
    const [plain = "", other = ""] = stderr.split("\n").filter((line) => line.startsWith("  ssh "));
    // The daemon's own port is that of the laptop, too: the test has one machine.
    const taken = spawn("sh", ["-c", plain], { env, stdio: ["ignore", "ignore", "pipe"] });
    const [said, [code]] = await Promise.all([text(taken.stderr), once(taken, "close") as Promise<[number]>]);
    t.is(code, 255);
    t.regex(said, /in use/);
    const at = /and open (http\S+)/.exec(stderr)?.[1] ?? "";
    t.not(at, url);
    await forwarded(t, other, env, at);
    await watchInBrowser(t, home, at);
  },
);

/** Types a line that stays; answers once the page is there. */
async function forwarded(
  t: ExecutionContext,
  line: string,
  env: Readonly<Record<string, string | undefined>>,
  url: string,
): Promise<void> {
  const ssh: ChildProcess = spawn("sh", ["-c", `exec ${line}`], { env, stdio: "ignore" });
  t.teardown(() => void ssh.kill());
  const status = async () =>
    await fetch(url).then(
      ({ status }) => status,
      () => 0,
    );
  await until("the page is there", status, (is) => is !== 0);
}
