/**
 * Clients and daemons of the last release must go on understanding one another, so proto/ is compared
 * with what that release spoke: the image `released/stepwell-VERSION.txtpb`, which is committed.
 * It needs neither tags nor a git clone, so the comparison is made everywhere.
 *
 * What counts is the wire (buf.yaml): messages travel as bytes alone, so a field may get another name,
 * and a message another file, but never another number or an unlike type; and no service or call may go.
 *
 * A release renews the image in the commit that raises the version, after which the older one goes:
 *   npx buf build --exclude-source-info -o scripts/checks/released/stepwell-VERSION.txtpb
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { root } from "../install.mjs";
import { bin, tool } from "./tool.mjs";

const folder = "scripts/checks/released";

const advice = `
This is incompatible on the wire with the last release: a client of it would misread this daemon, or the other way
round. Add instead of changing: give what is new a number of its own, and keep what is old or reserve its number.
Only a release that breaks with the one before it on purpose (before 1.0, told in CHANGELOG.md with what users
have to do) may renew the image for such a change: see scripts/checks/breaking.mjs.
`;

/** Fails on a change of proto/ that clients of the last release would not survive, and when nothing was compared. */
export async function findBreakingChanges() {
  const found = findImage();
  if (found.fault !== undefined) return { outcome: "failed", output: found.fault };
  const scratch = mkdtempSync(join(tmpdir(), "stepwell-breaking-"));
  try {
    const released = join(scratch, "released.binpb");
    const built = await buf(["build", found.path, "--as-file-descriptor-set", "-o", released]);
    if (built.outcome !== "ok") return built;
    const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(released));
    const calls = file.flatMap(({ service }) => service).flatMap(({ method }) => method).length;
    if (calls === 0)
      return { outcome: "failed", output: `${found.path} holds no call: nothing was compared` };
    const planted = join(scratch, "planted.binpb");
    writeFileSync(planted, plantChange(file));
    const caught = await buf(["breaking", planted, "--against", released]);
    if (!/changed type/.test(caught.output))
      return { outcome: "failed", output: `a planted change was not found:\n${caught.output}` };
    const result = await buf(["breaking", "--against", released]);
    if (result.outcome !== "ok") return { ...result, output: `${result.output}${advice}` };
    return { outcome: "ok", note: `compared with ${found.version}, ${calls} calls` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const buf = (args) => tool([...bin("@bufbuild/buf", "buf"), ...args]);

/** The one image, or what is wrong with it. One minor older has to work, so an older image compares with too little. */
function findImage() {
  const names = readdirSync(join(root, folder));
  const version = /^stepwell-(\d+\.\d+\.\d+)\.txtpb$/.exec(names[0] ?? "")?.[1];
  if (names.length !== 1 || version === undefined)
    return {
      fault: `${folder} has to hold one image of the last release; it holds ${names.join(", ") || "none"}`,
    };
  const current = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  const [[major, minor], [ofMajor, ofMinor]] = [current, version].map((text) => text.split(".").map(Number));
  if (major !== ofMajor ? major !== ofMajor + 1 : minor !== ofMinor && minor !== ofMinor + 1)
    return {
      fault: `the image is of ${version}, and this is ${current}: the releases between did not renew it`,
    };
  return { version, path: `${folder}/${names[0]}` };
}

/** The release with another type for its first field, which each comparison has to find. */
function plantChange(file) {
  const field = file.flatMap(({ messageType }) => messageType).flatMap((message) => message.field)[0];
  const { BYTES, DOUBLE } = FieldDescriptorProto_Type;
  field.type = field.type === DOUBLE ? BYTES : DOUBLE;
  field.typeName = "";
  return toBinary(FileDescriptorSetSchema, { $typeName: FileDescriptorSetSchema.typeName, file });
}
