/**
 * Compiles the client, runs its tests against a scripted and a real daemon, and ends with `N passed, N failed`. After the
 * first time Maven asks nobody for anything. Arguments: names of test classes.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUILD, compiled, maven } from "./maven.mjs";

const reports = join(BUILD, "surefire-reports");

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

/** Whether Maven was well: its tests, and all before them. */
function runTests(only) {
  try {
    compiled();
  } catch (error) {
    console.log(error.message);
    return false;
  }
  return maven(...only, "test");
}

function main() {
  if (!existsSync(join(BUILD, "../../stepwell-daemon.cjs"))) {
    console.log("The daemon is not built: node scripts/build.mjs");
    return false;
  }
  rmSync(reports, { recursive: true, force: true });
  const chosen = process.argv.slice(2);
  const isGood = runTests(chosen.length > 0 ? [`-Dtest=${chosen.join(",")}`] : []);
  const all = results();
  for (const { test, outcome, seconds } of all) console.log(`${outcome} ${test} (${seconds} s)`);
  const count = (wanted) => all.filter(({ outcome }) => outcome === wanted).length;
  const passed = count("ok");
  const bad = count("FAILED");
  // A compiler that fails, or a process that is gone, names no test.
  const failed = bad === 0 && (!isGood || passed === 0) ? 1 : bad;
  const skipped = count("SKIPPED");
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0;
}

process.exitCode = main() ? 0 : 1;
