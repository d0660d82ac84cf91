/**
 * Makes the Java classes from proto/ into a folder, `src/main/java` unless another one is given. The generators are
 * artefacts of Maven Central, of the versions that pom.xml names, kept between runs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mavenOptions } from "./maven.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = join(here, "../..");
const pom = readFileSync(join(here, "pom.xml"), "utf8");
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "stepwell-tests",
  "java-generators",
);
/** Below src/main/java. */
export const GENERATED = "io/stepwell/v1";

const os = { darwin: "osx", win32: "windows" }[process.platform] ?? "linux";
const cpu = { arm64: "aarch_64" }[process.arch] ?? "x86_64";

function versionOf(name) {
  return new RegExp(`<${name}>(.+)</${name}>`).exec(pom)?.[1];
}

/** A program of Maven Central's, as a path. Throws where Maven is lacking, or has no such thing. */
function program(group, artifact, version) {
  const file = `${artifact}-${version}-${os}-${cpu}.exe`;
  const path = join(cache, file);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const part = join(cache, `part-${process.pid}`);
  const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
  const wanted = `-Dartifact=${group}:${artifact}:${version}:exe:${os}-${cpu}`;
  execFileSync("mvn", ["-q", "-B", copy, wanted, `-DoutputDirectory=${part}`], {
    cwd: tmpdir(),
    env: { ...process.env, MAVEN_OPTS: process.env.MAVEN_OPTS ?? mavenOptions },
  });
  chmodSync(join(part, file), 0o755);
  renameSync(join(part, file), path);
  rmSync(part, { recursive: true });
  return path;
}

/** Makes all classes in a folder, whose generated package is emptied first. */
export function generate(out) {
  const protoc = program("com.google.protobuf", "protoc", versionOf("protoc.version"));
  const plugin = program("io.grpc", "protoc-gen-grpc-java", versionOf("grpc.version"));
  const template = {
    version: "v2",
    // Clients speak to a daemon; daemons alone speak to relays, and what shows runs is no client that logs.
    inputs: [
      {
        directory: ".",
        exclude_paths: [
          "proto/stepwell/v1/relay.proto",
          "proto/stepwell/v1/bundles.proto",
          "proto/stepwell/v1/curves.proto",
        ],
      },
    ],
    plugins: [
      { protoc_builtin: "java", protoc_path: protoc, out },
      { local: plugin, out, opt: ["@generated=omit"] },
    ],
  };
  rmSync(join(out, GENERATED), { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `template-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(template));
  const buf = join(root, "node_modules/@bufbuild/buf/bin/buf");
  try {
    execFileSync(process.execPath, [buf, "generate", "--template", file], { cwd: root, stdio: "pipe" });
  } finally {
    rmSync(file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  generate(process.argv[2] ?? join(here, "src/main/java"));
