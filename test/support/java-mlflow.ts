/** MLflow's Java client for tests: its packages from Maven Central, kept between runs beside the environments of Python. */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { cacheFolder, locked } from "./python-environment.js";

const SOURCES = join(fileURLToPath(new URL("../../../", import.meta.url)), "test/support/java");
const run = promisify(execFile);

/** AVA's `test` where there is a Java with Maven; elsewhere `test.skip`, and with CI=1 `test`, which then fails. */
export const testWithJava = hasJava() || process.env["CI"] === "1" ? test : test.skip;

function hasJava(): boolean {
  const isThere = (program: string) => spawnSync(program, ["--version"], { timeout: 120_000 }).status === 0;
  if (["java", "javac", "mvn"].every(isThere)) return true;
  console.error("No Java with Maven on the PATH for MLflow's Java client.");
  return false;
}

/** Runs the program; resolves to what it said, by the first word of each line. */
export async function runJava(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const classes = await compiled();
  const { stdout } = await run(
    "java",
    ["-cp", `${classes}:${join(classes, "lib", "*")}`, "GatewayProgram", ...args],
    {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
      timeout: 600_000,
    },
  );
  return Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ", 2) as [string, string]),
  );
}

async function compiled(): Promise<string> {
  const files = ["pom.xml", "GatewayProgram.java"].map((name) => join(SOURCES, name));
  const hash = createHash("sha256").update(files.map((file) => readFileSync(file, "utf8")).join());
  const folder = join(cacheFolder(), `mlflow-java-${hash.digest("hex").slice(0, 16)}`);
  const mark = join(folder, "ready");
  return await locked(`${folder}.lock`, async () => {
    if (existsSync(mark)) return folder;
    rmSync(folder, { recursive: true, force: true });
    const [pom = "", program = ""] = files;
    const copy = [
      "-q",
      "-B",
      "-f",
      pom,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${join(folder, "lib")}`,
    ];
    await run("mvn", copy, { timeout: 1_200_000 });
    await run("javac", ["-encoding", "UTF-8", "-cp", join(folder, "lib", "*"), "-d", folder, program]);
    writeFileSync(mark, "");
    return folder;
  });
}
