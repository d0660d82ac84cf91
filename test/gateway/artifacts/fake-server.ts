/** A server of artifacts, and what brings them there, for tests. */
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ExecutionContext } from "ava";
import { ArtifactSpool } from "../../../src/gateway/artifacts/artifact-spool.js";
import { ARTIFACTS, Artifacts } from "../../../src/gateway/artifacts/artifacts.js";
import { type ArtifactPlace, Uploaded } from "../../../src/gateway/artifacts/uploaded.js";
import { Uploader } from "../../../src/gateway/artifacts/uploader.js";
import { type GatewayAnswer, jsonAnswer } from "../../../src/gateway/call.js";
import { readText } from "../../../src/gateway/read-text.js";
import {
  ApiDown,
  NotMadeYet,
  type PassedRequest,
  type TrackerApi,
} from "../../../src/gateway/tracker-api.js";
import { scratchFolder } from "../../support/folder.js";
import { keptLog } from "../../support/logs.js";

export const TARGET = {
  trackerId: "t1",
  tracker: "one",
  backend: { kind: "rest", trackerId: "t1", uri: "http://x", settings: {} },
} as const;
export const BYTES_MAX = 1 << 20;

/** A server with files; `breaksAfter` bytes of an upload it goes away. */
class FakeServer implements TrackerApi {
  readonly files = new Map<string, string>();
  readonly uploads: string[] = [];
  /** What the uploads' heads said of their lengths. */
  readonly lengths: number[] = [];
  isUp = true;
  /** So often it is not known what other ids it has. */
  unknownLooks = 0;
  breaksAfter = Number.POSITIVE_INFINITY;
  refuses: number | undefined;
  /** What it answers to what is no artifact, by path. */
  readonly answers = new Map<string, number>();
  /** It takes nothing of an upload, or all of it without an answer. */
  standsStill: "at once" | "at the end" | undefined;

  async pass({ method, path, headers, body, signal }: PassedRequest): Promise<GatewayAnswer> {
    if (this.standsStill !== undefined) {
      if (this.standsStill === "at the end") body?.resume();
      await once(signal, "abort");
      throw new ApiDown("given up");
    }
    if (!this.isUp) throw new ApiDown("away");
    if (this.refuses !== undefined) return jsonAnswer({ error_code: "NO" }, this.refuses);
    const answered = this.answers.get(path);
    if (answered !== undefined) return jsonAnswer({}, answered);
    const name = path.slice(ARTIFACTS.length + 1);
    if (method === "PUT" && body) {
      let text = "";
      for await (const chunk of body as AsyncIterable<Buffer>) {
        text += chunk.toString();
        if (text.length > this.breaksAfter) {
          this.isUp = false;
          throw new ApiDown("broke");
        }
      }
      this.uploads.push(name);
      this.lengths.push(Number(headers["content-length"]));
      this.files.set(name, text);
      return jsonAnswer({});
    }
    const found = this.files.get(name);
    return found === undefined
      ? jsonAnswer({ error_code: "RESOURCE_DOES_NOT_EXIST" }, 404)
      : { kind: "flow", status: 200, headers: {}, body: Readable.from([Buffer.from(found)]) };
  }

  async ask(_: "GET" | "POST", __: string, { path = "" }: Readonly<Record<string, unknown>>) {
    if (!this.isUp) throw new ApiDown("away");
    const prefix = `${String(path)}/`;
    const files = [...this.files.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => ({ path: name.slice(prefix.length), is_dir: false, file_size: 1 }));
    return { status: 200, body: { files } };
  }

  close = async () => undefined;
}

/** A model that the daemon began, and its server's id. */
export const OURS = `m-${"a".repeat(32)}`;
export const THEIRS = `m-${"b".repeat(32)}`;
/** Beside it an experiment's, which is longer than its server's. */
export const OTHERS = new Map([
  [OURS, THEIRS],
  ["8000000000000001", "7"],
]);

/** The run "r" began here and is "there" at its server; "old" was there before. */
async function placeOf(_: unknown, path: string): Promise<ArtifactPlace> {
  const [, run = "", , ...rest] = decodeURIComponent(path).split("/");
  if (run === "old") return { runId: run, path: rest.join("/") };
  return { runId: "r", path: rest.join("/"), begunMs: 1 };
}

export async function setUp(t: ExecutionContext, quota = BYTES_MAX) {
  const folder = join(await scratchFolder(t), "spool");
  const { log } = keptLog();
  const spool = await ArtifactSpool.open(folder, quota, log);
  const server = new FakeServer();
  const pathAt = async (_: unknown, __: unknown, path: string) => {
    if (path.startsWith("1/never/")) throw new NotMadeYet("never");
    return path.replace(OURS, THEIRS);
  };
  const othersOf = async (_: unknown, __: unknown, ids: Iterable<string>) => {
    if (server.unknownLooks-- > 0) throw new NotMadeYet("not yet");
    const named = new Set(ids);
    return new Map([...OTHERS].filter(([id]) => named.has(id)));
  };
  const uploader = new Uploader({
    ...{ spool, log, targetOf: () => TARGET, apiOf: () => server, pathAt, othersOf },
    requestOf: async (_, __, { path }) => {
      if (path === "/of-no-run") throw new NotMadeYet("never");
      return { method: "POST", path, search: "", headers: {}, body: undefined };
    },
    onTaken: (place, spooled) => artifacts.tookSpooled(place, spooled),
  });
  const patience = { stallMs: 50, answerMs: 50 };
  const artifacts = new Artifacts({
    ...{ spool, pathAt, othersOf, placeOf, patience, uploaded: new Uploaded(0) },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    onSpooled: () => uploader.wake("t1"),
  });
  t.teardown(() => uploader.close());
  const call = (method: string, body: Readable = Readable.from([]), search = "", length?: number) => ({
    ...{ method, path: "", search, body },
    headers: length === undefined ? {} : { "content-length": String(length) },
    ...{ target: TARGET, programRunId: "" },
    signal: new AbortController().signal,
  });
  const ask = (method: string, path: string, body?: Readable, search?: string, length?: number) =>
    artifacts.answer(call(method, body, search, length), server, path);
  return { spool, server, uploader, ask };
}

export async function bodyOf(answer: GatewayAnswer): Promise<string> {
  return answer.kind === "text" ? answer.body : await readText(answer.body, BYTES_MAX);
}

export const bytes = (text: string) =>
  Readable.from(text.match(/.{1,3}/gs)?.map((part) => Buffer.from(part)) ?? []);
