/** The Python client as pip leaves it: its sources, and beside them what tells other packages of it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./home.js";

/** The folders that have to be on a Python's path; writes what is missing into one that is empty. */
export function installedClient(folder: string): string[] {
  const project = readFileSync(join(ROOT, "clients/python/pyproject.toml"), "utf8");
  const told = join(folder, "stepwell-0.dist-info");
  mkdirSync(told, { recursive: true });
  writeFileSync(join(told, "METADATA"), "Metadata-Version: 2.1\nName: stepwell\nVersion: 0\n");
  writeFileSync(join(told, "entry_points.txt"), entryPointsIn(project));
  return [folder, join(ROOT, "clients/python/src")];
}

/** `[project.entry-points."GROUP"]` and what is below it, as pip writes it. */
function entryPointsIn(project: string): string {
  const groups = [...project.matchAll(/^\[project\.entry-points\."([^"]+)"\]\n((?:[\w-]+ = ".*"\n)+)/gm)];
  if (groups.length === 0) throw new Error("pyproject.toml has no entry points");
  return groups.map(([, group, lines = ""]) => `[${group}]\n${lines.replaceAll('"', "")}`).join("\n");
}
