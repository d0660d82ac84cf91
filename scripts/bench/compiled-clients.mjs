/** Log calls of the clients in Go and Java: a call's cost by the mean, and how many are durable in a second. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiled } from "../../clients/java/maven.mjs";
import { goModule, goNeeds, hasGo } from "../go.mjs";
import { root } from "../install.mjs";
import { withHome } from "./home.mjs";

const POINTS = 5_000_000;

export async function goClient({ scale }) {
  if (!hasGo()) return lacking("Go", goNeeds);
  const folder = mkdtempSync(join(tmpdir(), "stepwell-bench-go-"));
  try {
    const program = join(folder, "bench");
    execFileSync("go", ["build", "-o", program, "./bench"], { cwd: goModule, stdio: "inherit" });
    return await measured("Go LogMetric", scale, program, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function javaClient({ scale }) {
  try {
    const program = join(root, "clients/java/bench/LogCalls.java");
    return await measured("Java logMetric", scale, "java", ["-cp", compiled(), program]);
  } catch (error) {
    return lacking("Java", error.message);
  }
}

async function measured(name, scale, program, args) {
  return await withHome(async (home) => {
    const found = JSON.parse(await home.run(program, ...args, String(Math.round(POINTS * scale))));
    if (found.dropped > 0) throw new Error(`${name}: ${found.dropped} points were dropped`);
    return [
      { name: `${name} call, mean`, value: found.ns_per_call / 1000, unit: "us" },
      {
        name: `${name}, durable`,
        value: found.durable_per_second,
        unit: "calls/s",
        target: 1_000_000,
        isOfCpu: true,
      },
    ];
  });
}

function lacking(language, needs) {
  return [{ name: `${language} client`, value: 0, unit: "", note: `not measured: ${needs}` }];
}
