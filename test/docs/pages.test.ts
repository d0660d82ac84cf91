/** What the guide and the READMEs show is typed, page by page, and answers what they say. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import ava, { type ExecutionContext } from "ava";
import { homeOf } from "../../src/home/endpoint.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { installedClient } from "../support/installed-client.js";
import { blocksOf, isAnswer, resultsOf, scriptOf, type TypedBlock, typedOf } from "../support/page-blocks.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX, pythonEnvironment } from "../support/python-environment.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { placeShellCommand } from "../support/shell-command.js";
import { serialTestWith } from "../support/test-with.js";

const ROOT = join(import.meta.dirname, "../../..");
const INDEX = "docs/README.md";
const READMES = [
  "README.md",
  "clients/python/README.md",
  "clients/typescript/README.md",
  "clients/go/README.md",
  "clients/java/README.md",
];
const PAGE_MS_MAX = 300_000;

/** Why a block may be left out: all reasons there are. */
const REASONS: readonly string[] = [
  "installs packages",
  "makes packages, for minutes",
  "the suite itself",
  "trains for half a minute, and has a test of its own",
  "asks at a terminal",
  "needs a Databricks workspace",
  "needs a container engine",
  "needs a SLURM cluster",
  "needs a Kubernetes cluster",
  "needs an MLflow that was installed",
  "stays until it is ended",
  "a fragment",
];

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The guide's pages as its index has them. */
function guidePages(): string[] {
  return [...read(INDEX).matchAll(/\]\((guide\/[\w-]+\.md)\)/g)].map(([, path = ""]) => `docs/${path}`);
}

const allPages = () => [...READMES, INDEX, ...guidePages()];
const blocksIn = (page: string) => blocksOf(page, read(page));

ava("the index names each page of the guide once", (t) => {
  const there = readdirSync(join(ROOT, "docs/guide")).map((name) => `docs/guide/${name}`);
  t.deepEqual(guidePages().sort(), there.sort());
});

ava("each link of the guide and the READMEs leads somewhere", (t) => {
  const links = allPages().flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)/g)].map(
      ([, path, anchor]) => [page, path ?? "", anchor] as const,
    ),
  );
  t.true(links.length > 40, `${links.length} links`);
  // One way to write a link: what is written in another is not looked at.
  for (const page of allPages()) t.notRegex(read(page), /^ *\[[^\]]+\]: |<a [^>]*href/m, page);
  for (const [page, path, anchor] of links) {
    const target = path === "" ? page : join(dirname(page), path);
    const found = isThere(target);
    t.true(found, `${page} links to ${target}`);
    if (!found || anchor === undefined || !target.endsWith(".md")) continue;
    t.true(anchorsOf(read(target)).includes(anchor), `${page} links to ${target}#${anchor}`);
  }
});

ava("each block is run, or says with one of a few reasons why not", (t) => {
  const blocks = allPages().map(blocksIn);
  t.deepEqual(
    blocks.flatMap((each) => typedOf(each).faults),
    [],
  );
  const given = blocks
    .flat()
    .flatMap(({ page, line, reason }) =>
      reason === undefined || REASONS.includes(reason) ? [] : [`${page}:${line}: ${reason}`],
    );
  t.deepEqual(given, []);
  const used = new Set(blocks.flat().map(({ reason }) => reason));
  t.deepEqual(
    REASONS.filter((reason) => !used.has(reason)),
    [],
    "a reason that nothing has",
  );
});

ava("a block that is not typed is found, an answer that differs is told", (t) => {
  const fence = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\`\n`;
  const page = `${fence("sh", "echo a")}${fence("text", "a")}${fence("yaml", "a: b")}${fence("python", "# a.py")}`;
  const { typed, faults } = typedOf(blocksOf("p", page));
  t.deepEqual(faults, ["p:7: a block of yaml is neither run nor says why not", "p:10: nothing uses a.py"]);
  t.is(typed[0]?.answer, "a\n");
  t.true(isAnswer("Run … logs.\n…\nend\n", "Run  1 logs.\nx\ny\nend\n"));
  t.false(isAnswer("Run … logs.\n", "Run 1 logs.\nmore\n"));
  t.false(isAnswer("a\n", "b\n"));
  t.true(isAnswer("a\n", "0 points delivered...\na\n"), "a slow machine shows progress");
});

serialTestWith(MLFLOW_3)("what the pages show works as it is typed", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const server = await ScriptedMlflow.start(t, { greets: true });
  // Pages that set a home of their own start its daemon there; it is ended on the page, or here.
  t.teardown(() => endDaemonsBelow(join(home.paths.home, "..")));
  const env = await readersEnvironment(t, home);
  const faults: string[] = [];
  for (const page of allPages()) {
    const { typed } = typedOf(blocksIn(page));
    if (typed.length > 0) faults.push(...(await typePage(page, typed, home, { ...env, SERVER: server.url })));
  }
  t.deepEqual(faults, []);
  saysWhatAre(t, await readdir(home.paths.home));
});

