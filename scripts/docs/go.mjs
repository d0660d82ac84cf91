/** The reference of the Go client, and its samples for its README. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goModule } from "../go.mjs";
import { root } from "../install.mjs";

/** Every exported name with its declaration and what it says of itself. */
export function describeGo() {
  const program = join(root, "scripts/docs/go_reference.go");
  const { functions, types } = JSON.parse(
    execFileSync("go", ["run", program, goModule], { encoding: "utf8", cwd: root }),
  );
  if (functions.length < 5 || types.length < 5) throw new Error("the Go client's names were not found");
  return [
    "## Functions",
    ...functions.map((one) => entry("###", one)),
    "## Types",
    ...types.flatMap(({ members = [], ...one }) => [
      entry("###", one),
      ...members.map((member) => entry("####", member)),
    ]),
  ].join("\n\n");
}

function entry(level, { name, signature, text }) {
  return `${level} ${name}\n\n\`\`\`text\n${signature}\n\`\`\`${text === "" ? "" : `\n\n${text}`}`;
}

/** A sample as it is compiled and run by the client's tests. */
export const goSample = (name) => () => {
  const text = readFileSync(join(goModule, "examples", name, "main.go"), "utf8");
  return `\`\`\`go\n${text}\`\`\``;
};
