/**
 * The whole suite, as the first command ever typed in a clone: installs what is missing, builds,
 * runs every suite of the table below and ends with the honest total, `N passed, N failed`.
 *
 * The suites run side by side: each waits a good part of its time. Every line says whose it is, and
 * a line is never cut by another. What failed is said again before the totals, by its name.
 *
 * Skipped is never passed, a suite that ran nothing has failed, and a suite that ends badly
 * without naming a failed test counts as one failure. With CI=1 a suite whose tool is lacking has failed.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { build } from "./build.mjs";
import { goNeeds, hasGo } from "./go.mjs";
import { ensureInstalled, root } from "./install.mjs";
import { hasJava, javaNeeds } from "./java.mjs";
import { findPython } from "./python.mjs";
import { gatherFaults } from "./test-faults.mjs";
import { WHOLE_SUITE, writeGroups } from "./test-groups.mjs";

// A bound for what hangs, not for what is slow: on two quiet cores the longest takes about 15 minutes.
const suiteMsMax = 90 * 60_000;

/** AVA's own lines: one for each test, and one for each way that a file can fail beside its tests. */
const countAva = (line, counts) => {
  if (/^ {2}[✔√] (?!\[expected fail\])/.test(line)) counts.passed += 1;
  else if (/^ {2}[✘×] /.test(line)) counts.failed += 1;
  else if (/^ {2}- \[(skip|todo)\] /.test(line)) counts.skipped += 1;
};

/** A suite that counts by itself and says so: `N passed, N failed` and perhaps `, N skipped`. */
const countTotal = (line, counts) => {
  const total = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line);
  if (total !== null)
    [counts.passed, counts.failed, counts.skipped] = total.slice(1).map((n) => Number(n ?? 0));
};

const suites = [
  {
    name: "TypeScript (AVA)",
    label: "ava",
    env: { [WHOLE_SUITE]: "1" },
    command: () => [process.execPath, join(root, "node_modules/ava/entrypoints/cli.mjs")],
    count: countAva,
  },
  {
    name: "Python client",
    label: "python",
    file: "clients/python/run_tests.py",
    needs: "Python >= 3.9 on the PATH, with venv",
    command: () => {
      const python = findPython();
      return python === undefined ? undefined : [python, join(root, "clients/python/run_tests.py")];
    },
    count: countTotal,
  },
  {
    name: "Go client",
    label: "go",
    file: "clients/go/go.mod",
    needs: goNeeds,
    command: () => (hasGo() ? [process.execPath, join(root, "scripts/go-tests.mjs")] : undefined),
    count: countTotal,
  },
  {
    name: "Java client",
    label: "java",
    file: "clients/java/run-tests.mjs",
    needs: javaNeeds,
    command: () => (hasJava() ? [process.execPath, join(root, "clients/java/run-tests.mjs")] : undefined),
    count: countTotal,
  },
].map((suite) => ({ ...suite, faults: gatherFaults() }));

const labelWidth = Math.max(...suites.map(({ label }) => label.length));

/** A line that says whose it is. */
const labelled = ({ label }, line) => `${label.padEnd(labelWidth)} | ${line}`;

/** Says a line of a suite, whole. */
const say = (suite, line) => console.log(labelled(suite, line));

/** The same, of what has failed without a line of the suite's own. */
const sayFailed = (suite, what) => {
  suite.faults.take(`FAILED ${what}`);
  say(suite, `FAILED ${what}`);
};

async function run(suite, [command, ...args]) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const env = { ...process.env, ...suite.env };
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => {
    say(suite, `took longer than ${suiteMsMax / 60_000} minutes and is ended`);
    child.kill("SIGKILL");
  }, suiteMsMax);
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  const relay = async (stream, take) => {
    for await (const line of createInterface({ input: stream })) {
      say(suite, line);
      take(stripVTControlCharacters(line));
    }
  };
  await Promise.all([
    relay(child.stdout, (line) => {
      suite.count(line, counts);
      suite.faults.take(line);
    }),
    relay(child.stderr, () => undefined),
  ]);
  const fault = await ended;
  clearTimeout(timer);
  if (counts.failed === 0 && fault !== undefined) {
    sayFailed(suite, `${suite.name}: ${fault}, though no test is named as failed`);
    counts.failed = 1;
  } else if (counts.passed + counts.failed === 0) {
    sayFailed(suite, `${suite.name}: it ran nothing`);
    counts.failed = 1;
  }
  return counts;
}

async function runOrSkip(suite) {
  if (suite.file !== undefined && !existsSync(join(root, suite.file))) return undefined;
  say(suite, `== ${suite.name}`);
  const command = suite.command();
  if (command !== undefined) return run(suite, command);
  const required = process.env.CI === "1";
  const lacks = `${suite.name}: needs ${suite.needs}`;
  if (required) sayFailed(suite, lacks);
  else say(suite, `SKIPPED ${lacks}`);
  return { passed: 0, failed: required ? 1 : 0, skipped: required ? 0 : 1 };
}

/** Runs a suite and adds to the total; resolves to its line of the summary, if there is such a suite. */
async function addTo(total, suite) {
  const beginMs = performance.now();
  const counts = await runOrSkip(suite);
  if (counts === undefined) return [];
  for (const key of Object.keys(total)) total[key] += counts[key];
  const seconds = ((performance.now() - beginMs) / 1000).toFixed(1);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} SKIPPED` : "";
  return [`${suite.name}: ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds} s)`];
}

async function main() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  if (!ensureInstalled() || !build()) {
    console.log("FAILED build");
    total.failed = 1;
  } else {
    writeGroups();
    const summary = await Promise.all(suites.map((suite) => addTo(total, suite)));
    const failed = suites.flatMap((suite) => suite.faults.lines.map((line) => labelled(suite, line)));
    if (failed.length > 0) console.log(["\nWhat failed:", ...failed].join("\n"));
    console.log(`\n${summary.flat().join("\n")}`);
  }
  if (total.skipped > 0) console.log(`SKIPPED ${total.skipped}: named above, not counted as passed`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0;
}

process.exitCode = (await main()) ? 0 : 1;
