/** What one machine knows (its folders, the registry that it used) has no place in the repository. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { linesOf } from "./tool.mjs";

// Written with brackets so that this file does not match itself.
const machinePaths = /(?<![\w.~*-])[/](?:root|work|home[/][a-z]\w*|Users[/][A-Za-z]\w*)[/]/;
const registryHosts = /registry[.]npmjs|pypi[.]org[/]simple|files[.]pythonhosted[.]org|registry[.]yarnpkg/;
const lockfiles =
  /(?:^|[/])(?:package-lock[.]json|npm-shrinkwrap[.]json|yarn[.]lock|pnpm-lock[.]yaml|uv[.]lock|poetry[.]lock)$/;
const resolved = /"resolved": *"(?:https?|git|ssh)|https?:[/][/]\S*(?:[.]tgz|[.]whl|[.]tar[.]gz)/;

/** Fails on a machine's path or a registry's host in a file that git tracks or would track. */
export async function findUnportable() {
  if (!existsSync(join(root, ".git")))
    return { outcome: "skipped", output: "not a git clone: no list of files" };
  const paths = await linesOf(["git", "ls-files", "--cached", "--others", "--exclude-standard"]);
  const present = paths.filter((path) => existsSync(join(root, path)));
  const faults = present.flatMap((path) => faultsOf(path, readFileSync(join(root, path), "utf8")));
  const planted = faultsOf(
    "package-lock.json",
    `"resolved": "https://${"registry"}.npmjs.org/a.tgz" ${"/"}root/a`,
  );
  if (planted.length !== 3) return { outcome: "failed", output: `found ${planted} of 3 planted faults` };
  if (present.length === 0) return { outcome: "failed", output: "no file to look at" };
  if (faults.length > 0) return { outcome: "failed", output: faults.join("\n") };
  return { outcome: "ok", note: `${present.length} files` };
}

/** The faults of one file, each with its line. */
function faultsOf(path, text) {
  const rules = [
    [machinePaths, "a machine's path"],
    [registryHosts, "a registry's host"],
  ];
  if (lockfiles.test(path)) rules.push([resolved, "a resolved address in a lockfile"]);
  return text
    .split("\n")
    .flatMap((line, index) =>
      rules
        .filter(([pattern]) => pattern.test(line))
        .map(([, fault]) => `${path}:${index + 1}: ${fault}: ${line.trim().slice(0, 100)}`),
    );
}
