/** Writes a zip file whose bytes hang on its files alone: no time, no user. */
import { writeFileSync } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";

/** 1980-01-01, the first day that a zip can name. */
const DAY_ONE = 0x21;
const DEFLATED = 8;
/** A Unix made it, so that modes count; names are UTF-8. */
const MADE_BY = 0x0314;
const NAMES_ARE_UTF8 = 0x0800;

/** Writes files, each with its path in the zip and its data. */
export function writeZip(path, files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = deflateRawSync(data, { level: 9 });
    const facts = factsOf(name, data, packed);
    const header = Buffer.concat([number(4, 0x04034b50), number(2, 20), facts, Buffer.from(name)]);
    directory.push(entryOf(name, facts, offset));
    parts.push(header, packed);
    offset += header.length + packed.length;
  }
  const entries = Buffer.concat(directory);
  const counts = [number(2, 0), number(2, 0), number(2, files.length), number(2, files.length)];
  const end = [number(4, 0x06054b50), ...counts, number(4, entries.length), number(4, offset), number(2, 0)];
  writeFileSync(path, Buffer.concat([...parts, entries, ...end]));
}

/** What the head of a file and its entry in the directory both say of it. */
function factsOf(name, data, packed) {
  const how = [number(2, NAMES_ARE_UTF8), number(2, DEFLATED), number(2, 0), number(2, DAY_ONE)];
  const sizes = [number(4, crc32(data)), number(4, packed.length), number(4, data.length)];
  return Buffer.concat([...how, ...sizes, number(2, Buffer.byteLength(name)), number(2, 0)]);
}

function entryOf(name, facts, offset) {
  const mode = number(4, (0o100644 << 16) >>> 0);
  const head = [number(4, 0x02014b50), number(2, MADE_BY), number(2, 20), facts];
  return Buffer.concat([
    ...head,
    number(2, 0),
    number(2, 0),
    number(2, 0),
    mode,
    number(4, offset),
    Buffer.from(name),
  ]);
}

function number(bytes, value) {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}
