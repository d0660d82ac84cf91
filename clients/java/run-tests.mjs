/**
 * Compiles the client, runs its tests against a scripted and a real daemon, and ends with `N passed, N failed`. After the
 * first time Maven asks nobody for anything. Arguments: names of test classes.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = join(here, "../..");
const reports = join(root, "build/clients/java/surefire-reports");
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "stepwell-tests");
// Maven's own words are few; what tests print comes as it is.
const quiet = ["-q", "-B", "--no-transfer-progress", "-Dstyle.color=never", "-f", join(here, "pom.xml")];
const msMax = 30 * 60_000;

/** Runs Maven; with `-o` once all that this pom.xml needs was fetched. */
function maven(...args) {
  const hash = createHash("sha256")
    .update(readFileSync(join(here, "pom.xml")))
    .digest("hex");
  const mark = join(cache, `maven-${hash.slice(0, 16)}`);
  const offline = existsSync(mark) ? ["-o"] : [];
  const { status, error } = spawnSync("mvn", [...quiet, ...offline, ...args], {
    cwd: here,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: msMax,
  });
  if (error !== undefined) console.log(`mvn can't be run: ${error.message}`);
  if (status === 0 && offline.length === 0) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(mark, "");
  }
  // What was fetched may be gone since.
  if (status !== 0 && offline.length > 0) rmSync(mark);
  return status === 0;
}

/** Tests as surefire reports them: their names, what became of them, and how long they took. */
function results() {
  if (!existsSync(reports)) return [];
  const files = readdirSync(reports).filter((name) => /^TEST-.*\.xml$/.test(name));
  return files.flatMap((name) => {
    const xml = readFileSync(join(reports, name), "utf8");
    const cases = xml.matchAll(
      /<testcase name="([^"]*)" classname="([^"]*)"(?: time="([^"]*)")?(\/>|>([\s\S]*?)<\/testcase>)/g,
    );
    return [...cases].map(([, test, suite, seconds, , body = ""]) => ({
      test: `${suite.replace("io.stepwell.", "")}: ${plain(test)}`,
      seconds,
      outcome: /<(?:failure|error)\b/.test(body) ? "FAILED" : /<skipped\b/.test(body) ? "SKIPPED" : "ok",
    }));
  });
}

function plain(text) {
  const signs = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };
  return text.replace(/&(\w+);/g, (all, name) => signs[name] ?? all);
}

function main() {
  if (!existsSync(join(root, "build/stepwell-daemon.cjs"))) {
    console.log("The daemon is not built: node scripts/build.mjs");
    return false;
  }
  rmSync(reports, { recursive: true, force: true });
  const chosen = process.argv.slice(2);
  const only = chosen.length > 0 ? [`-Dtest=${chosen.join(",")}`] : [];
  const isGood = maven(...only, "test");
  const all = results();
  for (const { test, outcome, seconds } of all) console.log(`${outcome} ${test} (${seconds} s)`);
  const count = (wanted) => all.filter(({ outcome }) => outcome === wanted).length;
  const passed = count("ok");
  const bad = count("FAILED") + count("SKIPPED");
  // A compiler that fails, or a process that is gone, names no test.
  const failed = bad === 0 && (!isGood || passed === 0) ? 1 : bad;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

process.exitCode = main() ? 0 : 1;
