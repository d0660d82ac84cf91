/**
 * Runs the bundled command once, with no daemon to be found, and keeps V8's code of what ran in
 * a file beside it: FILE.cache.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";

const [, , filename] = process.argv;
const nowhere = join(tmpdir(), `stepwell-nowhere-${process.pid}`);
process.env.STEPWELL_HOME = nowhere;
process.env.STEPWELL_ENDPOINT = `unix:${nowhere}/none`;
process.argv = [process.execPath, "stepwell", "status"];
const script = new Script(readFileSync(filename, "utf8"), { filename });
process.stderr.write = () => true;
process.on("exit", (code) => {
  // 3: no daemon.
  process.exitCode = code === 3 ? 0 : 1;
  const draft = `${filename}.cache.${process.pid}`;
  writeFileSync(draft, script.createCachedData());
  renameSync(draft, `${filename}.cache`);
});
script.runInThisContext()(createRequire(filename), filename);
