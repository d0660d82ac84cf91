import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import type { Command } from "commander";
import { makeProgram } from "../../src/cli/program.js";
import { CLIENT_ERRORS, CODE_SETS, CODES_TOLD_BY_CLIENTS } from "../../src/errors/client-table.js";
import { ERRORS } from "../../src/errors/table.js";
import { homeOf } from "../../src/home/endpoint.js";

const program = makeProgram(
  {
    ...{ env: {}, paths: homeOf({ STEPWELL_HOME: "/nowhere" }), program: [] },
    ...{ stdout: () => undefined, stderr: () => undefined },
  },
  () => async () => undefined,
);

/** Components take any setting as an option. */
const takesAny = (command: Command) => ["register", "update"].includes(command.name());

/** The first words of a text's `stepwell ...` lines that the command does not know. */
function unknownIn(text: string): string[] {
  return [...text.matchAll(/\bstepwell((?: [\w-]+)+)/g)].flatMap(([line, words = ""]) => {
    let command: Command = program;
    for (const word of words.trim().split(" ")) {
      if (word === "--help") return [];
      // What follows is another program's.
      if (word === "--") break;
      if (word.startsWith("-")) {
        const isKnown = command.options.some(({ short, long }) => word === short || word === long);
        if (!isKnown && !takesAny(command)) return [line];
      } else if (command.commands.length > 0) {
        const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
        // deploy takes a name, and has commands of its own.
        if (next === undefined) return isWhole(command) ? [] : [line];
        command = next;
      }
    }
    return isWhole(command) ? [] : [line];
  });
}

/** Whether a command does something without another word that names one. */
function isWhole({ commands, registeredArguments }: Command): boolean {
  return commands.length === 0 || registeredArguments.length > 0;
}

test("every remedy is made of short sentences, and each command in it is one that there is", (t) => {
  let commands = 0;
  for (const [code, { remedy }] of Object.entries({ ...ERRORS, ...CLIENT_ERRORS })) {
    t.regex(code, /^STEPWELL(_[A-Z]+)+$/);
    t.regex(remedy, /^[A-Z][^\n]*[.]$/, code);
    t.true(remedy.length <= 200, code);
    t.deepEqual(unknownIn(remedy), [], code);
    commands += remedy.split("stepwell ").length - 1;
  }
  t.true(commands > 40, `looked at ${commands} commands`);
});

test("an unknown command, verb or option would be found", (t) => {
  t.deepEqual(unknownIn("See: stepwell run -- python --fast"), []);
  t.deepEqual(unknownIn("See: stepwell secret -- x."), ["stepwell secret -- x"]);
  for (const line of [
    "stepwell statsu",
    "stepwell secret unlok",
    "stepwell doctor --salvag",
    "stepwell secret",
  ])
    t.deepEqual(unknownIn(`See: ${line}.`), [line]);
});

test("no remedy sends somebody to the doctor, whose findings show it", (t) => {
  for (const [code, { remedy }] of Object.entries(ERRORS))
    t.notRegex(remedy, /stepwell doctor(?! --salvage)/, code);
});

test("troubleshooting has each code of both tables, and none that is gone", (t) => {
  const page = readFileSync("docs/guide/troubleshooting.md", "utf8");
  const rows = [...page.matchAll(/^\| <a id="(\w+)"><\/a>`(\w+)` \|/gm)].map(([, id, code]) => {
    t.is(id, code?.toLowerCase());
    return code;
  });
  t.deepEqual(rows, [...Object.keys(ERRORS), ...Object.keys(CLIENT_ERRORS)]);
});

/** The codes that a text tells of; one that is compared with is told by somebody else. */
function toldIn(text: string): string[] {
  return [...text.matchAll(/(?<![=!]== |case )"(STEPWELL(?:_[A-Z]+)+)"/g)].map(([, code = ""]) => code);
}

test("every code of the table is told somewhere in src; what only clients tell stands with them", (t) => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/^errors\/(client-)?table\.ts$/.test(path))
    .map((path) => readFileSync(`src/${path}`, "utf8"));
  const told = new Set<string>([...CODES_TOLD_BY_CLIENTS, ...files.flatMap(toldIn)]);
  t.deepEqual(
    Object.keys(ERRORS).filter((code) => !told.has(code)),
    [],
  );
});

