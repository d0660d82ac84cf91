/**
 * Runs a bundled program once, in a home that is there for it alone, and keeps V8's code of what ran in a file beside
 * it: FILE.cache. The command finds no daemon, the daemon starts and ends, the doctor looks at an
 * empty home, the relay listens and ends, the terminal is opened and not taken.
 *
 *   node scripts/code-cache.mjs command|daemon|doctor|relay|terminal FILE
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

const [, , program, filename] = process.argv;
/** The arguments of each, and what it has to end with; 3: no daemon. */
const { args, exit } = {
  command: { args: ["status"], exit: 3 },
  // Wherever the system's folder for what is temporary is.
  daemon: { args: ["--allow-network-fs"], exit: 0 },
  doctor: { args: ["examine", "1000"], exit: 0 },
  terminal: { args: [], exit: 0 },
  relay: { args: ["--listen=127.0.0.1:0", "--database=postgresql://nobody@127.0.0.1:1/none"], exit: 0 },
}[program];

const scratch = mkdtempSync(join(tmpdir(), "stepwell-build-"));
for (const name of Object.keys(process.env)) if (name.startsWith("STEPWELL_")) delete process.env[name];
process.env.STEPWELL_HOME = join(scratch, "home");
process.env.STEPWELL_ALLOW_OPEN_PARENT = "1";
if (program === "command") process.env.STEPWELL_ENDPOINT = `unix:${scratch}/none`;
process.argv = [process.execPath, "stepwell", ...args];
// V8's code holds the name: where this machine has the file is of no use on another.
const script = new Script(readFileSync(filename, "latin1"), { filename: `stepwell/${program}.cjs` });
process.stderr.write = () => true;

/** What a program compiled until it served is what it will need. */
function keepCode() {
  // The relay sets it while it runs (src/relay/main.ts): V8 takes no code that was made behind that. This is V8's default.
  if (program === "relay") setFlagsFromString("--max-semi-space-size=0");
  const draft = `${filename}.cache.${process.pid}`;
  writeFileSync(draft, script.createCachedData());
  // The daemon took it from all but its user; others may run this build.
  chmodSync(draft, 0o644);
  renameSync(draft, `${filename}.cache`);
}

process.on("exit", (code) => {
  if (["command", "doctor", "terminal"].includes(program)) keepCode();
  rmSync(scratch, { recursive: true, force: true });
  const isMade = existsSync(`${filename}.cache`);
  process.exitCode = code === exit && isMade ? 0 : 1;
});
if (program === "daemon") {
  const looking = setInterval(() => {
    if (!existsSync(join(scratch, "home", "endpoint.json"))) return;
    clearInterval(looking);
    keepCode();
    process.kill(process.pid, "SIGTERM");
  }, 20);
}
if (program === "relay") {
  // It listens by then: nothing outside of this process need be asked.
  setTimeout(() => {
    keepCode();
    process.kill(process.pid, "SIGTERM");
  }, 1_000);
}
const module = { exports: {} };
script.runInThisContext()(createRequire(filename), filename, module);
if (program === "terminal")
  module.exports.openTerminal({ kind: "xterm-256color", hasColor: true, has256Colors: true });
