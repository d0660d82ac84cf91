/**
 * Builds the driver of the conformance suite, unless it is that of the sources as they are: its classes, and a file with
 * the arguments that java takes to run it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { quickJava } from "../../../scripts/java.mjs";
import { compiled, compiledOf, makeUnlessMade } from "../maven.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const out = join(here, "../../../build/conformance/java-driver");
const source = join(here, "Driver.java");
const classPath = compiled();

mkdirSync(out, { recursive: true });
makeUnlessMade(`${out}.stamp`, [readFileSync(source, "utf8"), classPath, compiledOf()], () => {
  const quick = quickJava.map((option) => `-J${option}`);
  execFileSync("javac", [...quick, "-encoding", "UTF-8", "-proc:none", "-cp", classPath, "-d", out, source]);
  const path = `"${[out, classPath].join(delimiter).replaceAll("\\", "\\\\")}"`;
  writeFileSync(`${out}.args`, `${quickJava.join(" ")} -cp ${path}\nDriver ${out}.args\n`);
});
