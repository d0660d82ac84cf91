import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const COMMAND = join(ROOT, "build/stepwell.js");
let ready: Promise<string> | undefined;

/** The bundled command, made first, with the daemon, when the sources are newer than it. */
export function ensureBundle(): Promise<string> {
  ready ??= makeBundle();
  return ready;
}

async function makeBundle(): Promise<string> {
  if (!isFresh()) await promisify(execFile)(process.execPath, [join(ROOT, "scripts/bundle.mjs")]);
  return COMMAND;
}

function isFresh(): boolean {
  const built = statSync(COMMAND, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const folder = join(ROOT, "src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
    join(folder, name),
  );
  return sources.every((source) => statSync(source).mtimeMs <= built);
}
