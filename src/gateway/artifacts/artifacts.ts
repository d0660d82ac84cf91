/**
 * Artifacts of programs, on their way to a server that proxies them (`mlflow-artifacts:`).
 *
 * An upload flows to the server and into the spool at once, each at the pace of the slower one. Where the server has
 * taken it, the spool's copy goes; where it breaks off, the spool goes on alone, and its copy is on disk before the
 * program hears that all is well. What waits for a server goes there in its run's order, and behind it what comes later.
 * A list or a download sees what waits.
 */
import { Readable } from "node:stream";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Clock } from "../../model/clock.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "../call.js";
import type { JsonObject } from "../requests/body.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import { ApiDown, NotMadeYet, type TrackerApi } from "../tracker-api.js";
import type { Place } from "../workspace.js";
import { NOT_ROUTED, routedPath } from "./artifact-path.js";
import type { ArtifactSpool, Spooled, SpoolWriter } from "./artifact-spool.js";
import { holdModel } from "./held-model.js";
import { saysModel } from "./replaced-ids.js";
import { PATIENCE, Sent, type UploadPatience } from "./sent-upload.js";
import {
  type ArtifactPlace,
  SmallCopy,
  UPLOADED_FILE_BYTES_MAX,
  type Uploaded,
  type UploadedFile,
} from "./uploaded.js";

export const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

/** A call of the artifact endpoint. */
export interface ArtifactCall extends GatewayCall {
  readonly target: Place;
}

export interface ArtifactsOptions {
  readonly spool: ArtifactSpool;
  /** A path with the ids that its experiment and its run have at the tracker. Rejects with ApiDown where it can't tell yet. */
  readonly pathAt: (target: Place, api: TrackerApi, path: string) => Promise<string>;
  /** The ids that a tracker knows, by those of the daemon's that it has others for. Rejects with ApiDown. */
  readonly othersOf: (
    target: Place,
    api: TrackerApi,
    ids: Iterable<string>,
  ) => Promise<ReadonlyMap<string, string>>;
  /** What a path means, by whichever ids. */
  readonly placeOf: (target: Place, path: string) => Promise<ArtifactPlace>;
  readonly uploaded: Uploaded;
  readonly clock: Clock;
  /** Something waits for a tracker. */
  readonly onSpooled: (target: Place) => void;
  readonly patience?: UploadPatience;
}

/** An artifact that waits. */
interface Waiting {
  readonly place: ArtifactPlace;
  readonly bytes: number;
  readonly spooled: Spooled;
}

export class Artifacts {
  readonly #options: ArtifactsOptions;
  readonly #places = new WeakMap<Spooled, ArtifactPlace>();

  constructor(options: ArtifactsOptions) {
    this.#options = options;
  }

  /** Answers a request of the artifact endpoint; `sent` is the artifact's path, empty for a list. */
  async answer(call: ArtifactCall, api: TrackerApi, sent: string): Promise<GatewayAnswer> {
    const path = routedPath(sent);
    if (path === undefined) return jsonAnswer(NOT_ROUTED, 404);
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
    const { spool, othersOf, onSpooled } = this.#options;
    const { target } = call;
    const { trackerId, workspace } = target;
    const contentType = call.headers["content-type"] ?? "application/octet-stream";
    const facts = { trackerId, path, contentType, ...(workspace === undefined ? {} : { workspace }) };
    const isBehind = spool.waitingFor(trackerId).some((each) => !each.call);
    const held = saysModel(path) ? await holdModel(call, (ids) => othersOf(target, api, ids)) : undefined;
    const isForSpool = isBehind || held?.hasOtherIds === true;
    const sent = isForSpool ? undefined : this.#begin(call, api, path);
    const bytes = Number(call.headers["content-length"] ?? 0);
    // Without room the server alone is asked, as without the daemon.
    let full: StepwellError | undefined;
    const writer = await spool.begin(facts, bytes).catch((error: unknown) => {
      full = fullnessOf(error);
      return undefined;
    });
    let isKept = false;
    const small = new SmallCopy();
    try {
      full = (await copy(held?.body ?? call.body, writer, sent, small)) ?? full;
      const answer = sent && (await sent.answer(writer !== undefined && !full));
      if (answer && answer.status < 300) await this.#noteUploaded(target, path, small.file);
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
    const { spool, pathAt, placeOf, uploaded } = this.#options;
    const place = await placeOf(call.target, path);
    const waiting = (await this.#waitingIn(call.target)).findLast((each) => isSame(each.place, place));
    const spooled = waiting && (await answerSpooled(spool, waiting.spooled));
    if (spooled) return spooled;
    try {
      return await api.pass({ ...call, path: `${ARTIFACTS}/${await pathAt(call.target, api, path)}` });
    } catch (error) {
      const content = error instanceof ApiDown ? uploaded.find(place)?.content : undefined;
      if (!content) throw error;
      return answerBytes(path, "application/octet-stream", content.length, Readable.from([content]));
    }
  }

  /** What waits for a tracker, in its order. */
  async #waitingIn(target: Place): Promise<Waiting[]> {
    const { spool, placeOf } = this.#options;
    const waiting: Waiting[] = [];
    for (const spooled of spool.waitingFor(target.trackerId)) {
      if (spooled.call) continue;
      const place = this.#places.get(spooled) ?? (await placeOf(target, spooled.path));
      if (place.runId !== "") this.#places.set(spooled, place);
      waiting.push({ place, bytes: spooled.bytes, spooled });
    }
    return waiting;
  }

  async #noteUploaded(target: Place, path: string, file: UploadedFile): Promise<void> {
    const { uploaded, placeOf, clock } = this.#options;
    uploaded.note(await placeOf(target, path), file, clock.nowMs());
  }

