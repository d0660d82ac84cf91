/** Finds Go and runs it in the Go client's module. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./install.mjs";

/** The Go client's module. */
export const goModule = join(root, "clients/go");

/** What a machine needs for it. */
export const goNeeds = "Go >= 1.25 on the PATH";

/** Whether there is a Go that can build the module: an older one fetches the one that go.mod names, or says that it can't. */
export function hasGo() {
  return spawnSync("go", ["list", "-m"], { cwd: goModule, stdio: "ignore", timeout: 120_000 }).status === 0;
}
