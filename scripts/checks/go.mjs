/** The Go client's sources are formatted, and its generated code is what the plugins of its go.mod make of proto/ today. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goNeeds, hasGo } from "../go.mjs";
import { root } from "../install.mjs";
import { compareFolders } from "./generated.mjs";
import { bin, tool } from "./tool.mjs";

const folder = "clients/go/internal/stepwellv1";

/** Fails where a Go file is not as gofmt has it. Skipped where there is no Go. */
export async function checkGoFormat() {
  if (!hasGo()) return { outcome: "skipped", required: true, output: `needs ${goNeeds}` };
  const { outcome, output } = await tool(["gofmt", "-l", "clients/go", "scripts"]);
  if (outcome !== "ok") return { outcome, output };
  if (output === "") return { outcome };
  return { outcome: "failed", output: `${output}run: gofmt -w clients/go scripts` };
}

/** Generates into a scratch folder and compares with what is committed. */
export async function findStaleGo() {
  if (!hasGo()) return { outcome: "skipped", required: true, output: `needs ${goNeeds}` };
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-go-"));
  try {
    const template = ["--template", "clients/go/buf.gen.yaml"];
    const made = await tool([...bin("@bufbuild/buf", "buf"), "generate", ...template, "--output", scratch]);
    if (made.outcome !== "ok") return made;
    const { files, stale } = compareFolders(join(scratch, folder), join(root, folder));
    if (files === 0) return { outcome: "failed", output: "the generator made no file" };
    if (stale.length === 0) return { outcome: "ok", note: `${files} files` };
    return { outcome: "failed", output: `${stale.join("\n")}\nrun: clients/go/generate.sh` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
