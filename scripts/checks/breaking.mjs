/** The protocol is compared with the last release, so that one minor older always works. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { bin, linesOf, tool } from "./tool.mjs";

/** Fails on a change of proto/ that clients of the last release tag (vN.N.N) would not survive. */
export async function findBreakingChanges() {
  if (!existsSync(join(root, ".git")))
    return { outcome: "skipped", output: "not a git clone: no release to compare with" };
  const tags = await linesOf([
    "git",
    "tag",
    "--list",
    "v[0-9]*",
    "--merged",
    "HEAD",
    "--sort=-version:refname",
  ]);
  const release = tags.find((tag) => /^v\d+\.\d+\.\d+$/.test(tag));
  if (release === undefined) {
    return { outcome: "skipped", output: "no release tag (vN.N.N) yet: nothing was compared" };
  }
  const result = await tool([...bin("@bufbuild/buf", "buf"), "breaking", "--against", `.git#tag=${release}`]);
  return { ...result, note: `compared with ${release}` };
}
