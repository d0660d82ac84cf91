/**
 * A file as an answer: whole, or the parts of it that a client asks for, with the headers that MLflow's server gives it
 * (Starlette's FileResponse). A file that grows meanwhile is as long as it was.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { GatewayAnswer } from "../call.js";
import { type ByteRange, readRange, type Wanted } from "./byte-ranges.js";
import { mediaTypeOf } from "./media-type.js";

/** Answers an open file, which is closed once it was read or nobody reads it any more. */
export async function answerFile(
  handle: FileHandle,
  name: string,
  asked: IncomingHttpHeaders,
): Promise<GatewayAnswer> {
  const stats = await handle.stat();
  const headers = headersOf(name, stats);
  const wanted = wantedOf(asked, headers, stats.size);
  switch (wanted.kind) {
    case "whole":
      return flow(200, headers, stats.size, await streamOf(handle, [{ start: 0, end: stats.size }]));
    case "parts":
      return await answerParts(handle, headers, wanted.ranges, stats.size);
    case "outside":
      await handle.close();
      return flow(416, { ...PLAIN, "content-range": `bytes */${stats.size}` }, 0, Readable.from([]));
    case "malformed": {
      await handle.close();
      const sentence = Buffer.from(wanted.sentence);
      return flow(400, PLAIN, sentence.length, Readable.from([sentence]));
    }
  }
}

type Headers = Readonly<OutgoingHttpHeaders>;

const NO_SNIFF = { "x-content-type-options": "nosniff" } as const;
const PLAIN = { ...NO_SNIFF, "content-type": "text/plain; charset=utf-8" } as const;

function headersOf(name: string, { mtime, mtimeMs, size }: Stats) {
  const state = createHash("md5").update(`${mtimeMs}-${size}`).digest("hex");
  return {
    ...NO_SNIFF,
    "content-type": mediaTypeOf(name),
    "content-disposition": dispositionOf(name),
    "accept-ranges": "bytes",
    "last-modified": mtime.toUTCString(),
    etag: `"${state}"`,
  };
}

/** A part of a file that has changed since is no part of what the client has: it gets the whole one. */
function wantedOf(
  { range, "if-range": state }: IncomingHttpHeaders,
  headers: ReturnType<typeof headersOf>,
  size: number,
): Wanted {
  const isSame = state === undefined || state === headers.etag || state === headers["last-modified"];
  return isSame ? readRange(range, size) : { kind: "whole" };
}

async function answerParts(
  handle: FileHandle,
  headers: ReturnType<typeof headersOf>,
  ranges: readonly ByteRange[],
  size: number,
): Promise<GatewayAnswer> {
  const [first] = ranges;
  if (first && ranges.length === 1)
    return flow(
      206,
      { ...headers, "content-range": shown(first, size) },
      first.end - first.start,
      await streamOf(handle, ranges),
    );
  const boundary = randomBytes(13).toString("hex");
  const heads = ranges.map((range) =>
    Buffer.from(
      `--${boundary}\r\nContent-Type: ${headers["content-type"]}\r\nContent-Range: ${shown(range, size)}\r\n\r\n`,
    ),
  );
  const end = Buffer.from(`--${boundary}--`);
  const bytes = ranges.map((range, index) => (heads[index]?.length ?? 0) + range.end - range.start + 2);
  const length = bytes.reduce((sum, each) => sum + each, end.length);
  const type = `multipart/byteranges; boundary=${boundary}`;
  const body = Readable.from(partsOf(handle, ranges, heads, end), { objectMode: false });
  // Nothing of a generator runs where nobody reads it.
  body.once("close", () => void handle.close());
  return flow(206, { ...headers, "content-type": type }, length, body);
}

async function* partsOf(
  handle: FileHandle,
  ranges: readonly ByteRange[],
  heads: readonly Buffer[],
  end: Buffer,
): AsyncGenerator<Buffer> {
  for (const [index, range] of ranges.entries()) {
    yield heads[index] ?? Buffer.of();
    yield* readOf(handle, range);
    yield Buffer.from("\r\n");
  }
  yield end;
}

function readOf(handle: FileHandle, { start, end }: ByteRange): Readable {
  return handle.createReadStream({ start, end: end - 1, autoClose: false });
}

async function streamOf(handle: FileHandle, [range]: readonly ByteRange[]): Promise<Readable> {
  if (range && range.end > range.start)
    return handle.createReadStream({ start: range.start, end: range.end - 1 });
  await handle.close();
  return Readable.from([]);
}

function shown({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

function flow(status: number, headers: Headers, length: number, body: Readable): GatewayAnswer {
  return { kind: "flow", status, headers: { ...headers, "content-length": String(length) }, body };
}

/** Browsers save it, and show nothing of it under the gateway's address. */
function dispositionOf(name: string): string {
  const ascii = name.normalize("NFKD").replace(/\P{ASCII}/gu, "");
  if (ascii === name) return `attachment; filename=${quoted(name)}`;
  const escaped = encodeURIComponent(name)
    .replace(/['()*]/g, escapeCharacter)
    .replace(/%(?:23|24|26|2B|5E|60|7C)/g, decodeURIComponent);
  return `attachment; filename=${quoted(ascii || "download")}; filename*=UTF-8''${escaped}`;
}

/** A header's value: bare where it is a token of HTTP's. */
function quoted(text: string): string {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
