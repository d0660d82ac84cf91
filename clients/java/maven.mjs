/** Maven, for whoever builds or tests this client: quiet, and offline once all that is needed was fetched. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quickJava } from "../../scripts/java.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
/** Where this client is built. */
export const BUILD = join(here, "../../build/clients/java");
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "stepwell-tests");
// Maven's own words are few; what tests print comes as it is.
const quiet = ["-q", "-B", "--no-transfer-progress", "-Dstyle.color=never", "-f", join(here, "pom.xml")];
const msMax = 30 * 60_000;
const lockMsMax = 10 * 60_000;
/** What Java is told for Maven. */
export const mavenOptions = quickJava.join(" ");

/** Tells which sources the client's classes are of. */
const stamp = join(BUILD, "stamp");

/** Runs Maven; answers whether it was well. */
export function maven(...args) {
  const pom = readFileSync(join(here, "pom.xml"), "utf8");
  const goals = args.filter((arg) => !arg.startsWith("-")).join(" ");
  const mark = join(cache, `maven-${hashOf([pom, goals])}`);
  const offline = existsSync(mark) ? ["-o"] : [];
  const { status, error } = spawnSync("mvn", [...quiet, ...offline, ...args], {
    cwd: here,
    // Without a language Java takes no name of a file but those in ASCII.
    env: { LC_ALL: "C.UTF-8", ...process.env, MAVEN_OPTS: process.env.MAVEN_OPTS ?? mavenOptions },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: msMax,
  });
  if (error !== undefined) console.log(`mvn can't be run: ${error.message}`);
  if (status === 0 && offline.length === 0) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(mark, "");
  }
  // What was fetched may be gone since.
  if (status !== 0 && offline.length > 0) rmSync(mark, { force: true });
  return status === 0;
}

/** Compiles the client unless its classes are those of the sources as they are, and answers its class path. Throws. */
export function compiled() {
  const classPath = join(BUILD, "classpath");
  const sources = [readFileSync(join(here, "pom.xml"), "utf8"), ...sourcesBelow(join(here, "src/main"))];
  makeUnlessMade(stamp, sources, () => {
    const fetch = [`-Dmdep.outputFile=${classPath}`, "-Dmdep.includeScope=runtime"];
    if (!maven("compile", "dependency:build-classpath", ...fetch))
      throw new Error("the Java client does not compile");
  });
  return [join(BUILD, "classes"), readFileSync(classPath, "utf8").trim()].join(
    process.platform === "win32" ? ";" : ":",
  );
}

/** Which state of the client is compiled. */
export const compiledOf = () => readFileSync(stamp, "utf8");

/**
 * Makes something unless a file says that it is made of these texts. The suites run side by side: one makes it, the
 * others wait.
 */
export function makeUnlessMade(file, texts, make) {
  const hash = hashOf(texts);
  locked(() => {
    if (existsSync(file) && readFileSync(file, "utf8") === hash) return;
    make();
    writeFileSync(file, hash);
  });
}

function locked(action) {
  const lock = `${BUILD}.lock`;
  mkdirSync(join(BUILD, ".."), { recursive: true });
  while (!tryLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    action();
  } finally {
    rmdirSync(lock);
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    // Whoever held it was killed.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > lockMsMax) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function sourcesBelow(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return paths.map((path) => path + readFileSync(path, "utf8"));
}

function hashOf(texts) {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
}
