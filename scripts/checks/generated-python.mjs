/**
 * The Python client's generated code is committed, made by a generator of 2023 (clients/python/generate.sh)
 * that is not installed here. Each of its files holds the protocol's descriptor, which is compared with proto/.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { root } from "../install.mjs";
import { bin, tool } from "./tool.mjs";

const folder = "clients/python/src/stepwell/v1";

/** Compares what each generated file of the Python client was made of with proto/ as it is. */
export async function findStalePython() {
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-descriptors-"));
  try {
    const image = join(scratch, "protocol.binpb");
    const options = ["--as-file-descriptor-set", "--exclude-source-info", "-o", image];
    const built = await tool([...bin("@bufbuild/buf", "buf"), "build", ...options]);
    if (built.outcome !== "ok") return built;
    const wanted = new Map(
      fromBinary(FileDescriptorSetSchema, readFileSync(image)).file.map((file) => [file.name, bare(file)]),
    );
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith("_pb2.py"));
    const stale = names.filter((name) => {
      const file = fromBinary(FileDescriptorProtoSchema, descriptorIn(join(root, folder, name)));
      return !wanted.get(file.name)?.equals(bare(file));
    });
    if (names.length === 0) return { outcome: "failed", output: `no generated file in ${folder}` };
    if (stale.length === 0) return { outcome: "ok", note: `${names.length} files` };
    return { outcome: "failed", output: `${stale.join("\n")}\nrun: clients/python/generate.sh` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The descriptor's bytes without JSON names, which one generator writes and the other leaves out. */
function bare(file) {
  const clear = (message) => {
    for (const field of [...message.field, ...message.extension]) field.jsonName = "";
    message.nestedType.forEach(clear);
  };
  file.messageType.forEach(clear);
  return Buffer.from(toBinary(FileDescriptorProtoSchema, file));
}

/** The bytes that the file's Python literal stands for. */
function descriptorIn(path) {
  const literal = /AddSerializedFile\(b'((?:[^'\\]|\\.)*)'\)/.exec(readFileSync(path, "utf8"))?.[1];
  if (literal === undefined) throw new Error(`${path} holds no descriptor`);
  const escapes = { n: "\n", r: "\r", t: "\t" };
  const text = literal.replace(/\\(?:x([0-9a-f]{2})|([0-7]{3})|(.))/g, (_, hex, octal, other) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return escapes[other] ?? other;
  });
  return Buffer.from(text, "latin1");
}
