/**
 * What all clients have in common, made from `src/`: as data in clients/contract/, and as a module of each client, so
 * that none reads a file when it is loaded.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bin } from "../checks/tool.mjs";
import { SENTENCES } from "../docs/error-sentences.mjs";
import { loadSource } from "../docs/load-source.mjs";
import { root } from "../install.mjs";
import { goModule } from "./go.mjs";
import { javaClass } from "./java.mjs";
import { pythonModule } from "./python.mjs";
import { typescriptModule } from "./typescript.mjs";

const KEYS = "src/model/entry-text.ts";

/** Each file that is made, and of what. One of a language whose client is not there is left out. */
const FILES = [
  { path: "clients/contract/limits.json", make: ({ limits }) => json(limits) },
  { path: "clients/contract/errors.json", make: ({ errors }) => json(errors) },
  { path: "clients/python/src/stepwell/contract.py", make: pythonModule },
  { path: "clients/typescript/src/contract.ts", make: typescriptModule },
  { path: "clients/typescript/src/entry-text.ts", make: copyOfKeys },
  { path: "clients/go/internal/contract/contract.go", make: goModule, needs: "clients/go/go.mod" },
  {
    path: "clients/java/src/main/java/io/stepwell/Contract.java",
    make: javaClass,
    needs: "clients/java/pom.xml",
  },
];

/** Each file as it has to be and as it is committed; undefined where it is not there. */
export async function makeContract() {
  const contract = await readContract();
  return FILES.filter(({ needs }) => needs === undefined || existsSync(join(root, needs))).map(
    ({ path, make }) => {
      const committed = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined;
      return { path, committed, made: formatted(path, make(contract)) };
    },
  );
}

/** Limits, codes and sets of codes, from the tables of `src/`. */
async function readContract() {
  const { CLIENT_LIMITS } = await loadSource("src/model/client-limits.ts");
  const { ERRORS } = await loadSource("src/errors/table.ts");
  const { CLIENT_ERRORS, CODES_TOLD_BY_CLIENTS, CODE_SETS } = await loadSource("src/errors/client-table.ts");
  const codes = {};
  const add = (code, { remedy, retry }, toldBy) => {
    const meaning = SENTENCES[code];
    if (meaning === undefined) throw new Error(`Say what ${code} means in scripts/docs/error-sentences.mjs.`);
    codes[code] = { meaning, remedy, retry, told_by: toldBy };
  };
  for (const code of CODES_TOLD_BY_CLIENTS) add(code, ERRORS[code], ["client", "daemon"]);
  for (const [code, row] of Object.entries(CLIENT_ERRORS)) add(code, row, ["client"]);
  return { limits: CLIENT_LIMITS, errors: { codes, sets: CODE_SETS } };
}

function copyOfKeys() {
  const source = readFileSync(join(root, KEYS), "utf8").replace("./limits.js", "./contract.js");
  return `// Made from ${KEYS} by npm run generate.\n${source}`;
}

function json(value) {
  return JSON.stringify(value, undefined, 2);
}

/** Sources that Biome looks at are in its format. */
function formatted(path, text) {
  if (!/\.(json|ts)$/.test(path)) return text;
  const [command, ...args] = bin("@biomejs/biome", "biome");
  const { status, stdout, stderr } = spawnSync(command, [...args, "format", `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${path}: ${stderr}`);
  return stdout;
}
