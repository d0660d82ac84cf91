/** What nobody may do: writes lines of a byte each, syncs again where a sync failed, and says of each line that it is kept. */
import { fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const LINES = 200;
const file = process.argv[2] ?? "";
mkdirSync(dirname(file), { recursive: true });
const handle = openSync(file, "w");
const untilDone = (work: () => void): void => {
  for (;;) {
    try {
      return work();
    } catch {
      // It fails now and then.
    }
  }
};
for (const folder of [dirname(file), dirname(dirname(file))]) {
  const names = openSync(folder, "r");
  untilDone(() => fsyncSync(names));
}
for (let line = 1; line <= LINES; line++) {
  untilDone(() => void writeSync(handle, "x", line - 1));
  untilDone(() => fsyncSync(handle));
}
writeSync(1, `${LINES}\n`);
process.kill(process.pid, "SIGKILL");
