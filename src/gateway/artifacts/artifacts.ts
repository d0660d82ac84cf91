/**
 * Artifacts of programs, on their way to a server that proxies them (`mlflow-artifacts:`).
 *
 * An upload flows to the server and into the spool at once, each at the pace of the slower one. Where the server has
 * taken it, the spool's copy goes; where it breaks off, the spool goes on alone, and its copy is on disk before the
 * program hears that all is well. What waits for a server goes there in its order: behind it nothing is sent past it.
 * A list or a download sees what waits.
 */
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Target } from "../../model/target.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "../call.js";
import type { JsonObject } from "../requests/body.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import { ApiDown, type TrackerApi } from "../tracker-api.js";
import type { ArtifactSpool, Spooled, SpoolWriter } from "./artifact-spool.js";

export const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

export interface ArtifactsOptions {
  readonly spool: ArtifactSpool;
  /** A path with the ids that its experiment and its run have at the tracker. Rejects with ApiDown where it can't tell yet. */
  readonly pathAt: (target: Target, api: TrackerApi, path: string) => Promise<string>;
  /** Something waits for a tracker. */
  readonly onSpooled: (target: Target) => void;
}

export class Artifacts {
  readonly #options: ArtifactsOptions;

  constructor(options: ArtifactsOptions) {
    this.#options = options;
  }

  /** Answers a request of the artifact endpoint; `path` is the artifact's, empty for a list. */
  async answer(call: GatewayCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    if (path !== "") checkPath(path);
    switch (call.method) {
      case "PUT":
        return await this.#upload(call, api, path);
      case "DELETE":
        return await this.#delete(call, api, path);
      default:
        return path === "" ? await this.#list(call, api) : await this.#download(call, api, path);
    }
  }

  async #upload(call: GatewayCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, onSpooled } = this.#options;
    const { target } = call;
    const { trackerId } = target;
    const contentType = call.headers["content-type"] ?? "application/octet-stream";
    const facts = { trackerId, path, contentType };
    const isBehind = spool.waitingFor(trackerId).length > 0;
    const sent = isBehind ? undefined : this.#begin(call, api, path);
    const bytes = Number(call.headers["content-length"] ?? 0);
    // Without room the server alone is asked, as without the daemon.
    let full: StepwellError | undefined;
    const writer = await spool.begin(facts, bytes).catch((error: unknown) => {
      full = fullnessOf(error);
      return undefined;
    });
    let isKept = false;
    try {
      full = (await copy(call.body, writer, sent)) ?? full;
      const answer = sent && (await sent.answer());
      if (answer) return answer;
      if (!writer || full) throw full ?? new ApiDown("The artifact reached nobody.");
      await writer.keep();
      isKept = true;
      onSpooled(target);
      return jsonAnswer({});
    } finally {
      sent?.end();
      if (!isKept) await writer?.drop();
    }
  }

  #begin(call: GatewayCall, api: TrackerApi, path: string): Sent {
    return new Sent(async (body) => {
      const there = await this.#options.pathAt(call.target, api, path);
      return await api.pass({ ...call, path: `${ARTIFACTS}/${there}`, body });
    });
  }

  async #download(call: GatewayCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, pathAt } = this.#options;
    const waiting = spool.waitingFor(call.target.trackerId).findLast((each) => isSame(each.path, path));
    if (waiting) return await answerSpooled(spool, waiting);
    return await api.pass({ ...call, path: `${ARTIFACTS}/${await pathAt(call.target, api, path)}` });
  }

  async #list(call: GatewayCall, api: TrackerApi): Promise<GatewayAnswer> {
    const { spool, pathAt } = this.#options;
    const query = new URLSearchParams(call.search);
    const folder = (query.get("path") ?? "").replace(/\/+$/, "");
    const waiting = spool.waitingFor(call.target.trackerId);
    const files = mergedFiles([], folder, waiting);
    try {
      const there = await pathAt(call.target, api, folder);
      const { status, body } = await api.ask("GET", ARTIFACTS, { path: there });
      if (status !== 200 && files.length === 0) return jsonAnswer(body, status);
      const known = status === 200 ? ((body["files"] ?? []) as JsonObject[]) : [];
      return jsonAnswer(filesBody(mergedFiles(known, folder, waiting)));
    } catch (error) {
      if (!(error instanceof ApiDown) || files.length === 0) throw error;
      return jsonAnswer(filesBody(files));
    }
  }

  async #delete(call: GatewayCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, pathAt } = this.#options;
    const there = await pathAt(call.target, api, path);
    const answer = await api.pass({ ...call, path: `${ARTIFACTS}/${there}` });
    for (const each of spool.waitingFor(call.target.trackerId)) if (isSame(each.path, path)) await spool.remove(each);
    return answer;
  }
}

