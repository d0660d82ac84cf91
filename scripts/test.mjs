// The whole suite, as the first command ever typed in a clone: installs what is
// missing, builds, runs every test and prints the honest total as its last line.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const root = new URL("..", import.meta.url).pathname;
const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: "inherit", encoding: "utf8", ...options });

if (!existsSync(`${root}/node_modules/.package-lock.json`)) {
  if (run("npm", ["ci"]).status !== 0) process.exit(1);
}
if (run("npx", ["tsc", "-p", "."]).status !== 0) process.exit(1);
const ava = run("npx", ["ava", "--tap"], { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });
process.stdout.write(ava.stdout);
const passed = (ava.stdout.match(/^ok /gm) ?? []).length;
const failed = (ava.stdout.match(/^not ok /gm) ?? []).length;
console.log(`${passed} passed, ${failed} failed`);
process.exit(ava.status === 0 && failed === 0 && passed > 0 ? 0 : 1);
