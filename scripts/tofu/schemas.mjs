/**
 * Providers' schemas out of the bindings that CDK for Terraform generated from them (@cdktf/provider-*): they say of each argument its
 * name, its type, whether it is a block and whether it is required. What an argument may hold beyond its type they do not say.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SCALARS = { string: "string", boolean: "bool", number: "number" };
/** What the bindings' getters answer. */
const GETTERS = {
  ...{ String: "string", Number: "number", Boolean: "bool", List: ["list", "string"] },
  ...{ NumberList: ["list", "number"], StringMap: ["map", "string"], NumberMap: ["map", "number"] },
};
const ATTRIBUTE =
  /^ +(\w+): \{\s+value: .*,\s+isBlock: (\w+),\s+type: "(\w+)",\s+storageClassType: "(\w+)",/gm;
/** Where a class, and a function of a nested structure, lists its arguments. */
const OF_CLASS = /synthesizeHclAttributes\(\) \{\s+const attrs = (\{[\s\S]*?\n {8}\});/;
const OF_STRUCT = /const attrs = (\{[\s\S]*?\n {4}\});/;

/** The schema of the resource, data source or provider whose bindings are in a folder, and the provider's version. */
export function schemaIn(folder) {
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const code = read("index.js") + read("index-structs/index.js");
  const types = read("index.d.ts") + read("index-structs/index.d.ts");
  const [, name] = /^class (\w+) extends cdktf\.Terraform(?:Resource|DataSource|Provider)/m.exec(code) ?? [];
  if (!name) throw new Error(`${folder} has no class`);
  const [, version = ""] = /providerVersion: '([^']+)'/.exec(code) ?? [];
  const body = bodyOf(code, name);
  const block = blockOf({ code, types, body, listed: OF_CLASS.exec(body)?.[1], fields: `${name}Config` });
  return { schema: { version: 0, block }, version };
}

function bodyOf(code, name) {
  const from = code.search(new RegExp(`^class ${name} extends`, "m"));
  if (from < 0) return "";
  const rest = code.slice(from + 1);
  const to = rest.search(/^(?:class|function) /m);
  return to < 0 ? rest : rest.slice(0, to);
}

/** Arguments that have to be there, of an interface of the bindings. */
function requiredOf(types, name) {
  const [, body = ""] =
    new RegExp(`export interface ${name}(?: extends [^{]+)? \\{([\\s\\S]*?)\\n\\}`).exec(types) ?? [];
  const fields = body.matchAll(/#(\w+) \w+#\w+\}(?:(?!\*\/)[\s\S])*\*\/\s+readonly \w+(\??):/g);
  return new Set([...fields].filter(([, , optional]) => optional === "").map(([, snake]) => snake));
}

function blockOf({ code, types, body, listed = "", fields }) {
  const required = requiredOf(types, fields);
  const attributes = new Map();
  const blocks = [];
  for (const [, name, isBlock, kind, holds] of listed.matchAll(ATTRIBUTE)) {
    const inner = /^[A-Z]/.test(holds)
      ? structOf(code, types, holds.replace(/(?:List|Map)$/, ""))
      : undefined;
    if (inner && isBlock === "true") {
      const nesting = kind === "struct" ? "SINGLE" : kind.toUpperCase();
      blocks.push({ type_name: name, block: inner, nesting, min_items: 0, max_items: 0 });
      continue;
    }
    const type = inner ? [kind === "struct" ? "list" : kind, objectOf(inner)] : typeOf(kind, holds);
    const isRequired = required.has(name);
    const writeOnly = name.endsWith("_wo");
    // Whether the provider fills in what is left out is not said: for a plan it may.
    const computed = !isRequired && !writeOnly;
    attributes.set(name, {
      name,
      type,
      required: isRequired,
      optional: !isRequired,
      computed,
      write_only: writeOnly,
    });
  }
  const computed = (name, type) => {
    const isKnown = attributes.has(name) || blocks.some(({ type_name: known }) => known === name);
    if (!isKnown) attributes.set(name, { name, type, computed: true });
  };
  for (const [, getter, name] of body.matchAll(/this\.get(\w+)Attribute\('(\w+)'\)/g))
    computed(name, GETTERS[getter] ?? "dynamic");
  for (const [, kind, name] of body.matchAll(/new ((?:cdktf\.)?\w+)\(this, "(\w+)"/g)) {
    const [, of] = /^cdktf\.(\w+)Map$/.exec(kind) ?? [];
    const nested = `${kind.replace(/(?:List|OutputReference|Map)$/, "")}OutputReference`;
    const type = of
      ? ["map", GETTERS[of] ?? "dynamic"]
      : ["list", objectOf(blockOf({ code, types, body: bodyOf(code, nested) }))];
    computed(name, type);
  }
  return { version: 0, attributes: [...attributes.values()], block_types: blocks };
}

function structOf(code, types, name) {
  const own = `${name[0].toLowerCase()}${name.slice(1)}`;
  const [, text = ""] =
    new RegExp(`^function ${own}ToHclTerraform\\(struct\\) \\{([\\s\\S]*?)^\\}`, "m").exec(code) ?? [];
  const body = bodyOf(code, `${name}OutputReference`);
  return blockOf({ code, types, body, listed: OF_STRUCT.exec(text)?.[1], fields: name });
}

function objectOf({ attributes, block_types: blocks }) {
  return [
    "object",
    Object.fromEntries([
      ...attributes.map(({ name, type }) => [name, type]),
      ...blocks.map(({ type_name: name, block, nesting }) => [
        name,
        [nesting === "SET" ? "set" : "list", objectOf(block)],
      ]),
    ]),
  ];
}

function typeOf(kind, holds) {
  const of = SCALARS[holds.replace(/(?:List|Map)$/, "")] ?? "dynamic";
  return kind === "simple" ? of : [kind, of];
}