  /** A server has taken one that waited: it is about to leave the spool. */
  async tookSpooled(target: Place, spooled: Spooled): Promise<void> {
    if (spooled.call) return;
    const isSmall = spooled.bytes <= UPLOADED_FILE_BYTES_MAX;
    const small = new SmallCopy();
    if (isSmall && spooled.bytes > 0)
      for await (const chunk of await this.#options.spool.read(spooled)) small.add(chunk as Buffer);
    const file = isSmall ? small.file : { bytes: spooled.bytes, content: undefined };
    await this.#noteUploaded(target, spooled.path, file);
  }

  async #list(call: ArtifactCall, api: TrackerApi): Promise<GatewayAnswer> {
    const { pathAt, placeOf, uploaded } = this.#options;
    const query = new URLSearchParams(call.search);
    const folder = (query.get("path") ?? "").replace(/\/+$/, "");
    const place = await placeOf(call.target, encodeURI(folder));
    const waiting = await this.#waitingIn(call.target);
    const files = mergedFiles([], place, waiting);
    try {
      const there = await pathAt(call.target, api, folder);
      const { status, body } = await api.ask("GET", ARTIFACTS, { path: there });
      if (status !== 200 && files.length === 0) return jsonAnswer(body, status);
      const known = status === 200 ? ((body["files"] ?? []) as JsonObject[]) : [];
      return jsonAnswer(filesBody(mergedFiles(known, place, waiting)));
    } catch (error) {
      if (!(error instanceof ApiDown)) throw error;
      // Of a run that its server has not made, all that there is waits here.
      const taken = error instanceof NotMadeYet ? [] : uploaded.allOf(place);
      if (!taken) throw error;
      const before = [...taken].map(([path, { bytes }]) => ({ place: { runId: place.runId, path }, bytes }));
      return jsonAnswer(filesBody(mergedFiles([], place, [...before, ...waiting])));
    }
  }

  async #delete(call: ArtifactCall, api: TrackerApi, path: string): Promise<GatewayAnswer> {
    const { spool, pathAt, placeOf, uploaded } = this.#options;
    const there = await pathAt(call.target, api, path);
    const answer = await api.pass({ ...call, path: `${ARTIFACTS}/${there}` });
    const place = await placeOf(call.target, path);
    uploaded.remove(place);
    for (const each of await this.#waitingIn(call.target))
      if (isSame(each.place, place)) await spool.remove(each.spooled);
    return answer;
  }
}

/** Copies a body to both; answers why the spool could not take it all. Rejects when the sender breaks off. */
async function copy(
  body: Readable,
  writer: SpoolWriter | undefined,
  sent: Sent | undefined,
  small: SmallCopy,
): Promise<StepwellError | undefined> {
  let full: StepwellError | undefined;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (writer && !full) {
      await writer.write(chunk).catch((error: unknown) => {
        full = fullnessOf(error);
      });
    }
    small.add(chunk);
    await sent?.write(chunk, writer !== undefined && !full);
  }
  return full;
}

function fullnessOf(error: unknown): StepwellError {
  if (error instanceof StepwellError) return error;
  return new StepwellError("STEPWELL_SPOOL_FULL", `An artifact can't be written: ${String(error)}.`);
}

/** Undefined where it has just left the spool: its server has it. */
async function answerSpooled(spool: ArtifactSpool, waiting: Spooled): Promise<GatewayAnswer | undefined> {
  try {
    return answerBytes(waiting.path, waiting.contentType, waiting.bytes, await spool.read(waiting));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function answerBytes(path: string, contentType: string, bytes: number, body: Readable): GatewayAnswer {
  const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  const headers = {
    "content-type": contentType,
    "content-length": String(bytes),
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  };
  return { kind: "flow", status: 200, headers, body };
}

/** What a folder holds, with what waits: files and folders by their names, as the server says them. */
function mergedFiles(
  known: readonly JsonObject[],
  folder: ArtifactPlace,
  waiting: readonly Pick<Waiting, "place" | "bytes">[],
): JsonObject[] {
  const files = new Map<unknown, JsonObject>(known.map((file) => [file["path"], file]));
  const prefix = folder.path === "" ? "" : `${folder.path}/`;
  for (const { place, bytes } of waiting) {
    if (place.runId !== folder.runId || !place.path.startsWith(prefix)) continue;
    const [name = "", ...below] = place.path.slice(prefix.length).split("/");
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

function isSame(one: ArtifactPlace, other: ArtifactPlace): boolean {
  return one.runId === other.runId && one.path === other.path;
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
