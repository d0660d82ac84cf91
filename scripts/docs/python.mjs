/** The reference of the Python client, from its signatures and docstrings, and its samples for its README. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";

const client = join(root, "clients/python");

let answer;

/** What the client's sources say; see python_reference.py. */
async function askPython(python) {
  answer ??= JSON.parse(
    execFileSync(python, [join(root, "scripts/docs/python_reference.py"), join(client, "src")], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    }),
  );
  return answer;
}

/** Every public name with its signature and what it says of itself. */
export async function describePython(python) {
  const { functions, classes } = await askPython(python);
  if (functions.length < 20 || classes.length < 5)
    throw new Error("the Python client's names were not found");
  return [
    "## Functions",
    ...functions.map((one) => entry("###", one)),
    "## Classes",
    ...classes.map(classEntry),
  ].join("\n\n");
}

function classEntry({ members, fields, ...one }) {
  const listed = fields
    .map(({ name, annotation, text }) => `- \`${name}: ${annotation}\`${text === "" ? "" : `: ${text}`}`)
    .join("\n");
  return [
    entry("###", one),
    ...(listed === "" ? [] : [listed]),
    ...members.map((member) => entry("####", member)),
  ].join("\n\n");
}

function entry(level, { name, signature, text }) {
  return `${level} ${name}\n\n\`\`\`text\n${signature}\n\`\`\`${text === "" ? "" : `\n\n${text}`}`;
}

/** A sample as it is run by the client's tests. */
export const pythonSample = (name) => () =>
  `\`\`\`python\n${readFileSync(join(client, "examples", `${name}.py`), "utf8")}\`\`\``;
