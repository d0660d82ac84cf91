/**
 * The pages of the guide, with the parts in them that are made from the code. A part stands between
 * `<!-- made from the code: NAME -->` and `<!-- end of NAME -->`; what is around it is written by hand.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { goNeeds, hasGo } from "../go.mjs";
import { root } from "../install.mjs";
import { hasJava, javaNeeds } from "../java.mjs";
import { findPython } from "../python.mjs";
import { listCommands } from "./commands.mjs";
import { listFiles, listVariables } from "./configuration.mjs";
import { listConformance } from "./conformance.mjs";
import { listClientErrors, listErrors } from "./errors.mjs";
import { describeGo, goSample } from "./go.mjs";
import { describeJava, javaSample } from "./java.mjs";
import { listMetrics } from "./metrics.mjs";
import { describeProtocol } from "./protocol.mjs";
import { describePython, pythonSample } from "./python.mjs";
import { describeTypescript, typescriptSample } from "./typescript.mjs";

const FOLDER = "docs/guide";
/** Pages elsewhere that have a part. */
const READMES = [
  "README.md",
  "clients/go/README.md",
  "clients/java/README.md",
  "clients/python/README.md",
  "clients/typescript/README.md",
];

/** What makes each part. One that needs a tool is left as it is where there is none. */
const PARTS = {
  errors: { make: listErrors },
  "errors of the clients": { make: listClientErrors },
  variables: { make: listVariables },
  files: { make: listFiles },
  commands: { make: listCommands },
  python: { make: describePython, needs: "python" },
  "python sample that trains": { make: pythonSample("train_and_log") },
  "python sample that watches": { make: pythonSample("watch_run") },
  "python sample that registers": { make: pythonSample("register_tracker") },
  go: { make: describeGo, needs: "go" },
  "go sample that trains": { make: goSample("train") },
  "go sample that watches": { make: goSample("watch") },
  "go sample that registers": { make: goSample("register") },
  java: { make: describeJava, needs: "java" },
  "java sample that trains": { make: javaSample("TrainAndLog") },
  "java sample that watches": { make: javaSample("WatchRun") },
  "java sample that registers": { make: javaSample("RegisterTracker") },
  typescript: { make: describeTypescript },
  "typescript sample that trains": { make: typescriptSample("train-and-log") },
  "typescript sample that watches": { make: typescriptSample("watch-run") },
  "typescript sample that registers": { make: typescriptSample("register-tracker") },
  protocol: { make: describeProtocol },
  conformance: { make: listConformance },
  "metrics of a daemon": { make: listMetrics("src/metrics/daemon-metrics.ts", "DAEMON_METRICS") },
  "metrics of a relay": { make: listMetrics("src/metrics/relay-metrics.ts", "RELAY_METRICS") },
};

/**
 * Each page as it is committed and as it has to be, and what was lacking to make all of it. Throws where a part has no
 * page or two.
 */
export async function makeGuide() {
  const python = findPython();
  const lacking = new Map();
  if (python === undefined) lacking.set("python", "needs Python >= 3.9 on the PATH");
  if (!hasJava()) lacking.set("java", `needs ${javaNeeds}`);
  if (!hasGo()) lacking.set("go", `needs ${goNeeds}`);
  const parts = new Map();
  for (const [name, { make, needs }] of Object.entries(PARTS))
    if (!lacking.has(needs)) parts.set(name, (await make(python)).trim());
  const placed = [];
  const guide = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith(".md"));
  const pages = [...guide.map((name) => `${FOLDER}/${name}`), ...READMES].map((path) => {
    const committed = readFileSync(join(root, path), "utf8");
    return { path, committed, made: fillParts(path, committed, parts, placed) };
  });
  const wrong = Object.keys(PARTS).filter((name) => placed.filter((one) => one === name).length !== 1);
  if (wrong.length > 0) throw new Error(`The pages have to have each part once: ${wrong.join(", ")}`);
  return { pages, lacking: lacking.size > 0 ? [...lacking.values()].join("; ") : undefined };
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
