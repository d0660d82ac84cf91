/** Shows a training while it runs: its own last line, and how far the daemon is with its points. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../install.mjs";

const watchIntervalMs = 100;
const lineIntervalMs = 1_000;
const countsMsMax = 2_000;

/** Starts to watch the daemon of a home, to show and to tell its counts. Whoever gets it ends it with `close()`. */
export async function openProgress(home, onCounts) {
  const { openClients } = await import(pathToFileURL(join(root, "build/src/cli/daemon/client.js")).href);
  const { endpoint } = JSON.parse(readFileSync(join(home, "endpoint.json"), "utf8"));
  const clients = openClients(endpoint);
  const line = liveLine();
  let said = "";
  let isTrained = false;
  let counts = `journaled ${format(0)}  delivered ${format(0)}`;
  const show = () => line.show(said === "" ? counts : `${counts}  |  ${said}`);
  const stream = clients.daemon.watchStatus({ intervalMs: watchIntervalMs });
  stream.on("data", ({ status }) => {
    counts = `journaled ${format(status.journaledPoints)}  delivered ${format(status.deliveredPoints)}`;
    if (said !== "" || isTrained) show();
    onCounts({ journaled: Number(status.journaledPoints), delivered: Number(status.deliveredPoints) });
  });
  // The commands that follow say what is wrong with a daemon that is gone.
  stream.on("error", () => undefined);
  return {
    /** The training has said something. */
    say(text) {
      said = text;
      show();
    },
    /** Something that must not be overwritten. */
    note(text) {
      line.clear();
      console.log(`  ${text}`);
    },
    /** The training is over; what follows shows the daemon's counts alone. */
    endTraining() {
      line.end();
      said = "";
      isTrained = true;
    },
    /** Resolves when the daemon's counts of now are there. */
    async untilCounted() {
      await once(stream, "data", { signal: AbortSignal.timeout(countsMsMax) }).catch(() => undefined);
    },
    close() {
      line.end();
      stream.cancel();
      clients.close();
    },
  };
}

function format(count) {
  return Number(count).toLocaleString("en").padStart(7);
}

/** On a terminal one line that is written over; elsewhere a line a second, and the last. */
function liveLine() {
  const { stdout } = process;
  let last = "";
  let shown = "";
  let shownMs = Number.NEGATIVE_INFINITY;
  const write = (text) => {
    shown = text;
    shownMs = performance.now();
    if (stdout.isTTY) stdout.write(`\r\x1b[2K  ${text.slice(0, (stdout.columns || 80) - 3)}`);
    else console.log(`  ${text}`);
  };
  return {
    show(text) {
      last = text;
      if (performance.now() - shownMs >= (stdout.isTTY ? watchIntervalMs / 2 : lineIntervalMs)) write(text);
    },
    clear() {
      if (stdout.isTTY) stdout.write("\r\x1b[2K");
    },
    end() {
      if (last === "") return;
      if (last !== shown) write(last);
      if (stdout.isTTY) stdout.write("\n");
      last = "";
      shown = "";
      shownMs = Number.NEGATIVE_INFINITY;
    },
  };
}
