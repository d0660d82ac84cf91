/**
 * Kills the daemon and its clients again and again and checks that nothing acknowledged is lost
 * or doubled: `npm run torture -- --minutes N --seed S`. What it does stands in docs/torture.md.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled, root } from "./install.mjs";

if (!ensureInstalled() || !build()) process.exit(1);
const program = join(root, "build/test/torture/main.js");
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
child.once("close", (code) => process.exit(code ?? 1));
