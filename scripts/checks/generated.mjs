/** Generated code is committed, so it must be what the generator makes of proto/ today. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "../install.mjs";
import { bin, tool } from "./tool.mjs";

/** Generates into a scratch folder and compares each folder made there with the committed one. */
export async function findStaleGenerated() {
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-gen-"));
  try {
    const made = await tool([...bin("@bufbuild/buf", "buf"), "generate", "--output", scratch]);
    if (made.outcome !== "ok") return made;
    const outs = [...readFileSync(join(root, "buf.gen.yaml"), "utf8").matchAll(/^\s+out:\s*(\S+)/gm)];
    const results = outs.map(([, out]) => compareFolders(join(scratch, out), join(root, out)));
    const files = results.reduce((sum, result) => sum + result.files, 0);
    const stale = results.flatMap((result) => result.stale);
    if (files === 0) return { outcome: "failed", output: "the generator made no file" };
    if (stale.length === 0) return { outcome: "ok", note: `${files} files` };
    return { outcome: "failed", output: `${stale.join("\n")}\nrun: npm run generate` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What differs between a folder that was made and the one that is committed. */
export function compareFolders(made, committed) {
  const wanted = filesOf(made);
  const present = filesOf(committed);
  const folder = relative(root, committed);
  const stale = [];
  for (const [path, text] of wanted) {
    if (!present.has(path)) stale.push(`missing: ${folder}/${path}`);
    else if (present.get(path) !== text) stale.push(`differs: ${folder}/${path}`);
  }
  for (const path of present.keys()) if (!wanted.has(path)) stale.push(`left over: ${folder}/${path}`);
  return { files: wanted.size, stale };
}

function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(folder, path), readFileSync(path, "utf8")];
      }),
  );
}
