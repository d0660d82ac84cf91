/**
 * The pages of the guide, with the parts in them that are made from the code. A part stands between
 * `<!-- made from the code: NAME -->` and `<!-- end of NAME -->`; what is around it is written by hand.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { findPython } from "../python.mjs";
import { listCommands } from "./commands.mjs";
import { listFiles, listVariables } from "./configuration.mjs";
import { listClientErrors, listErrors } from "./errors.mjs";
import { describeProtocol } from "./protocol.mjs";
import { describePython } from "./python.mjs";
import { describeTypescript } from "./typescript.mjs";

const FOLDER = "docs/guide";

/** What makes each part. One that needs Python is left as it is where there is none. */
const PARTS = {
  errors: { make: listErrors },
  "errors of the clients": { make: listClientErrors },
  variables: { make: listVariables },
  files: { make: listFiles },
  commands: { make: listCommands },
  python: { make: describePython, needsPython: true },
  typescript: { make: describeTypescript },
  protocol: { make: describeProtocol },
};

/**
 * Each page as it is committed and as it has to be, and what was lacking to make all of it. Throws where a part has no
 * page or two.
 */
export async function makeGuide() {
  const python = findPython();
  const parts = new Map();
  for (const [name, { make, needsPython }] of Object.entries(PARTS))
    if (!needsPython || python !== undefined) parts.set(name, (await make(python)).trim());
  const placed = [];
  const pages = readdirSync(join(root, FOLDER))
    .filter((name) => name.endsWith(".md"))
    .map((name) => {
      const path = `${FOLDER}/${name}`;
      const committed = readFileSync(join(root, path), "utf8");
      return { path, committed, made: fillParts(path, committed, parts, placed) };
    });
  const wrong = Object.keys(PARTS).filter((name) => placed.filter((one) => one === name).length !== 1);
  if (wrong.length > 0) throw new Error(`${FOLDER} has to have each part once: ${wrong.join(", ")}`);
  return { pages, lacking: python === undefined ? "needs Python >= 3.9 on the PATH" : undefined };
}

function fillParts(path, text, parts, placed) {
  return text.replace(
    /<!-- made from the code: ([a-z ]+) -->\n[\s\S]*?<!-- end of \1 -->/g,
    (whole, name) => {
      if (!(name in PARTS)) throw new Error(`${path}: there is no part ${name}`);
      placed.push(name);
      const made = parts.get(name);
      if (made === undefined) return whole;
      return `<!-- made from the code: ${name} -->\n\n${made}\n\n<!-- end of ${name} -->`;
    },
  );
}
