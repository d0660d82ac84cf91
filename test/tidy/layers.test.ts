import { existsSync, readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { layerFaultsOf, nameFaultsOf } from "./rules.js";
import { parseSource, readSources } from "./source.js";

test("the sources keep to the layers, and each package, the environment and the clock to its home", (t) => {
  const sources = readSources(["src"]);
  const crossing = sources.flatMap(({ path, imports }) =>
    imports.filter(({ what }) => what.startsWith("src/") && what.split("/")[1] !== path.split("/")[1]),
  );
  const packages = sources.flatMap(({ imports }) =>
    imports.filter(({ what }) => !/^(src\/|node:)/.test(what)),
  );
  t.true(sources.length >= 20, `looked at ${sources.length} files`);
  t.true(crossing.length >= 20, `looked at ${crossing.length} imports across folders`);
  t.true(packages.length >= 2, `looked at ${packages.length} imports of packages`);
  t.true(
    sources.flatMap(({ backendKinds }) => backendKinds).length >= 2,
    "its homes branch on a backend's kind",
  );
  t.deepEqual(sources.flatMap(layerFaultsOf), []);
  t.log(`${sources.length} files, ${crossing.length} imports across folders, ${packages.length} of packages`);
});

test("every file's name says what it is for", (t) => {
  const sources = readSources(["src", "test", "scripts", "clients/typescript"]);
  t.true(sources.length >= 20, `looked at ${sources.length} files`);
  t.deepEqual(sources.flatMap(nameFaultsOf), []);
});

test("every built file that a script names is there", (t) => {
  const named = readdirSync("scripts", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mjs"))
    .flatMap((name) => {
      const paths = readFileSync(`scripts/${name}`, "utf8").match(/\bbuild\/[\w./-]+\.js\b/g) ?? [];
      return paths.map((path) => ({ script: name, path }));
    });
  t.true(named.length >= 5, `looked at ${named.length} paths`);
  t.deepEqual(
    named.filter(({ path }) => !existsSync(path)),
    [],
  );
});

test("the TypeScript client stands alone: its own files and the packages that it declares", (t) => {
  const declared: unknown = JSON.parse(readFileSync("clients/typescript/package.json", "utf8"));
  const { dependencies } = declared as { dependencies: Record<string, string> };
  const imports = readSources(["clients/typescript/src"]).flatMap((source) => source.imports);
  const foreign = imports.filter(({ what }) => {
    const name = what
      .split("/")
      .slice(0, what.startsWith("@") ? 2 : 1)
      .join("/");
    return !/^(node:|clients\/typescript\/src\/)/.test(what) && !(name in dependencies);
  });
  t.true(imports.length > 0);
  t.deepEqual(foreign, []);
});

const faultsOf = (path: string, text: string) => {
  const source = parseSource(path, text);
  return [...nameFaultsOf(source), ...layerFaultsOf(source)];
};

const planted: readonly { why: string; path: string; text: string; fault: RegExp }[] = [
  {
    why: "a layer that imports one above it",
    path: "src/model/planted.ts",
    text: 'import { openStore } from "../store/store.js";',
    fault: /^src\/model\/planted\.ts:1: model may not import store\/store\.ts$/,
  },
  {
    why: "an upward import of types only",
    path: "src/store/planted.ts",
    text: '// first line\nimport type { Journal } from "../journal/journal.js";',
    fault: /^src\/store\/planted\.ts:2: store may not import journal/,
  },
  {
    why: "an upward import by re-export",
    path: "src/errors/planted.ts",
    text: 'export { Lane } from "../flush/lane.js";',
    fault: /errors may not import flush/,
  },
  {
    why: "an upward import at run time",
    path: "src/journal/planted.ts",
    text: 'export const load = () => import("../daemon/main.js");',
    fault: /journal may not import daemon/,
  },
  {
    why: "an import whose module is computed",
    path: "src/journal/planted.ts",
    text: "export const load = (path: string) => import(path);",
    fault: /^src\/journal\/planted\.ts:1: an import names its module/,
  },
  {
    why: "an upward import as a worker's URL",
    path: "src/journal/planted.ts",
    text: 'export const url = new URL("../sinks/mlflow-sqlite/worker.js", import.meta.url);',
    fault: /journal may not import sinks/,
  },
  {
    why: "a flusher that knows one sink",
    path: "src/flush/planted.ts",
    text: 'import { openSink } from "../sinks/mlflow-sqlite/sqlite-sink.js";',
    fault: /flush may not import sinks\/mlflow-sqlite/,
  },
  {
    why: "a sink that knows another",
    path: "src/sinks/mlflow-rest/planted.ts",
    text: 'import { schema } from "../mlflow-sqlite/schema.js";',
    fault: /sinks\/mlflow-rest may not import sinks\/mlflow-sqlite/,
  },
  {
    why: "a command that reaches into the daemon",
    path: "src/cli/planted.ts",
    text: 'import { compose } from "../daemon/compose.js";',
    fault: /cli may not import daemon\/compose/,
  },
  {
    why: "a package required from elsewhere",
    path: "src/flush/planted.ts",
    text: 'const require = createRequire(import.meta.url);\nexport const Database = require("libsql");',
    fault: /^src\/flush\/planted\.ts:2: libsql may be imported in/,
  },
  {
    why: "a package away from its home",
    path: "src/flush/planted.ts",
    text: 'import { Level } from "level";',
    fault: /level may be imported in store, journal only/,
  },
  {
    why: "a package's inner path away from its home",
    path: "src/store/planted.ts",
    text: 'import { credentials } from "@grpc/grpc-js/build/src/index.js";',
    fault: /@grpc\/grpc-js may be imported in/,
  },
  {
    why: "a package without a home",
    path: "src/model/planted.ts",
    text: 'import chunk from "lodash/chunk.js";',
    fault: /lodash has no home/,
  },
  {
    why: "a folder that is no layer",
    path: "src/extras/planted.ts",
    text: "export const one = 1;",
    fault: /extras is not a layer/,
  },
  {
    why: "the environment, read away from its home",
    path: "src/ingest/planted.ts",
    text: "export const home = process.env.HOME;",
    fault: /process\.env is read in/,
  },
  {
    why: "the environment by its own import",
    path: "src/ingest/planted.ts",
    text: 'import { env } from "node:process";\nexport const home = env.HOME;',
    fault: /is read in src\/home\/config\.ts/,
  },
  {
    why: "the wall clock by Date.now",
    path: "src/flush/planted.ts",
    text: "export const soon = () => Date.now() + 1;",
    fault: /Date\.now is read in src\/home\/clock\.ts/,
  },
  {
    why: "the monotonic clock away from its home",
    path: "src/journal/planted.ts",
    text: "export const soon = () => performance.now() + 1;",
    fault: /performance\.now is read in src\/home\/clock\.ts/,
  },
  {
    why: "the wall clock by new Date()",
    path: "src/flush/planted.ts",
    text: "export const now = () => new Date();",
    fault: /new Date\(\) is read in/,
  },
  {
    why: "a branch on a backend's kind",
    path: "src/api/planted.ts",
    text: 'export const isFile = (target: Target) => target.backend.kind === "sqlite";',
    fault: /^src\/api\/planted\.ts:1: target\.backend\.kind decides in src\/model\/target\.ts/,
  },
  {
    why: "a switch over a backend's kind",
    path: "src/flush/planted.ts",
    text: "export function keyOf(backend: Backend) {\n  switch (backend.kind) {\n  }\n}",
    fault: /^src\/flush\/planted\.ts:2: backend\.kind decides in/,
  },
  {
    why: "a name that says nothing",
    path: "src/model/string-utils.ts",
    text: "export const one = 1;",
    fault: /does not say what it is for/,
  },
];

for (const { why, path, text, fault } of planted) {
  test(`the rules catch ${why}`, (t) => {
    const faults = faultsOf(path, text);
    t.is(faults.length, 1, faults.join("\n"));
    t.regex(faults[0] ?? "", fault);
  });
}

test("the rules leave alone what keeps to them", (t) => {
  const text = [
    "// Date.now() and process.env in a comment",
    'import { readFile } from "node:fs/promises";',
    'import { StepwellError } from "../errors/stepwell-error.js";',
    'import type { Sink } from "../sinks/sink.js";',
    'export const said = "process.env";',
    "export const then = new Date(0);",
    "export { readFile, StepwellError, type Sink };",
  ].join("\n");
  t.deepEqual(faultsOf("src/flush/planted.ts", text), []);
});

test("a file that is not TypeScript stops the check instead of passing it", (t) => {
  t.throws(() => parseSource("src/model/planted.ts", "import { from"));
});
