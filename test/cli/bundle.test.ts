import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { ensureBundle } from "../support/bundle.js";

const GRPC = "@grpc/grpc-js/build/src";

test("what the command loads before a command is chosen holds no gRPC", async (t) => {
  const entry = await ensureBundle();
  const files = loadedAtOnce(entry);
  t.true(files.size >= 2, [...files].join(" "));
  for (const file of files) t.false(readFileSync(file, "utf8").includes(GRPC), file);
  const parts = join(dirname(entry), "stepwell");
  const withGrpc = readdirSync(parts).filter((name) =>
    readFileSync(join(parts, name), "utf8").includes(GRPC),
  );
  t.true(withGrpc.length > 0, "the test knows gRPC when it sees it");
});

/** The file and all that it imports other than by import(). */
function loadedAtOnce(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) {
    loadedAtOnce(join(dirname(file), path ?? ""), seen);
  }
  return seen;
}
