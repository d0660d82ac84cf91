/** The page's own files, as the build made them. They are read when somebody asks first. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
}

const FOLDER = new URL("../../web/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "filter.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  /** A file by its name; undefined where the page has none of that name. Rejects where it can't be read. */
  async find(name: string): Promise<StaticFile | undefined> {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (type === undefined) return undefined;
    const known = this.#files.get(name);
    if (known) return known;
    const bytes = await readFile(fileURLToPath(new URL(name, FOLDER)));
    const file = { type, bytes, etag: `"${createHash("sha256").update(bytes).digest("hex").slice(0, 24)}"` };
    this.#files.set(name, file);
    return file;
  }
}
