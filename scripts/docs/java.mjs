/** The reference of the Java client, and its samples for its README. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { quickJava } from "../java.mjs";

const client = join(root, "clients/java");
const sources = join(client, "src/main/java/io/stepwell");

/** Every public class with its public methods, and what they say of themselves. */
export function describeJava() {
  const files = readdirSync(sources).filter((name) => name.endsWith(".java"));
  const paths = files.map((name) => join(sources, name)).sort();
  const program = join(root, "scripts/docs/JavaReference.java");
  const types = JSON.parse(execFileSync("java", [...quickJava, program, ...paths], { encoding: "utf8" }));
  if (types.length < 5) throw new Error("the Java client's names were not found");
  return types
    .flatMap(({ members, ...type }) => [entry("##", type), ...members.map((member) => entry("###", member))])
    .join("\n\n");
}

function entry(level, { name, signature, text }) {
  const said = markdownOf(text);
  return `${level} ${name}\n\n\`\`\`text\n${signature}\n\`\`\`${said === "" ? "" : `\n\n${said}`}`;
}

/** What a doc comment says, its tags as a list. */
function markdownOf(comment) {
  const [text = "", ...tags] = comment.trim().split(/\n\s*@(?=param|throws)/);
  const paragraphs = plain(text)
    .split(/\s*<p>\s*/)
    .map(joined);
  const list = tags.map((tag) => {
    const [, kind, name, said] = /^(param|throws) (\S+)\s+([\s\S]*)$/.exec(plain(tag)) ?? [];
    return kind === "param" ? `- \`${name}\`: ${joined(said)}` : `- Throws \`${name}\`: ${joined(said)}`;
  });
  return [...paragraphs, list.join("\n")].filter((each) => each !== "").join("\n\n");
}

function plain(text) {
  return text
    .replace(/\{@code (\{\{[\w.]+\}\})\}/g, "`$1`")
    .replace(/\{@code ([^}]+)\}/g, "`$1`")
    .replace(/\{@link #?([^}]+)\}/g, (_, name) => `\`${joined(name).replace(/^#/, "").replace("#", ".")}\``);
}

function joined(text) {
  return text.trim().replace(/\s+/g, " ");
}

/** A sample as it is compiled and run by the client's tests. */
export const javaSample = (name) => () =>
  `\`\`\`java\n${readFileSync(join(client, "examples", `${name}.java`), "utf8")}\`\`\``;
