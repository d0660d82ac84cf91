/** Is loaded into a daemon before it starts: at a SIGUSR2 it collects what is not used, and writes how many bytes are. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = join(process.env.STEPWELL_HOME, "heap-probe.json");

process.on("SIGUSR2", () => {
  // What typed arrays held outside the heap goes with the second one.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, arrayBuffers }));
    renameSync(`${file}.new`, file);
  });
});
