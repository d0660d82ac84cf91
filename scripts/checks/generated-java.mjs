/** The Java client's generated code is committed, so it must be what its generators make of proto/ today. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GENERATED, generate } from "../../clients/java/generate.mjs";
import { root } from "../install.mjs";
import { hasJava, javaNeeds } from "../java.mjs";
import { compareFolders } from "./generated.mjs";

const committed = join(root, "clients/java/src/main/java", GENERATED);

/** Generates into a scratch folder and compares what was made there with what is committed. */
export function findStaleJava() {
  if (!hasJava()) return { outcome: "skipped", required: true, output: `needs ${javaNeeds}` };
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-java-"));
  try {
    generate(scratch);
    const { files, stale } = compareFolders(join(scratch, GENERATED), committed);
    if (files === 0) return { outcome: "failed", output: "the generator made no file" };
    if (stale.length === 0) return { outcome: "ok", note: `${files} files` };
    return { outcome: "failed", output: `${stale.join("\n")}\nrun: node clients/java/generate.mjs` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
