/** The reference of the protocol, from proto/ and its comments. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { bin, tool } from "../checks/tool.mjs";
import { cell, table } from "./table.mjs";

const SCALARS = {
  ...{ 1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool" },
  ...{ 9: "string", 12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64" },
};
const REPEATED = 3;
/** Where a file's descriptor has its parts: the paths of source info are made of these. */
const [MESSAGES, ENUMS, SERVICES] = [4, 5, 6];

/** A heading for each file, its services, messages and enums. */
export async function describeProtocol() {
  const files = (await readDescriptors()).filter(({ name }) => name.startsWith("stepwell/"));
  if (files.length < 5) throw new Error(`only ${files.length} files of the protocol were found`);
  return files.map(describeFile).join("\n\n");
}

async function readDescriptors() {
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-docs-"));
  try {
    const image = join(scratch, "protocol.binpb");
    const built = await tool([
      ...bin("@bufbuild/buf", "buf"),
      "build",
      "--as-file-descriptor-set",
      "-o",
      image,
    ]);
    if (built.outcome !== "ok") throw new Error(built.output);
    return fromBinary(FileDescriptorSetSchema, readFileSync(image)).file;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function describeFile(file) {
  const comments = new Map(
    file.sourceCodeInfo.location.map(({ path, leadingComments }) => [path.join("."), leadingComments.trim()]),
  );
  const textAt = (...path) => comments.get(path.join(".")) ?? "";
  return [
    `## ${file.name}`,
    ...file.service.flatMap((one, at) => describeService(one, (...path) => textAt(SERVICES, at, ...path))),
    ...file.messageType.flatMap((one, at) =>
      describeMessage(one, (...path) => textAt(MESSAGES, at, ...path)),
    ),
    ...file.enumType.flatMap((one, at) => describeEnum(one, (...path) => textAt(ENUMS, at, ...path))),
  ].join("\n\n");
}

function describeService(service, textAt) {
  const methods = service.method.flatMap((method, at) => {
    const side = (streams, type) => `${streams ? "stream " : ""}${shortName(type)}`;
    const line = `rpc ${method.name}(${side(method.clientStreaming, method.inputType)}) returns (${side(method.serverStreaming, method.outputType)})`;
    return [`\`${line}\``, paragraphs(textAt(2, at))];
  });
  return [`### service ${service.name}`, paragraphs(textAt()), ...methods];
}

function describeMessage(message, textAt, name = message.name) {
  const entries = new Map(
    message.nestedType.filter(({ options }) => options?.mapEntry).map((one) => [one.name, one.field]),
  );
  const rows = message.field.map((field, at) => [
    String(field.number),
    `\`${field.name}\``,
    typeOf(field, entries),
    cell(textAt(2, at)),
  ]);
  const nested = message.nestedType.flatMap((one, at) =>
    one.options?.mapEntry
      ? []
      : describeMessage(one, (...path) => textAt(3, at, ...path), `${name}.${one.name}`),
  );
  const enums = message.enumType.flatMap((one, at) =>
    describeEnum(one, (...path) => textAt(4, at, ...path), `${name}.${one.name}`),
  );
  const fields =
    rows.length === 0 ? "It has no fields." : table(["number", "field", "type", "meaning"], rows);
  return [`### message ${name}`, paragraphs(textAt()), fields, ...nested, ...enums];
}

function describeEnum(one, textAt, name = one.name) {
  const rows = one.value.map((value, at) => [String(value.number), `\`${value.name}\``, cell(textAt(2, at))]);
  return [`### enum ${name}`, paragraphs(textAt()), table(["number", "value", "meaning"], rows)];
}

function typeOf(field, entries) {
  const entry = entries.get(shortName(field.typeName).split(".").at(-1));
  if (entry !== undefined) return `map of ${entry.map((each) => typeOf(each, new Map())).join(" to ")}`;
  const name = SCALARS[field.type] ?? shortName(field.typeName);
  const before = field.label === REPEATED ? "repeated " : field.proto3Optional ? "optional " : "";
  return `${before}${name}`;
}

function shortName(typeName) {
  return typeName.replace(/^\.stepwell\.v1\./, "");
}

/** A comment's lines as paragraphs; what is indented stays as it is written. */
function paragraphs(text) {
  const lines = text.split("\n").map((line) => line.replace(/^ /, ""));
  const parts = [];
  for (const line of lines) {
    const kind = /^\s{2}\S/.test(line) ? "code" : "prose";
    if (parts.at(-1)?.kind !== kind) parts.push({ kind, lines: [] });
    parts.at(-1).lines.push(line);
  }
  return parts
    .map(({ kind, lines: own }) =>
      kind === "code" ? `\n\`\`\`text\n${own.join("\n")}\n\`\`\`\n` : own.join("\n").replaceAll("<", "&lt;"),
    )
    .join("\n")
    .trim();
}
