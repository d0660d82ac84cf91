/**
 * Builds the driver of the conformance suite, unless it is that of the sources as they are: its classes, and a file with
 * the arguments that java takes to run it. Half of what a driver's life takes of the processor is reading and checking
 * classes, so it ends with an archive of them as they are in memory, which java takes of a class path of jars alone.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { quickJava } from "../../../scripts/java.mjs";
import { compiled, compiledOf, makeUnlessMade } from "../maven.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const out = join(here, "../../../build/conformance/java-driver");
const archive = `${out}.jsa`;
const source = join(here, "Driver.java");
/** What the archive's classes are for. */
const life = [
  { do: "start_run", run: "a" },
  { do: "log_many", run: "a", key: "k", count: 10 },
  { do: "log_param", run: "a", key: "p", value: "1" },
  { do: "end_run", run: "a" },
  { do: "flush", seconds: 1 },
  { do: "close", seconds: 0.1 },
];
const classPath = compiled();

/** Runs an action while something listens that takes calls and never answers one. */
function withSilentDaemon(action) {
  const folder = mkdtempSync(join(tmpdir(), "stepwell-java-"));
  const socket = join(folder, "s.sock");
  const script = `require("node:http2").createServer(() => {}).listen(${JSON.stringify(socket)})`;
  const daemon = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  try {
    // Whoever comes too early sees fewer classes, and that is all.
    for (let waitedMs = 0; waitedMs < 10_000 && !existsSync(socket); waitedMs += 20)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    action(`unix:${socket}`);
  } finally {
    daemon.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

mkdirSync(out, { recursive: true });
const made = [source, fileURLToPath(import.meta.url)].map((file) => readFileSync(file, "utf8"));
makeUnlessMade(`${out}.stamp`, [...made, classPath, compiledOf()], () => {
  const quick = quickJava.map((option) => `-J${option}`);
  execFileSync("javac", [...quick, "-encoding", "UTF-8", "-proc:none", "-cp", classPath, "-d", out, source]);
  const [classes = "", ...jars] = classPath.split(delimiter);
  execFileSync("jar", [...quick, "cf0", `${out}.jar`, "-C", out, ".", "-C", classes, "."]);
  const options = [...quickJava, "-cp", [`${out}.jar`, ...jars].join(delimiter)];
  rmSync(archive, { force: true });
  // Java 11 and 12 know no such archive.
  const archiving = ["-XX:+IgnoreUnrecognizedVMOptions", `-XX:ArchiveClassesAtExit=${archive}`];
  withSilentDaemon((endpoint) =>
    execFileSync("java", [...options, ...archiving, "Driver", `${out}.args`], {
      input: `${life.map((command) => JSON.stringify(command)).join("\n")}\n`,
      env: { ...process.env, STEPWELL_ENDPOINT: endpoint, STEPWELL_QUIET: "1" },
      stdio: ["pipe", "ignore", "ignore"],
    }),
  );
  const archived = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
  const words = [...archived, ...options].map((word) => `"${word.replaceAll("\\", "\\\\")}"`);
  writeFileSync(`${out}.args`, `${words.join(" ")}\nDriver ${out}.args\n`);
});
