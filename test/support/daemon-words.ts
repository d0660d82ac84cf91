import { daemonCommand } from "../../src/cli/daemon/spawn.js";

/** What Node is given to run a daemon's program, as the command gives it: V8's code of it is of these flags. */
export function daemonWords(program: string): string[] {
  return [...daemonCommand([]).slice(1, -1), program];
}
