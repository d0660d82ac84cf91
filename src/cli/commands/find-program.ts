/** Whether a program is there to be run, as a shell looks for it. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isCode } from "../../errors/system-code.js";
import type { Environment } from "../../home/endpoint.js";

/** Where programs are looked for while no PATH is set. */
export const PATH_ELSE = "/usr/local/bin:/usr/bin:/bin";

/** Why it can't be run; undefined where it seems that it can. */
export function missingProgram(
  program: string,
  { PATH = PATH_ELSE }: Environment,
): "ENOENT" | "EACCES" | undefined {
  // Windows adds endings to names.
  if (process.platform === "win32") return undefined;
  if (program === "") return "ENOENT";
  const folders = program.includes("/") ? [""] : PATH.split(delimiter);
  const found = folders.map((folder) => look(folder === "" ? program : join(folder, program)));
  if (found.includes(undefined)) return undefined;
  return found.includes("EACCES") ? "EACCES" : "ENOENT";
}

function look(file: string): "ENOENT" | "EACCES" | undefined {
  try {
    if (!statSync(file).isFile()) return "EACCES";
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return isCode(error, "EACCES") ? "EACCES" : "ENOENT";
  }
}
