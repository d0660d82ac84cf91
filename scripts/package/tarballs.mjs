/** The npm packages: what `npm install` takes. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../install.mjs";

/** Makes the package of command and daemon from its staged files. */
export function packApplication(staged, to) {
  pack(staged, to);
}

/** Makes the package of the client alone. */
export function packClient(to) {
  const client = join(root, "clients/typescript");
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", client]);
  pack(client, to);
}

/** Runs npm, or another program, in the repository; answers what it printed. */
export function run(program, args) {
  const { status, stdout, error } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? `code ${status}`}`);
  return stdout;
}

function pack(folder, to) {
  run("npm", ["pack", folder, "--pack-destination", to, "--silent"]);
}