/** An upload on its way to the server, as long as that takes it. */
class Sent {
  readonly #body = new PassThrough();
  readonly #answered: Promise<GatewayAnswer | undefined>;
  #isOver = false;
  #why: unknown;

  constructor(send: (body: Readable) => Promise<GatewayAnswer>) {
    // What is destroyed early says so to whoever listens.
    this.#body.on("error", () => undefined);
    this.#answered = send(this.#body).then(
      (answer) => {
        this.#isOver = true;
        this.#body.resume();
        return answer;
      },
      (error: unknown) => {
        this.#isOver = true;
        this.#why = error;
        this.#body.destroy();
        return undefined;
      },
    );
  }

  /** Resolves when the server, or nobody, wants more. */
  async write(chunk: Buffer): Promise<void> {
    if (this.#isOver || this.#body.destroyed || this.#body.write(chunk)) return;
    await Promise.race([once(this.#body, "drain").catch(() => undefined), this.#answered]);
  }

  /** What the server answers; undefined where it can't be asked. Throws what is not the server's absence. */
  async answer(): Promise<GatewayAnswer | undefined> {
    if (!this.#body.destroyed) this.#body.end();
    const answer = await this.#answered;
    if (!answer && !(this.#why instanceof ApiDown)) throw this.#why;
    return answer;
  }

  end(): void {
    this.#body.destroy();
  }
}

/** Copies a body to both; answers why the spool could not take it all. Rejects when the sender breaks off. */
async function copy(
  body: Readable,
  writer: SpoolWriter | undefined,
  sent: Sent | undefined,
): Promise<StepwellError | undefined> {
  let full: StepwellError | undefined;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (writer && !full) {
      await writer.write(chunk).catch((error: unknown) => {
        full = fullnessOf(error);
      });
    }
    await sent?.write(chunk);
  }
  return full;
}

function fullnessOf(error: unknown): StepwellError {
  if (error instanceof StepwellError) return error;
  return new StepwellError("STEPWELL_SPOOL_FULL", `An artifact can't be written: ${String(error)}.`);
}

async function answerSpooled(spool: ArtifactSpool, waiting: Spooled): Promise<GatewayAnswer> {
  const name = decodeURIComponent(waiting.path.slice(waiting.path.lastIndexOf("/") + 1));
  return {
    kind: "flow",
    status: 200,
    headers: {
      "content-type": waiting.contentType,
      "content-length": String(waiting.bytes),
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    },
    body: await spool.read(waiting),
  };
}

/** What a folder holds, with what waits: files and folders by their names, as the server says them. */
function mergedFiles(known: readonly JsonObject[], folder: string, waiting: readonly Spooled[]): JsonObject[] {
  const files = new Map<unknown, JsonObject>(known.map((file) => [file["path"], file]));
  const prefix = folder === "" ? "" : `${folder}/`;
  for (const { path, bytes } of waiting) {
    const decoded = decodeURIComponent(path);
    if (!decoded.startsWith(prefix)) continue;
    const [name = "", ...below] = decoded.slice(prefix.length).split("/");
    files.set(name, below.length > 0 ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: bytes });
  }
  return [...files.values()].sort((one, other) => (String(one["path"]) < String(other["path"]) ? -1 : 1));
}

/** protobuf's JSON has no empty list. */
function filesBody(files: readonly JsonObject[]): JsonObject {
  return files.length === 0 ? {} : { files };
}

function isSame(one: string, other: string): boolean {
  return decodeURIComponent(one) === decodeURIComponent(other);
}

/** Throws for a path that leads out of its folder, which the server refuses, too. */
function checkPath(path: string): void {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw invalid("Invalid path");
  }
  const parts = decoded.split("/");
  if (parts.includes("..") || decoded.startsWith("/") || decoded.includes("\\") || decoded.includes("\0"))
    throw invalid("Invalid path");
}

/** What the server says of uploads in parts where its store has none: the client then uploads in one. */
export function noParts(): RequestFault {
  return new RequestFault("NOT_IMPLEMENTED", "Multipart upload is not supported for the current artifact repository");
}
