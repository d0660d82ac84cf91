/** Values that must be nowhere, and the search for them: as they are, in base64, in hex and in URLs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a canary was found. */
export interface Leak {
  readonly canary: string;
  readonly where: string;
}

/** The forms of a value that its bytes may have anywhere in others: the same for thousands of texts. */
function formsOf(canary: string): readonly string[] {
  const known = FORMS.get(canary) ?? formsAnew(canary);
  FORMS.set(canary, known);
  return known;
}

const FORMS = new Map<string, readonly string[]>();

function formsAnew(canary: string): string[] {
  const bytes = Buffer.from(canary);
  // Base64 of bytes depends on how many stand before them; the letters at both ends on their neighbours.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return text.slice(Math.ceil((before * 8) / 6), -1);
  });
  const urls = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [canary, bytes.toString("hex"), ...base64, ...urls];
}

/** The canaries in a text or in bytes. */
export function leaksIn(where: string, content: string | Buffer, canaries: readonly string[]): Leak[] {
  const bytes = Buffer.from(content);
  return canaries
    .filter((canary) => formsOf(canary).some((form) => bytes.includes(form)))
    .map((canary) => ({ canary, where }));
}

/** The canaries in the files of a folder, and how many files were looked at. */
export function leaksBelow(
  folder: string,
  canaries: readonly string[],
): { files: number; leaks: readonly Leak[] } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const leaks = files.flatMap((file) => leaksIn(file, readFileSync(file), canaries));
  return { files: files.length, leaks: [...leaks, ...leaksIn("names of files", files.join("\n"), canaries)] };
}
