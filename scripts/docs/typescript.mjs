/** The reference of the TypeScript client, from its declarations and doc comments, and its samples for its README. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { root } from "../install.mjs";

const FOLDER = "clients/typescript/src";
const SAMPLES = "clients/typescript/examples";

/** Every exported name with its declaration and what it says of itself. */
export function describeTypescript() {
  const exported = exportsOf("index.ts");
  if (exported.length < 20) throw new Error(`only ${exported.length} exports were found`);
  const entries = exported.map(({ name, file }) => describe(name, parse(file)));
  const of = (kind) => entries.filter((one) => one.kind === kind).flatMap(({ texts }) => texts);
  return ["## Functions", ...of("function"), "## Classes", ...of("class"), "## Types", ...of("type")].join(
    "\n\n",
  );
}

function parse(file) {
  const source = readFileSync(join(root, FOLDER, file), "utf8");
  const { program, comments, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return { source, program, comments: comments.filter(({ value }) => value.startsWith("*")) };
}

function exportsOf(file) {
  return parse(file).program.body.flatMap((node) =>
    node.type === "ExportNamedDeclaration" && node.source !== null
      ? node.specifiers.map(({ exported }) => ({
          name: exported.name,
          file: node.source.value.replace(/^\.\//, "").replace(/\.js$/, ".ts"),
        }))
      : [],
  );
}

function describe(name, file) {
  const statement = file.program.body.find(
    ({ declaration }) => declaration?.id?.name === name || declaration?.declarations?.[0].id.name === name,
  );
  if (statement === undefined) throw new Error(`${name} is exported and declared nowhere`);
  const { declaration } = statement;
  const text = commentBefore(file, statement.start);
  if (declaration.type === "FunctionDeclaration")
    return { kind: "function", texts: [entry("###", name, headOf(file, declaration), text)] };
  if (declaration.type === "ClassDeclaration") {
    const members = declaration.body.body.filter(isShown).map((node) => member(name, node, file));
    return { kind: "class", texts: [entry("###", name, `class ${name}`, text), ...members] };
  }
  const shown = slice(file, declaration.start, declaration.end);
  return { kind: "type", texts: [entry("###", name, shown, text)] };
}

/** Names that begin with # are nobody's business. */
function isShown(node) {
  return node.key?.type === "Identifier" && node.accessibility !== "private" && commentable.has(node.type);
}

const commentable = new Set(["MethodDefinition", "PropertyDefinition"]);

function member(owner, node, file) {
  const text = commentBefore(file, node.start);
  const name = node.kind === "constructor" ? `new ${owner}` : `${owner}.${node.key.name}`;
  const shown =
    node.type === "MethodDefinition"
      ? slice(file, node.start, node.value.body?.start ?? node.end)
      : slice(file, node.start, node.end);
  return entry("####", name, shown, text);
}

function headOf(file, declaration) {
  return slice(file, declaration.start, declaration.body.start);
}

function slice({ source }, start, end) {
  return source.slice(start, end).trim().replace(/;$/, "");
}

/** The doc comment that ends just before a place. */
function commentBefore({ source, comments }, place) {
  const found = comments.findLast(({ end }) => end <= place && source.slice(end, place).trim() === "");
  if (found === undefined) return "";
  return found.value
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .trim();
}

function entry(level, name, shown, text) {
  return `${level} ${name}\n\n\`\`\`text\n${shown}\n\`\`\`${text === "" ? "" : `\n\n${text}`}`;
}

/** A sample as it is compiled and run by the client's tests, with the package's name in place of its sources'. */
export const typescriptSample = (name) => () => {
  const text = readFileSync(join(root, SAMPLES, `${name}.ts`), "utf8");
  const shown = text.replace('from "../src/index.js"', 'from "stepwell-client"');
  if (shown === text || shown.includes('"../'))
    throw new Error(`${name}.ts does not import the package alone`);
  return `\`\`\`ts\n${shown}\`\`\``;
};
