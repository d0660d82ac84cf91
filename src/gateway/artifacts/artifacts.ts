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
import { within } from "../../home/wait.js";
import { UPLOAD_ANSWER_MS_MAX, UPLOAD_STALL_MS_MAX } from "../../model/limits.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "../call.js";
import type { JsonObject } from "../requests/body.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import { ApiDown, NotMadeYet, type TrackerApi } from "../tracker-api.js";
import type { Place } from "../workspace.js";
import type { ArtifactSpool, Spooled, SpoolWriter } from "./artifact-spool.js";

export const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

/** A call of the artifact endpoint. */
export interface ArtifactCall extends GatewayCall {
  readonly target: Place;
}

export interface ArtifactsOptions {
  readonly spool: ArtifactSpool;
  /** A path with the ids that its experiment and its run have at the tracker. Rejects with ApiDown where it can't tell yet. */
  readonly pathAt: (target: Place, api: TrackerApi, path: string) => Promise<string>;
  /** Something waits for a tracker. */
  readonly onSpooled: (target: Place) => void;
  readonly patience?: UploadPatience;
}

/** How long a server may stand still before the spool goes on without it. */
export interface UploadPatience {
  /** While it takes an artifact. */
  readonly stallMs: number;
  /** Once it has all of it. */
  readonly answerMs: number;
}

const PATIENCE: UploadPatience = { stallMs: UPLOAD_STALL_MS_MAX, answerMs: UPLOAD_ANSWER_MS_MAX };

export class Artifacts {
  readonly #options: ArtifactsOptions;

  constructor(options: ArtifactsOptions) {
    this.#options = options;
  }

  /** Answers a request of the artifact endpoint; `path` is the artifact's, empty for a list. */
  async answer(call: ArtifactCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
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

  async #upload(call: ArtifactCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, onSpooled } = this.#options;
    const { target } = call;
    const { trackerId, workspace } = target;
    const contentType = call.headers["content-type"] ?? "application/octet-stream";
    const facts = { trackerId, path, contentType, ...(workspace === undefined ? {} : { workspace }) };
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
      const answer = sent && (await sent.answer(writer !== undefined && !full));
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

  #begin(call: ArtifactCall, api: TrackerApi, path: string): Sent {
    const { pathAt, patience = PATIENCE } = this.#options;
    return new Sent(patience, async (body, ending) => {
      const signal = AbortSignal.any([call.signal, ending]);
      const there = await pathAt(call.target, api, path);
      return await api.pass({ ...call, path: `${ARTIFACTS}/${there}`, body, signal });
    });
  }

  async #download(call: ArtifactCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, pathAt } = this.#options;
    const waiting = spool.waitingFor(call.target.trackerId).findLast((each) => isSame(each.path, path));
    if (waiting) return await answerSpooled(spool, waiting);
    return await api.pass({ ...call, path: `${ARTIFACTS}/${await pathAt(call.target, api, path)}` });
  }

  async #list(call: ArtifactCall, api: TrackerApi): Promise<GatewayAnswer> {
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
      if (!(error instanceof ApiDown)) throw error;
      // Of a run that its server has not made, all that there is waits here; a file holds no files.
      const isKnown =
        error instanceof NotMadeYet || waiting.some(({ path }) => decodeURIComponent(path) === folder);
      if (!isKnown && files.length === 0) throw error;
      return jsonAnswer(filesBody(files));
    }
  }

  async #delete(call: ArtifactCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, pathAt } = this.#options;
    const there = await pathAt(call.target, api, path);
    const answer = await api.pass({ ...call, path: `${ARTIFACTS}/${there}` });
    for (const each of spool.waitingFor(call.target.trackerId))
      if (isSame(each.path, path)) await spool.remove(each);
    return answer;
  }
}

/** An upload on its way to the server, as long as that takes it. */
class Sent {
  readonly #body = new PassThrough();
  readonly #answered: Promise<GatewayAnswer | undefined>;
  readonly #ending = new AbortController();
  readonly #patience: UploadPatience;
  #isOver = false;
  #why: unknown;

  constructor(
    patience: UploadPatience,
    send: (body: Readable, ending: AbortSignal) => Promise<GatewayAnswer>,
  ) {
    this.#patience = patience;
    // What is destroyed early says so to whoever listens.
    this.#body.on("error", () => undefined);
    this.#answered = send(this.#body, this.#ending.signal).then(
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

  /** Resolves when the server, or nobody, wants more. With a spool beside it a server that stands still is given up. */
  async write(chunk: Buffer, hasSpool: boolean): Promise<void> {
    if (this.#isOver || this.#body.destroyed || this.#body.write(chunk)) return;
    const moved = Promise.race([once(this.#body, "drain").catch(() => undefined), this.#answered]);
    if (!hasSpool) await moved;
    else if (!(await within(this.#patience.stallMs, moved))) this.#giveUp();
  }

  /** What the server answers; undefined where it can't be asked. Throws what is not the server's absence. */
  async answer(hasSpool: boolean): Promise<GatewayAnswer | undefined> {
    if (!this.#body.destroyed) this.#body.end();
    // Perhaps it has it, and does not say so: what it gets again is the same.
    if (hasSpool && !(await within(this.#patience.answerMs, this.#answered))) this.#giveUp();
    const answer = await this.#answered;
    if (!answer && !(this.#why instanceof ApiDown)) throw this.#why;
    return answer;
  }

  /** Nothing more is sent; the answer, if there is one, goes on. */
  end(): void {
    this.#body.destroy();
  }

  #giveUp(): void {
    this.#ending.abort();
    this.end();
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
    await sent?.write(chunk, writer !== undefined && !full);
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
function mergedFiles(
  known: readonly JsonObject[],
  folder: string,
  waiting: readonly Spooled[],
): JsonObject[] {
  const files = new Map<unknown, JsonObject>(known.map((file) => [file["path"], file]));
  const prefix = folder === "" ? "" : `${folder}/`;
  for (const { path, bytes } of waiting) {
    const decoded = decodeURIComponent(path);
    if (!decoded.startsWith(prefix)) continue;
    const [name = "", ...below] = decoded.slice(prefix.length).split("/");
    files.set(
      name,
      below.length > 0 ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: bytes },
    );
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

/** What the server says of what goes around it, where its store has none of that: the client then asks the server. */
export function goesAround(path: string): RequestFault {
  const [, isPart, direction] = /(\/mpu\/)|presigned-(upload|download)-url$/.exec(path) ?? [];
  const what = isPart ? "Multipart upload" : direction ? `Presigned ${direction}` : "Multipart download";
  return new RequestFault("NOT_IMPLEMENTED", `${what} is not supported for the current artifact repository`);
}
