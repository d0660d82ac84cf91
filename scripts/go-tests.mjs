/**
 * The Go client's suite: `go vet`, and every test of the module, of which each prints a line. Ends with `N passed, N failed`.
 * With --race the tests run with the race detector, which has its own build of everything.
 */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { goModule } from "./go.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };

/** Vetting counts as a test: a finding is a failure. */
function vet() {
  const { status, stderr } = spawnSync("go", ["vet", "./..."], { cwd: goModule, encoding: "utf8" });
  if (status !== 0) console.log(stderr);
  report(status === 0 ? "pass" : "fail", "go vet");
}

function report(action, name, seconds) {
  const kind = { pass: "passed", fail: "failed", skip: "skipped" }[action];
  counts[kind] += 1;
  const word = { pass: "ok", fail: "FAILED", skip: "SKIPPED" }[action];
  console.log(`${word} ${name}${seconds === undefined ? "" : ` (${seconds} s)`}`);
}

/** Runs the tests; answers whether the command itself was content. */
async function test(flags) {
  // A result of yesterday says nothing of the daemon of today. Vetting was done, with more rules.
  const args = ["test", "-json", "-count=1", "-timeout=15m", "-vet=off", ...flags, "./..."];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("STEPWELL_")),
  );
  const child = spawn("go", args, { cwd: goModule, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      console.log(error.message);
      resolve(1);
    });
    child.once("close", resolve);
  });
  // What a test says is shown when it has failed.
  const said = new Map();
  for await (const line of createInterface({ input: child.stdout })) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      console.log(line);
      continue;
    }
    const { Action: action, Package: of = "", Test: name, Output: output, Elapsed: seconds } = event;
    const key = `${of} ${name ?? ""}`;
    if (action === "output" || action === "build-output") said.set(key, (said.get(key) ?? "") + output);
    // A case within a test counts with its test.
    const isCounted = name !== undefined && !name.includes("/");
    if (!["pass", "fail", "skip"].includes(action)) continue;
    if (action === "fail") process.stdout.write(said.get(key) ?? "");
    if (isCounted) report(action, name, seconds);
  }
  return ended;
}

vet();
const code = await test(process.argv.includes("--race") ? ["-race"] : []);
// A package that can't be built, or ends in a panic, names no test.
if (code !== 0 && counts.failed === 0) report("fail", "go test");
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 && counts.passed > 1 ? 0 : 1;
