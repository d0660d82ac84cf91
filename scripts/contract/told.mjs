/** Which client gives which code, by what its sources hold. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";

const CLIENTS = {
  Python: { folder: "clients/python/src/stepwell", source: /\.py$/ },
  TypeScript: { folder: "clients/typescript/src", source: /\.ts$/ },
  Go: { folder: "clients/go", source: /(?<!_test)\.go$/ },
  Java: { folder: "clients/java/src/main/java", source: /\.java$/ },
};

/** The clients that name a code, for each code. Every one of them has it in its copy of the contract, which says nothing. */
export function clientsByCode() {
  const told = new Map();
  for (const [client, { folder, source }] of Object.entries(CLIENTS)) {
    if (!existsSync(join(root, folder))) continue;
    const texts = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => source.test(path) && !/(^|\/)contract\.\w+$/i.test(path))
      .map((path) => readFileSync(join(root, folder, path), "utf8"));
    const codes = new Set(
      texts.flatMap((text) => [...text.matchAll(/"(STEPWELL(?:_[A-Z]+)+)"/g)].map(([, code]) => code)),
    );
    for (const code of codes) told.set(code, [...(told.get(code) ?? []), client]);
  }
  return told;
}
