/**
 * A source file as the rules of the house see it: its path, its length, what it imports and where
 * it reaches for the environment or a clock. Parsed, not searched for, so that a comment or
 * a string never counts and a type-only import always does.
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "oxc-parser";

/** The repository's folder, seen from build/test/tidy/. */
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Stands for an import whose module is known only at run time. */
export const COMPUTED = "import(...)";

/** Something that a rule can be about, and the line that it is on, from 1. */
export interface Use {
  readonly line: number;
  /** For an import the module's name as written, or a path below the root when it was relative. */
  readonly what: string;
}

/** One file. The path is below the root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Use[];
  readonly environment: readonly Use[];
  readonly clock: readonly Use[];
  /** Where a backend's kind decides. */
  readonly backendKinds: readonly Use[];
}

/** Every TypeScript and JavaScript source below the folders, generated code and packages left out. */
export function readSources(folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" })
      .map((path) => posix.join(folder, path.replaceAll("\\", "/")))
      .filter((path) => /\.(ts|mts|js|mjs)$/.test(path))
      .filter((path) => !/(^|\/)(gen|node_modules|build|dist)\//.test(path))
      .map((path) => parseSource(path, readFileSync(root + path, "utf8"))),
  );
}

/** Parses one file's text. Throws when it is not TypeScript. */
export function parseSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;
  const found = {
    imports: [] as Use[],
    environment: [] as Use[],
    clock: [] as Use[],
    backendKinds: [] as Use[],
  };
  const addImport = (offset: number, specifier: string) => {
    found.imports.push({ line: lineAt(offset), what: resolve(path, specifier) });
  };
  for (const { start, moduleRequest } of module.staticImports) addImport(start, moduleRequest.value);
  for (const { start, entries } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (from) addImport(start, from.value);
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end);
    addImport(start, /^["'](.*)["']$/.exec(written)?.[1] ?? COMPUTED);
  }
  const source = (node: { start: number; end: number }) => text.slice(node.start, node.end);
  new Visitor({
    MemberExpression(node) {
      // A line is looked for only where it is told: counting up to each node would take most of the time.
      const what = source(node);
      const isEnvironment = /^process\s*(\??\.\s*env|(\?\.)?\[\s*["'`]env["'`]\s*\])$/.test(what);
      if (isEnvironment) found.environment.push({ line: lineAt(node.start), what });
      if (/^(Date\s*\.\s*now|performance\s*\.\s*now|process\s*\.\s*hrtime)$/.test(what))
        found.clock.push({ line: lineAt(node.start), what });
    },
    BinaryExpression({ start, left }) {
      if (isBackendKind(source(left))) found.backendKinds.push({ line: lineAt(start), what: source(left) });
    },
    SwitchStatement({ start, discriminant }) {
      const what = source(discriminant);
      if (isBackendKind(what)) found.backendKinds.push({ line: lineAt(start), what });
    },
    CallExpression(node) {
      const required = /^require\(\s*["']([^"']+)["']\s*\)$/.exec(source(node))?.[1];
      if (required !== undefined) addImport(node.start, required);
    },
    ImportDeclaration(node) {
      const isEnvironment = /^(node:)?process$/.test(node.source.value) && /\benv\b/.test(source(node));
      if (isEnvironment) found.environment.push({ line: lineAt(node.start), what: source(node) });
    },
    NewExpression(node) {
      const what = source(node);
      if (/^new\s+Date\s*(\(\s*\))?$/.test(what)) found.clock.push({ line: lineAt(node.start), what });
      // A worker's file is loaded by its URL: an import like any other.
      const url = /^new\s+URL\(\s*["'](\.[^"']*\.js)["']\s*,\s*import\.meta\.url\s*,?\s*\)$/.exec(what);
      if (url?.[1] !== undefined) addImport(node.start, url[1]);
    },
  }).visit(program);
  return { path, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0), ...found };
}

function isBackendKind(text: string): boolean {
  return /(^|\.)#?backend\.kind$/i.test(text);
}

/** A relative name becomes the source's path below the root; any other stays as written. */
function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, path.endsWith(".ts") ? ".ts" : ".js");
}