/** The codes in a client's sources; its copy of the contract says nothing of what it tells. */
function codesOfClient(folder: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(py|ts)$/.test(path) && !/(^|\/)contract\.\w+$/.test(path))
    .map((path) => readFileSync(`${folder}/${path}`, "utf8"));
  return new Set(files.flatMap(toldIn));
}

// That a client tells nothing else is seen by `npm run docs`, which knows each name in quotes as a code or a variable.
test("each code of clients stands in one table, and some client tells it", (t) => {
  const told = ["clients/python/src/stepwell", "clients/typescript/src"].map(codesOfClient);
  for (const codes of told) t.true(codes.size > 20);
  for (const code of [...CODES_TOLD_BY_CLIENTS, ...Object.keys(CLIENT_ERRORS)])
    t.true(
      told.some((codes) => codes.has(code)),
      code,
    );
  for (const { codes } of Object.values(CODE_SETS))
    t.deepEqual(
      codes.filter((code) => !(code in ERRORS)),
      [],
    );
  t.deepEqual(
    Object.keys(CLIENT_ERRORS).filter((code) => code in ERRORS),
    [],
  );
});

test("a code that is only compared with is told by nobody", (t) => {
  const text = 'case "STEPWELL_D": if (code === "STEPWELL_A_B") throw new StepwellError("STEPWELL_C", "x");';
  t.deepEqual(toldIn(text), ["STEPWELL_C"]);
});

/** Names that are made here, and ids: a shell takes them as they are. */
const PLAIN_NAMES = /^(DEFAULT_NAME|stack|[\w.]*[iI]d|[\w.]*pid|(?:shell|posix)Word\(.*)$/;

/** Commands of the system that a text tells to type, up to the end of the sentence. */
const TYPED = /\b(chmod|chown|kill|rm|mv|cp|cd|export) (?:-\S+ )?([^`"]*?)(?=[.,;:] |[.]?[`"]|$)/g;
/** What closes a file to others, or takes nothing away from its user. */
const CLOSES = /^(?:[0-7]?[0-7]00|[go]+-[rwxt]+|[+]t)\b/;

/** Names that a shell would read as something else, and what would open a file to others. */
function faultsOfTyped(line: string): string[] {
  return [...line.matchAll(TYPED)].flatMap(([whole, command = "", words = ""]) => {
    const names = [...words.matchAll(/\$\{([^}]*)\}(?!=)/g)].map(([, name = ""]) => name);
    const isOpen = command === "chmod" && !CLOSES.test(words);
    return isOpen || names.some((name) => !PLAIN_NAMES.test(name)) ? [whole] : [];
  });
}

test("a name that is not quoted, and a mode that opens a file, would be found", (t) => {
  const name = (code: string) => `$\{${code}}`;
  const typed = (words: string) => `\`Type: chmod ${words}. Then go on.\``;
  const quoted = name("shellWord(path)");
  for (const words of [`700 ${quoted}`, `o-w ${quoted}`, "+t HOME"])
    t.deepEqual(faultsOfTyped(typed(words)), []);
  for (const words of [`700 ${name("path")}`, `777 ${quoted}`, `o+w ${quoted}`, "755 HOME", "a+rwx x"])
    t.deepEqual(faultsOfTyped(typed(words)), [`chmod ${words}`]);
});

test("what any text in src/ tells to type is there, has its names quoted, and opens nothing to everybody", (t) => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("gen/") && !/completion\/|examples/.test(name),
  );
  t.true(sources.length > 300);
  let commands = 0;
  for (const name of sources) {
    const lines = readFileSync(`src/${name}`, "utf8").split("\n");
    for (const line of lines.filter((each) => !/^\s*(\*|\/)/.test(each))) {
      // A pod's network is its own.
      t.false(line.includes("0.0.0.0") && !name.startsWith("deploy/platform/"), `${name}: ${line}`);
      if (/["`]/.test(line)) t.deepEqual(faultsOfTyped(line), [], name);
      for (const [, command = ""] of line.matchAll(/: (stepwell [a-z][^`"]*)/g)) {
        commands += 1;
        t.deepEqual(unknownIn(command.replace(/\$\{[^}]*\}/g, "NAME")), [], name);
        for (const [, what = ""] of command.split(/[.,;:] /)[0]?.matchAll(/\$\{([^}]*)\}/g) ?? [])
          t.regex(what, PLAIN_NAMES, `${name}: ${line.trim()}`);
      }
    }
  }
  t.true(commands > 60, `looked at ${commands}`);
});
