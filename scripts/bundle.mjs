/**
 * Bundles the command, what it draws on a terminal with, the daemon, the doctor and the relay into one file each. What stands in build/ itself only loads them.
 * The thread that answers for a local store becomes one file where it stands: three hundred of its parser's and its own
 * take 0.8 s of the processor before the first answer, one takes 0.13 s.
 *
 * Each file appears by rename, the entry last, and the others are named by their content, so
 * that a program that runs meanwhile is not disturbed.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { bundlePage } from "./bundle-page.mjs";
import { root } from "./install.mjs";
import {
  bundleInPlace,
  bundleInto,
  bundleLate,
  commandSide,
  commonEntry,
  moduleEntry,
  place,
  serverSide,
} from "./one-file.mjs";
import { terminalKit } from "./terminal-kit.mjs";

/** How long parts of an earlier bundle stay for commands that began with it. */
const keepMs = 600_000;
const parts = join(root, "build", "stepwell");

await bundleLate("src/metrics/start.ts", join(root, "build", "stepwell-metrics.cjs"));
const terminal = await bundleInto(parts, "terminal", {
  ...commandSide,
  ...terminalKit,
  entryPoints: ["src/cli/watch/terminal.ts"],
});
place(join(root, "build", "stepwell-terminal.cjs"), commonEntry(`stepwell/${terminal}`), 0o644);
const command = await bundleInto(parts, "command", { ...commandSide, entryPoints: ["src/cli/main.ts"] });
const daemon = await bundleInto(parts, "daemon", { ...serverSide, entryPoints: ["src/daemon/main.ts"] });
const doctor = await bundleInto(parts, "doctor", {
  ...serverSide,
  entryPoints: ["src/doctor/doctor-main.ts"],
});
const relay = await bundleInto(parts, "relay", { ...serverSide, entryPoints: ["src/relay/main.ts"] });
place(join(root, "build", "stepwell-relay.cjs"), commonEntry(`stepwell/${relay}`), 0o644);
place(join(root, "build", "stepwell-daemon.cjs"), commonEntry(`stepwell/${daemon}`), 0o644);
place(join(root, "build", "stepwell-doctor.cjs"), commonEntry(`stepwell/${doctor}`), 0o644);
place(
  join(root, "build", "stepwell.js"),
  `#!/usr/bin/env node\n${moduleEntry(`stepwell/${command}`)}`,
  0o755,
);
linkCommand();
await bundleInPlace("src/gateway/local/local-thread");
await bundlePage();
for (const each of readdirSync(parts)) {
  const isOld = Date.now() - statSync(join(parts, each)).mtimeMs > keepMs;
  const isMade = [command, daemon, doctor, relay, terminal].some((file) => each.startsWith(file));
  if (isOld && !isMade) rmSync(join(parts, each));
}

/** npm makes no command of the package that it stands in; whoever has its folder of commands on the PATH finds ours there. */
function linkCommand() {
  const folder = join(root, "node_modules", ".bin");
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "stepwell");
  if (process.platform === "win32") {
    place(`${link}.cmd`, '@node "%~dp0..\\..\\build\\stepwell.js" %*\r\n', 0o755);
    return;
  }
  const draft = `${link}.${process.pid}`;
  symlinkSync(join("..", "..", "build", "stepwell.js"), draft);
  renameSync(draft, link);
}
