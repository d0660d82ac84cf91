/**
 * Many daemons against two relays and one PostgreSQL, counted by a reader of the database's tables:
 * `npm run scale`. What it does stands in docs/scale.md.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled, root } from "./install.mjs";

if (!ensureInstalled() || !build()) process.exit(1);
const program = join(root, "build/test/scale/main.js");
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
child.once("close", (code) => process.exit(code ?? 1));
