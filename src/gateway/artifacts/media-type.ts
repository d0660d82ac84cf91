/** What kind of data a file holds, by its name, as MLflow's server says it of those that its pages show. */
import { extname } from "node:path";

/** Those that MLflow shows as text. */
const TEXTS = new Set([
  ...["txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml"],
  ...["yaml", "yml", "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "mlmodel", "mlproject"],
]);
const TYPES: Readonly<Record<string, string>> = {
  ...{ html: "text/html", htm: "text/html", css: "text/css", pdf: "application/pdf", zip: "application/zip" },
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", svg: "image/svg+xml" },
  ...{ webp: "image/webp", bmp: "image/bmp", mp4: "video/mp4", wav: "audio/x-wav", mp3: "audio/mpeg" },
};

export function mediaTypeOf(name: string): string {
  const extension = (extname(name).slice(1) || name).toLowerCase();
  return TEXTS.has(extension) ? "text/plain" : (TYPES[extension] ?? "application/octet-stream");
}
