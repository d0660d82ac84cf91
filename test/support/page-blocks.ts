/**
 * The code blocks of a page of Markdown, and what a reader who types them in order would see. A block is run, or says
 * before itself why it is not: `<!-- not run: REASON -->`. A block of text behind one that is run is what it answers.
 */

/** A block as it stands on its page. */
export interface PageBlock {
  readonly page: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What its first line names in a comment, as in `# train.py`: it is written to that file. */
  readonly file: string | undefined;
  readonly reason: string | undefined;
}

/** A block that is typed, with what the page says that it answers. */
export interface TypedBlock extends PageBlock {
  readonly answer: string | undefined;
}

/** What became of a block that was typed. */
export interface TypedResult {
  readonly block: TypedBlock;
  readonly said: string;
  /** The commands in it that failed. */
  readonly failed: readonly string[];
}

const RUN = /^(?:sh|python|ts)$/;
const FILE_NAME = /^(?:#|\/\/) ([\w.-]+\.(?:py|sh|mjs|ts|yaml))$/;
const EXTENSIONS: Readonly<Record<string, string>> = { python: "py", ts: "mjs" };
const RUNNERS: Readonly<Record<string, string>> = { python: "python", ts: "node" };

/** All blocks of a page. What is made from the code is compared with it elsewhere. */
export function blocksOf(page: string, markdown: string): PageBlock[] {
  const blocks: PageBlock[] = [];
  const lines = markdown.split("\n");
  let isMade = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (/^<!-- (?:made from the code: |end of )/.test(line)) isMade = line.includes("made from");
    // A block of another fence would be neither typed nor missed.
    if (/^ *~~~/.test(line)) throw new Error(`${page}:${at + 1}: a block begins with three backticks`);
    const [, indent = "", language] = /^( *)```(.*)$/.exec(line) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`);
    const own = lines.slice(at + 1, end).map((each) => each.replace(indent, ""));
    const [, reason] = /<!-- not run: (.+) -->/.exec(lines[at - 1] ?? "") ?? [];
    const [, file] = FILE_NAME.exec(own[0] ?? "") ?? [];
    if (!isMade) blocks.push({ page, line: at + 1, language, text: `${own.join("\n")}\n`, file, reason });
    at = end;
  }
  return blocks;
}

/** The blocks that are typed, and what is wrong with the others: neither typed, nor an answer, nor with a reason. */
export function typedOf(blocks: readonly PageBlock[]): { typed: TypedBlock[]; faults: string[] } {
  const typed: TypedBlock[] = [];
  const faults: string[] = [];
  for (const [at, block] of blocks.entries()) {
    if (block.reason !== undefined) continue;
    const where = `${block.page}:${block.line}`;
    const next = blocks[at + 1];
    const before = blocks[at - 1];
    const isAnswer = block.language === "text" && before && before.reason === undefined && isTyped(before);
    if (isAnswer) continue;
    if (!isTyped(block)) {
      faults.push(`${where}: a block of ${block.language || "nothing"} is neither run nor says why not`);
      continue;
    }
    const answer = next?.language === "text" && next.reason === undefined ? next.text : undefined;
    typed.push({ ...block, answer });
  }
  for (const { page, line, file } of typed) {
    const isUsed = (other: TypedBlock) =>
      other.page === page && other.line > line && other.text.includes(file ?? "");
    if (file !== undefined && !typed.some(isUsed)) faults.push(`${page}:${line}: nothing uses ${file}`);
  }
  return { typed, faults };
}

function isTyped({ language, file }: PageBlock): boolean {
  return RUN.test(language) || file !== undefined;
}

/** A script of bash that types the blocks of a page, and tells where each begins and ends. */
export function scriptOf(blocks: readonly TypedBlock[]): string {
  const parts = blocks.map((block, at) => `echo; echo '@@begin ${at}'\n${typing(block, at)}\n`);
  // What a command of a block answers when it fails is told; the blocks behind it are typed nevertheless.
  return `exec 2>&1 </dev/null\nset -E\ntrap 'echo; echo "@@failed $BASH_COMMAND"' ERR\n${parts.join("")}echo; echo '@@begin end'\n`;
}

function typing({ language, text, file }: TypedBlock, at: number): string {
  const name = file ?? `block-${at}.${EXTENSIONS[language] ?? "sh"}`;
  const write = `cat >'${name}' <<'@@END'\n${text}@@END`;
  if (file !== undefined) return write;
  const runner = RUNNERS[language];
  return runner === undefined ? text : `${write}\n${runner} ${name}`;
}

/** What each block said, of the script's output. Throws where the script did not come to its end. */
export function resultsOf(blocks: readonly TypedBlock[], output: string): TypedResult[] {
  if (!output.includes("\n@@begin end\n")) throw new Error(`The page was not typed to its end:\n${output}`);
  const parts = output.split(/\n@@begin (?:\d+|end)\n/).slice(1);
  return blocks.map((block, at) => {
    const said = parts[at] ?? "";
    const failed = [...said.matchAll(/\n@@failed (.*)\n/g)].map(([, command = ""]) => command);
    return { block, said: said.replace(/\n@@failed .*\n/g, ""), failed };
  });
}

/** What a command says of itself once it takes longer than a second, as any does on a slow machine. */
const PROGRESS = /^(Waiting for .*|.* points (written|delivered)\.\.\.)$/;

/** Whether an answer is the one that the page shows, where … and a line of it stand for anything. */
export function isAnswer(shown: string, said: string): boolean {
  const lines = plainLines(shown).map((line) =>
    line === "…" ? "(?:.*\\n)*" : `${line.split("…").map(escaped).join(".*")}\\n`,
  );
  return new RegExp(`^${lines.join("")}$`).test(
    plainLines(said)
      .filter((line) => !PROGRESS.test(line))
      .map((line) => `${line}\n`)
      .join(""),
  );
}

function plainLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
