/** Runs a tool of node_modules without npx, which would look on the network for what is missing. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "../install.mjs";

const toolMsMax = 5 * 60_000;

/** The command line of a package's own command. Throws when the package does not have it. */
export function bin(packageName, command = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const path = typeof bins === "string" ? bins : bins[command];
  if (path === undefined) throw new Error(`${packageName} has no command ${command}`);
  return [process.execPath, join(folder, path)];
}

/** Runs a command in the repository's folder: ok when it exits 0, else failed with all that it printed. */
export function tool([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: toolMsMax });
    let output = "";
    const take = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.once("error", (error) => resolve({ outcome: "failed", output: error.message }));
    child.once("close", (code, signal) => {
      const text = stripVTControlCharacters(output);
      if (code === 0) resolve({ outcome: "ok", output: text });
      else resolve({ outcome: "failed", output: `${text}${command} ended with ${signal ?? code}\n` });
    });
  });
}

/** A tool's standard output by lines. Throws with what it printed when it fails. */
export async function linesOf(command) {
  const { outcome, output } = await tool(command);
  if (outcome !== "ok") throw new Error(output);
  return output.split("\n").filter((line) => line !== "");
}