ava("whatever a source names in a home is in the configuration's table", (t) => {
  const { home, socketFolders: _, ...paths } = homeOf({ STEPWELL_HOME: "/nowhere" });
  const inHome = Object.values(paths)
    .map((path) => relative(home, path).split("/")[0] ?? "")
    .filter((name) => name !== "..");
  const sources = ["src", "clients/python/src", "clients/typescript/src"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|py)$/.test(name))
      .map((name) => read(`${folder}/${name}`)),
  );
  const joined = sources.flatMap((text) =>
    [...text.matchAll(/join\((?:[\w.#]+\.)?home, "([\w.-]+)"/g)].map(([, name = ""]) => name),
  );
  t.true(joined.length > 15, `${joined.length} names`);
  saysWhatAre(t, [...inHome, ...joined]);
});

/** Whether each name has a row of the table of a home's files. */
function saysWhatAre(t: ExecutionContext, names: readonly string[]): void {
  const [, table = ""] =
    /made from the code: files -->(.*)<!-- end of files/s.exec(read("docs/guide/configuration.md")) ?? [];
  const told = new Set([...table.matchAll(/^\| `([\w.-]+)[`/]/gm)].map(([, name]) => name));
  t.deepEqual(
    [...new Set(names)].filter((name) => !told.has(name)),
    [],
    "configuration.md does not say what it is",
  );
}

/** Types the blocks of a page; answers what is not as it says. */
async function typePage(
  page: string,
  typed: readonly TypedBlock[],
  home: ScratchHome,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const folder = join(home.paths.home, "..", page.replaceAll("/", "-"));
  await mkdir(folder, { recursive: true });
  // The addresses that pages use for a server are of one that answers.
  const here = (text: string) => text.replaceAll("https://mlflow.example.com", env["SERVER"] ?? "");
  const script = here(scriptOf(typed));
  await writeFile(join(folder, "page.sh"), script);
  const output = await outputOf(join(folder, "page.sh"), folder, env);
  return resultsOf(typed, output).flatMap(({ block, said, failed }) => {
    const where = `${page}:${block.line}`;
    if (failed.length > 0) return [`${where}: ${failed.join("; ")} failed:\n${said}`];
    if (block.answer === undefined || isAnswer(here(block.answer), said)) return [];
    return [`${where} answers\n${said}\nand not\n${block.answer}`];
  });
}

/** All that the script says. What still runs after a while is ended, with all that it started. */
async function outputOf(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn("bash", [script], { cwd, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), PAGE_MS_MAX);
  let output = "";
  for await (const text of child.stdout.setEncoding("utf8")) output += text;
  clearTimeout(timer);
  // What a page left in the background.
  if (child.pid !== undefined && isGroup(child.pid)) process.kill(-child.pid, "SIGKILL");
  return output;
}

function isGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** What a reader has: the command, a Python and a Node with the clients, and a folder of their own. */
async function readersEnvironment(t: ExecutionContext, home: ScratchHome): Promise<Record<string, string>> {
  const folder = join(home.paths.home, "..");
  const bin = join(folder, "bin");
  const packages = join(folder, "node_modules/stepwell-client");
  for (const each of [bin, packages, join(folder, "user")]) await mkdir(each, { recursive: true });
  const python = await pythonEnvironment(MLFLOW_3);
  const path = installedClient(join(folder, "site")).join(":");
  const programs = {
    npx: `test "$1" = stepwell && shift && exec stepwell "$@"`,
    python: `PYTHONPATH='${path}' exec '${python}' "$@"`,
    python3: `PYTHONPATH='${path}' exec '${python}' "$@"`,
    systemctl: 'echo systemctl "$@" >>"$HOME/systemctl.log"',
  };
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(bin, name), 0o755);
  }
  await placeShellCommand(t, join(bin, "stepwell"), join(ROOT, "build/stepwell.js"));
  const { name, type } = JSON.parse(read("clients/typescript/package.json")) as Record<string, string>;
  await writeFile(join(packages, "package.json"), JSON.stringify({ name, type, exports: "./dist/index.js" }));
  await symlink(join(ROOT, "build/clients/typescript/src"), join(packages, "dist"));
  return {
    ...home.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    HOME: join(folder, "user"),
    STEPWELL_QUIET: "0",
  };
}

function endDaemonsBelow(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((each) => each.endsWith("endpoint.json"))) {
    const { pid } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { pid: number };
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Whether it is there in these very letters: on macOS others are found, too. */
function isThere(path: string): boolean {
  try {
    return readdirSync(join(ROOT, dirname(path))).includes(basename(path));
  } catch {
    return false;
  }
}

/** The anchors that a page has, as GitHub makes them, and those that it sets. */
function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  return [...headings, ...[...markdown.matchAll(/<a id="([\w-]+)">/g)].map(([, id = ""]) => id)];
}
