/** What kind of data a file holds, by its name, as MLflow's server says it of those that its pages show. */
import { extname } from "node:path";

/** Those that MLflow shows as text. */
const TEXTS = new Set([
  ...["txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml"],
  ...[
    "yaml",
    "yml",
    "xml",
    "json",
    "js",
    "py",
    "py3",
    "csv",
    "tsv",
    "md",
    "rst",
    "ipynb",
    "MLmodel",
    "MLproject",
  ],
]);

/** Python's own table, as far as programs that train leave such files. */
const TYPES = new Map(
  Object.entries({
    "application/javascript": "mjs",
    "application/json": "json",
    "application/msword": "doc dot",
    "application/pdf": "pdf",
    "application/postscript": "ps ai eps",
    "application/vnd.ms-excel": "xls xlb",
    "application/vnd.ms-powerpoint": "ppt",
    "application/wasm": "wasm",
    "application/x-hdf": "hdf",
    "application/x-hdf5": "h5",
    "application/x-netcdf": "cdf nc",
    "application/x-python-code": "pyc pyo",
    "application/x-sh": "sh",
    "application/x-tar": "tar",
    "application/x-tex": "tex",
    "application/xml": "xsl rdf",
    "application/zip": "zip",
    "audio/mpeg": "mp3 mp2",
    "audio/x-wav": "wav",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg jpe jpeg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff",
    "image/vnd.microsoft.icon": "ico",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html htm",
    "text/plain": "txt c h",
    "text/tab-separated-values": "tsv",
    "text/x-python": "py",
    "text/xml": "xml",
    "video/mp4": "mp4",
    "video/mpeg": "mpeg mpg",
    "video/quicktime": "mov",
    "video/webm": "webm",
  }).flatMap(([type, extensions]) => extensions.split(" ").map((each) => [each, type] as const)),
);
/** What a file is packed with says nothing of what it is. */
const PACKED = /\.(?:gz|Z|bz2|xz|br)$/;
const PACKED_TAR = /\.(?:tgz|taz|tz|tbz2|txz)$/i;

export function mediaTypeOf(name: string): string {
  const extension = extensionOf(name) || name;
  if (TEXTS.has(extension)) return "text/plain";
  if (PACKED_TAR.test(name)) return "application/x-tar";
  const unpacked = extensionOf(name.replace(PACKED, ""));
  return TYPES.get(unpacked.toLowerCase()) ?? "application/octet-stream";
}

function extensionOf(name: string): string {
  return extname(name).slice(1);
}
