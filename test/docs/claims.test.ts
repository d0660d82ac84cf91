/**
 * What the README and the guide claim, and which test would break if it were false: a table for each page in
 * test/docs/claims, with the columns claim, test file and test title. A claim is an excerpt of its page. The test is a
 * title as it stands in a file of TypeScript, or a function's name in one of Python, Go or Java; `typed`, where the claim is
 * a block that is typed from the page; or `made`, with the script that finds it stale, where it is in a part made from the code.
 * The promises of tables without a page are in their own words.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { ROOT } from "../support/home.js";
import { blocksOf, typedOf } from "../support/page-blocks.js";

const FOLDER = "test/docs/claims";
const HEAD = "claim\ttest file\ttest title";
const TYPIST = "test/docs/pages.test.ts";

/** The page of each table; none, where the table has promises in their own words. */
const PAGES: Readonly<Record<string, string | undefined>> = {
  README: "README.md",
  architecture: "docs/ARCHITECTURE.md",
  "clients-go": "clients/go/README.md",
  "clients-java": "clients/java/README.md",
  "clients-python": "clients/python/README.md",
  "clients-typescript": "clients/typescript/README.md",
  commands: "docs/guide/commands.md",
  configuration: "docs/guide/configuration.md",
  containers: "docs/guide/containers.md",
  contributing: "CONTRIBUTING.md",
  deploy: "docs/guide/deploy.md",
  "distributed-training": "docs/guide/distributed-training.md",
  "first-run": "docs/guide/first-run.md",
  go: "docs/guide/go.md",
  index: "docs/README.md",
  install: "docs/guide/install.md",
  java: "docs/guide/java.md",
  kubernetes: "docs/guide/kubernetes.md",
  look: "docs/guide/look.md",
  metrics: "docs/guide/metrics.md",
  "mlflow-users": "docs/guide/mlflow-users.md",
  "offline-nodes": "docs/guide/offline-nodes.md",
  relay: "docs/guide/relay.md",
  "relay-access": "docs/guide/relay-access.md",
  "no-route": "docs/guide/no-route.md",
  notifications: "docs/guide/notifications.md",
  promises: undefined,
  "promises-terminal": undefined,
  protocol: "docs/guide/protocol.md",
  python: "docs/guide/python.md",
  run: "docs/guide/run.md",
  "servers-and-secrets": "docs/guide/servers-and-secrets.md",
  slurm: "docs/guide/slurm.md",
  "system-metrics": "docs/guide/system-metrics.md",
  troubleshooting: "docs/guide/troubleshooting.md",
  typescript: "docs/guide/typescript.md",
  "what-is-lost": "docs/guide/what-is-lost.md",
  "zenml-users": "docs/guide/zenml-users.md",
};

interface Claim {
  readonly claim: string;
  readonly file: string;
  readonly title: string;
}

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const plain = (text: string) => text.replace(/\s+/g, " ").trim();

function claimsOf(table: string): Claim[] {
  const [head, ...rows] = table.replace(/\n$/, "").split("\n");
  if (head !== HEAD) throw new Error(`A table begins with: ${HEAD}`);
  return rows.map((row) => {
    const [claim = "", file = "", title = "", ...rest] = row.split("\t");
    if (title === "" || rest.length > 0)
      throw new Error(`A row has three columns, and this one has not: ${row}`);
    return { claim, file, title };
  });
}

/** The text of a page that is typed, and the text that is made from the code. */
function partsOf(page: string, markdown: string): { typed: string; made: string } {
  const { typed } = typedOf(blocksOf(page, markdown));
  const made = [...markdown.matchAll(/<!-- made from the code: ([\w -]+) -->(.*?)<!-- end of \1 -->/gs)];
  return {
    typed: plain(typed.map(({ text, answer = "" }) => `${text}\n${answer}`).join("\n")),
    made: plain(made.map(([, , text]) => text).join("\n")),
  };
}

function isTestOf(file: string, title: string, source: string): boolean {
  if (file.endsWith(".py")) return new RegExp(`^ *(?:async )?def ${title}\\(`, "m").test(source);
  if (file.endsWith(".go")) return source.includes(`\nfunc ${title}(t *testing.`);
  if (file.endsWith(".java")) return new RegExp(`@Test\\b(?:"[^"]*"|[^{;"])*\\b${title}\\(`).test(source);
  return [`"${title}",`, `\`${title}\`,`].some((each) => source.includes(each));
}

/** What is wrong with a claim; undefined where nothing is. */
function faultOf(
  { claim, file, title }: Claim,
  page: string | undefined,
  markdown: string,
): string | undefined {
  if (page !== undefined && !plain(markdown).includes(plain(claim))) return `${page} does not say: ${claim}`;
  if (!existsSync(join(ROOT, file))) return `there is no ${file}`;
  if (title === "typed" || title === "made") {
    if (title === "typed" && file !== TYPIST) return `what is typed is typed by ${TYPIST}, not by ${file}`;
    return partsOf(page ?? "", markdown)[title].includes(plain(claim))
      ? undefined
      : `it is not ${title}: ${claim}`;
  }
  return isTestOf(file, title, read(file)) ? undefined : `${file} has no test with the title: ${title}`;
}

test("each table of claims is of a page, or is named", (t) => {
  const there = readdirSync(join(ROOT, FOLDER)).map((name) => name.replace(/\.tsv$/, ""));
  t.deepEqual(there.sort(), Object.keys(PAGES).sort());
  const guide = readdirSync(join(ROOT, "docs/guide")).map((name) => `docs/guide/${name}`);
  const tabled = new Set(Object.values(PAGES));
  t.deepEqual(
    guide.filter((page) => !tabled.has(page)),
    [],
    "a page of the guide has no table",
  );
});

for (const [name, page] of Object.entries(PAGES))
  test(`each claim of ${page ?? name} stands, and its test is there`, (t) => {
    const table = read(join(FOLDER, `${name}.tsv`));
    const claims = claimsOf(table);
    t.true(claims.length > 0, `${name} has no claims`);
    const markdown = page === undefined ? "" : read(page);
    const faults = claims.flatMap((claim) => faultOf(claim, page, markdown) ?? []);
    t.deepEqual(faults, []);
    const rows = claims.map(({ claim, file, title }) => [plain(claim), file, title].join("\t"));
    t.is(new Set(rows).size, rows.length, `a row of ${name} stands there twice`);
  });

test("a claim that its page lacks, a test that is not there and a block that is not typed are found", (t) => {
  const page =
    "It keeps\nall.\n\n```sh\necho kept\n```\n\n<!-- not run: a fragment -->\n```sh\necho left\n```\n";
  const fault = (claim: string, file: string, title: string) => faultOf({ claim, file, title }, "page", page);
  const here = "test/docs/claims.test.ts";
  t.is(fault("It keeps all.", here, "each table of claims is of a page, or is named"), undefined);
  t.is(fault("It loses all.", here, "made"), "page does not say: It loses all.");
  t.is(fault("It keeps all.", "test/docs/none.test.ts", "typed"), "there is no test/docs/none.test.ts");
  t.regex(fault("It keeps all.", here, "each table of claims") ?? "", /has no test with the title/);
  t.is(fault("echo kept", TYPIST, "typed"), undefined);
  t.is(fault("echo left", TYPIST, "typed"), "it is not typed: echo left");
  t.is(fault("echo kept", TYPIST, "made"), "it is not made: echo kept");
  t.true(isTestOf("a.py", "test_a", "def test_a(\n"));
  t.false(isTestOf("a.py", "test_a", "def test_a_b(\n"));
});
