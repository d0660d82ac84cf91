/**
 * How soon `stepwell watch` shows the first curve of a large run, on a terminal of tmux: from the command's start, Node's own
 * with it, to the first dots on the screen. tmux copies what the terminal is sent to a file, where the dots are looked for:
 * to ask tmux for its screen takes a process each time, and those took half a core from what is measured.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { root } from "../install.mjs";
import { Feed } from "./feed.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

const run = promisify(execFile);
const turns = 5;
const waitMs = 60_000;
const lookEveryMs = 2;
const dots = /[\u2801-\u28ff]/;

export async function watch({ scale }) {
  return [
    ...(await ofRun(10_000_000 * scale, 1, "10,000,000 points of one metric")),
    ...(await ofRun(1_000_000 * scale, 5_000, "5,000 metrics")),
  ];
}

async function ofRun(points, keys, what) {
  return await withHome(async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint);
    await feed.points(points, keys === 1 ? 1000 : 200, keys);
    feed.close();
    const firstMs = await firstPictures(home.env);
    return [
      {
        name: `the terminal's first curve, ${what}`,
        value: percentile(firstMs, 0.5),
        unit: "ms",
        atMost: 300,
        isOfCpu: true,
      },
    ];
  });
}

async function firstPictures(environment) {
  const folder = mkdtempSync(join(tmpdir(), "stepwell-bench-tmux-"));
  const env = { ...environment, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
  const tmux = async (...words) =>
    (await run("tmux", ["-u", "-S", join(folder, "socket"), "-f", "/dev/null", ...words], { env })).stdout;
  const command = `exec ${process.execPath} ${join(root, "build/stepwell.js")} watch`;
  try {
    await tmux("new-session", "-d", "-x", "200", "-y", "50", "exec sleep 1000");
    const sent = join(folder, "sent");
    await tmux("pipe-pane", `exec cat >> '${sent}'`);
    const timesMs = [];
    for (let turn = 0; turn < turns; turn++) {
      writeFileSync(sent, "");
      const begin = performance.now();
      await tmux("respawn-pane", "-k", command);
      const until = async (isShown) => {
        while (!(await isShown())) {
          if (performance.now() - begin > waitMs) throw new Error("no curve was shown");
          await sleep(lookEveryMs);
        }
      };
      await until(() => dots.test(readFileSync(sent, "utf8")));
      timesMs.push(performance.now() - begin);
      await until(async () => dots.test(await tmux("capture-pane", "-p")));
    }
    return timesMs;
  } finally {
    await tmux("kill-server").catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}
