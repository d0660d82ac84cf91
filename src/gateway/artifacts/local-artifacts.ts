/**
 * Artifacts of a local tracker: files of a folder of this machine, asked for as at a server that proxies them
 * (`mlflow-artifacts:`), and answered as MLflow's server answers with that folder as their destination.
 *
 * An upload is written to a folder of drafts beside them, synced, and renamed into its place, which is synced, too: what
 * was answered is there after a power cut, and nobody sees a half. No path leads out of the folder, by links neither.
 */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { basename, dirname, join, sep } from "node:path";
import { Readable } from "node:stream";
import { isCode } from "../../errors/system-code.js";
import { makeFolder } from "../../home/durable-folder.js";
import { openPlain } from "../../home/plain-file.js";
import { syncFolder } from "../../home/replace-file.js";
import type { Clock } from "../../model/clock.js";
import { type GatewayAnswer, jsonAnswer } from "../call.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import type { PassedRequest } from "../tracker-api.js";
import { checkFolder, NOT_ROUTED, readArtifactPath, routedPath } from "./artifact-path.js";
import { answerFile } from "./file-answer.js";

/** What a folder has, as MLflow's answers say it. */
export interface ArtifactInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

const DRAFTS = ".stepwell-uploads";
/** What a broken upload left goes after so long: no upload takes a day. */
const DRAFT_MS_MAX = 24 * 3_600_000;
/** MLflow's own drafts. */
const DRAFT_OF_MLFLOW = ".artifact.uploading.";

export class LocalArtifacts {
  readonly #root: string;
  readonly #clock: Pick<Clock, "nowMs">;
  #isTidy = false;

  constructor(root: string, clock: Pick<Clock, "nowMs">) {
    this.#root = root;
    this.#clock = clock;
  }

  /** Answers a request of the artifact endpoint; `sent` is the artifact's path as it was sent, empty for a list. */
  async answer({ method, search, headers, body }: PassedRequest, sent: string): Promise<GatewayAnswer> {
    if (method === "GET" && sent === "") {
      const files = await this.list(new URLSearchParams(search).get("path") ?? "");
      return jsonAnswer(files.length === 0 ? {} : { files });
    }
    const routed = routedPath(sent);
    if (routed === undefined) return jsonAnswer(NOT_ROUTED, 404);
    const path = readArtifactPath(routed);
    switch (method) {
      case "PUT":
        return await this.#upload(path, body ?? Readable.from([]));
      case "DELETE":
        return await this.#delete(path);
      default:
        return await this.#download(path, headers);
    }
  }

  /** What a folder has, by its path as it was sent; nothing where it is none. Throws where it leads elsewhere. */
  async list(sent: string): Promise<ArtifactInfo[]> {
    return await this.listPlace(readArtifactPath(sent));
  }

  /** The same by its path as it is. */
  async listPlace(path: string): Promise<ArtifactInfo[]> {
    const folder = await this.#placeOf(path);
    const names = await readdir(folder).catch((error: unknown) => {
      if (isCode(error, "ENOENT", "ENOTDIR")) return [];
      throw error;
    });
    const infos: ArtifactInfo[] = [];
    for (const name of names.sort((one, other) => (one < other ? -1 : 1))) {
      if (name.startsWith(DRAFT_OF_MLFLOW) || name === DRAFTS) continue;
      // What went meanwhile, and a link that leads nowhere, is not there.
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found?.isDirectory()) infos.push({ path: name, is_dir: true });
      else if (found)
        infos.push({ path: name, is_dir: false, ...(found.size === 0 ? {} : { file_size: found.size }) });
    }
    return infos;
  }

  async #upload(path: string, body: Readable): Promise<GatewayAnswer> {
    const name = basename(path);
    if (path === "" || path.endsWith("/"))
      return jsonAnswer({ detail: "Artifact path must include a filename (cannot end with '/')." }, 400);
    if (path.includes("/")) checkFolder(path.slice(0, path.lastIndexOf("/")).replace(/\/+$/, ""));
    if (name.startsWith(DRAFT_OF_MLFLOW) || path.split("/").includes(DRAFTS))
      throw invalid(
        `Invalid artifact file name: '${name}'. Artifact names starting with '${DRAFT_OF_MLFLOW}' are reserved.`,
      );
    await this.#placeOf(path);
    const drafts = await this.#draftFolder();
    const draft = join(drafts, randomBytes(12).toString("hex"));
    try {
      await writeSynced(draft, body);
      const folder = dirname(await this.#placeOf(path));
      await makeFolder(folder);
      // Only now is it certain that no link stands in the way.
      await rename(draft, join(dirname(await this.#placeOf(path)), name));
      await syncFolder(folder);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return { kind: "flow", status: 200, headers: { "content-length": "0" }, body: Readable.from([]) };
  }

  async #download(path: string, headers: IncomingHttpHeaders): Promise<GatewayAnswer> {
    const found = await stat(await this.#placeOf(path)).catch(() => undefined);
    if (found?.isDirectory()) return jsonAnswer({ detail: isFolder(path) }, 400);
    return await this.downloadPlace(path, headers);
  }

  /** A file, by its path as it is. Throws for what is not there, and for a folder. */
  async downloadPlace(path: string, headers: IncomingHttpHeaders): Promise<GatewayAnswer> {
    const place = await this.#placeOf(path);
    const found = await stat(place).catch(() => undefined);
    if (!found) throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `No such artifact: '${path}'`);
    if (found.isDirectory()) throw invalid(isFolder(path));
    return await answerFile(await openPlain(place), basename(path), headers);
  }

  async #delete(path: string): Promise<GatewayAnswer> {
    const place = await this.#placeOf(path.replace(/\/+$/, ""), "the link itself");
    if (place !== (await this.#realRoot())) {
      await rm(place, { recursive: true, force: true });
      await syncFolder(dirname(place)).catch(() => undefined);
    }
    return jsonAnswer({});
  }

  /** Where a path leads, links followed. Throws where that is not below the root. What is not there yet is where its folder is. */
  async #placeOf(
    path: string,
    last: "what it leads to" | "the link itself" = "what it leads to",
  ): Promise<string> {
    const root = await this.#realRoot();
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    let place = root;
    for (const [index, part] of parts.entries()) {
      const next = join(place, part);
      const isLink = (await lstat(next).catch(() => undefined))?.isSymbolicLink() ?? false;
      const isFollowed = isLink && (last === "what it leads to" || index < parts.length - 1);
      place = isFollowed ? await realpath(next) : next;
      if (place !== root && !place.startsWith(root + sep)) throw invalid("Invalid path");
    }
    return place;
  }

  async #realRoot(): Promise<string> {
    return await realpath(this.#root).catch(() => this.#root);
  }

  async #draftFolder(): Promise<string> {
    await makeFolder(this.#root);
    const drafts = join(await this.#realRoot(), DRAFTS);
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    if (this.#isTidy) return drafts;
    this.#isTidy = true;
    for (const name of await readdir(drafts)) {
      const found = await stat(join(drafts, name)).catch(() => undefined);
      if (found && found.mtimeMs + DRAFT_MS_MAX < this.#clock.nowMs())
        await rm(join(drafts, name), { force: true });
    }
    return drafts;
  }
}

function isFolder(path: string): string {
  return `Artifact path refers to a directory, not a file: '${path}'`;
}

/** Writes what flows in, at the disk's pace; it is on disk when it resolves. */
async function writeSynced(path: string, body: Readable): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>)
      for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten;
    await handle.sync();
  } finally {
    await handle.close();
  }
}
