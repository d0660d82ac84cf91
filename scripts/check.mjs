/**
 * The read-only checks, all of them every time, two or so at once, each with one line that says how
 * it went: `npm run check`. A check that looked at nothing fails. One that has nothing to compare
 * with, or lacks a tool that a user need not have, says so and is not counted as passed; with CI=1
 * a lacking tool is a failure.
 */
import { availableParallelism } from "node:os";
import { findStaleGenerated } from "./checks/generated.mjs";
import { findUnportable } from "./checks/portable.mjs";
import { lintPython } from "./checks/python.mjs";
import { bin, tool } from "./checks/tool.mjs";
import { ensureInstalled } from "./install.mjs";

// Those that need packages are loaded once these are installed.
const checks = [
  { name: "types (tsc)", run: () => tool([...bin("typescript", "tsc"), "-p", ".", "--noEmit"]) },
  { name: "types of the page (tsc)", run: () => tool([...bin("typescript", "tsc"), "-p", "src/web"]) },
  {
    name: "lint with types (oxlint)",
    run: () => tool([...bin("oxlint"), "--type-aware", "--deny-warnings"]),
  },
  { name: "dead code (knip)", run: () => tool([...bin("knip"), "--treat-config-hints-as-errors"]) },
  {
    name: "format and lint (biome)",
    run: () => tool([...bin("@biomejs/biome", "biome"), "check", "--error-on-warnings", "--colors=off"]),
  },
  { name: "proto lint (buf)", run: () => tool([...bin("@bufbuild/buf", "buf"), "lint"]) },
  {
    name: "proto format (buf)",
    run: () => tool([...bin("@bufbuild/buf", "buf"), "format", "-d", "--exit-code"]),
  },
  {
    name: "proto compatibility (buf breaking)",
    run: async () => (await import("./checks/breaking.mjs")).findBreakingChanges(),
  },
  { name: "generated code is fresh", run: findStaleGenerated },
  {
    name: "generated code of Python is fresh",
    run: async () => (await import("./checks/generated-python.mjs")).findStalePython(),
  },
  {
    name: "what clients have in common is fresh",
    run: async () => (await import("./checks/contract.mjs")).findStaleContract(),
  },
  {
    name: "generated code of Java is fresh",
    run: async () => (await import("./checks/generated-java.mjs")).findStaleJava(),
  },
  {
    name: "the guide's pages are fresh",
    run: async () => (await import("./checks/guide.mjs")).findStalePages(),
  },
  { name: "Go format (gofmt)", run: async () => (await import("./checks/go.mjs")).checkGoFormat() },
  {
    name: "generated code of Go is fresh",
    run: async () => (await import("./checks/go.mjs")).findStaleGo(),
  },
  { name: "no machine path, no registry host", run: findUnportable },
  { name: "Python format and lint (ruff)", run: lintPython },
];

/** Runs one check and prints its line. Returns "ok", "skipped" or "failed". */
async function runCheck({ name, run }) {
  const beginMs = performance.now();
  let result;
  try {
    result = await run();
  } catch (error) {
    result = { outcome: "failed", output: error.stack };
  }
  if (result.outcome === "skipped" && result.required === true && process.env.CI === "1")
    result.outcome = "failed";
  const seconds = ((performance.now() - beginMs) / 1000).toFixed(1);
  const word = { ok: "ok", failed: "FAILED", skipped: "SKIPPED" }[result.outcome];
  const detail = result.outcome === "ok" ? result.note : result.output?.trimEnd();
  const separator = result.outcome === "failed" ? "\n" : ": ";
  console.log(`${word} ${name} (${seconds} s)${detail ? `${separator}${detail}` : ""}`);
  return result.outcome;
}

async function main() {
  if (!ensureInstalled()) return false;
  const outcomes = [];
  const waiting = [...checks];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      outcomes.push(await runCheck(check));
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  const count = (outcome) => outcomes.filter((one) => one === outcome).length;
  console.log(`checks: ${count("ok")} ok, ${count("failed")} failed, ${count("skipped")} skipped`);
  return count("failed") === 0 && count("ok") > 0;
}

process.exitCode = (await main()) ? 0 : 1;
