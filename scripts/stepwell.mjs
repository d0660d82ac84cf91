#!/usr/bin/env node
/** What `npm install FOLDER` and `npx` start of a clone. npm makes no command of a file that is not there yet. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const command = new URL("../build/stepwell.js", import.meta.url);
if (existsSync(command)) await import(command.href);
else {
  const clone = fileURLToPath(new URL("..", import.meta.url));
  console.error(
    `error: Stepwell is not built yet. Build it: cd '${clone.replaceAll("'", "'\\''")}' && npm run build`,
  );
  process.exitCode = 1;
}
