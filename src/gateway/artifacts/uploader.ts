/**
 * Brings what waits to its servers, each until the server has it or says that it never will. What is of one run goes in its
 * order. What is held up by its own trouble (its run is not made, or the server fails at it) holds up nothing of others.
 */
import { Readable } from "node:stream";
import { deadlineAfter, poll } from "../../home/wait.js";
import { UPLOAD_WAIT_MS_MAX, UPLOAD_WAIT_MS_MIN } from "../../model/limits.js";
import type { Log } from "../../model/log.js";
import type { Target } from "../../model/target.js";
import { readText } from "../read-text.js";
import { ApiDown, OneDown, type PassedRequest, type TrackerApi } from "../tracker-api.js";
import type { Place } from "../workspace.js";
import type { ArtifactSpool, Spooled } from "./artifact-spool.js";
import { ARTIFACTS } from "./artifacts.js";
import { countIds, replaceIds, saysModel } from "./replaced-ids.js";

export interface UploaderOptions {
  readonly spool: ArtifactSpool;
  readonly log: Log;
  /** A tracker's target as it is now; undefined while it does not exist. */
  readonly targetOf: (trackerId: string) => Target | undefined;
  readonly apiOf: (place: Place) => TrackerApi;
  readonly pathAt: (place: Place, api: TrackerApi, path: string) => Promise<string>;
  /** The ids that a tracker knows, by those of the daemon's that it has others for. Rejects with ApiDown. */
  readonly othersOf: (
    place: Place,
    api: TrackerApi,
    ids: Iterable<string>,
  ) => Promise<ReadonlyMap<string, string>>;
  /** What waits and is no artifact, as it goes to its server. Rejects with ApiDown. */
  readonly requestOf: (
    place: Place,
    api: TrackerApi,
    spooled: Spooled,
  ) => Promise<Omit<PassedRequest, "signal">>;
  /** A server has taken one, which is still in the spool. */
  readonly onTaken: (place: Place, spooled: Spooled) => Promise<void>;
}

const ERROR_BYTES = 64 * 1024;
/** After so many requests that a server failed at it is asked for no other in the same round. */
const FAILED_MAX = 10;
/** The server can't do it at all. */
const NOT_IMPLEMENTED = 501;

export class Uploader {
  readonly #options: UploaderOptions;
  readonly #loops = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  readonly #wakes = new Map<string, () => void>();

  constructor(options: UploaderOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier daemon left. */
  start(): void {
    for (const trackerId of this.#options.spool.trackers()) this.wake(trackerId);
  }

  /** Something waits for a tracker, or its server may answer by now. */
  wake(trackerId: string): void {
    this.#wakes.get(trackerId)?.();
    if (this.#loops.has(trackerId) || this.#ending.signal.aborted) return;
    const loop = this.#work(trackerId).finally(() => this.#loops.delete(trackerId));
    this.#loops.set(trackerId, loop);
  }

  /** Waits until servers have all that waits now; false when the time is over. */
  async drain(timeoutMs: number): Promise<boolean> {
    const { spool } = this.#options;
    const last = spool.lastNumber;
    for (const trackerId of spool.trackers()) this.wake(trackerId);
    const isDone = () => spool.firstNumber === undefined || spool.firstNumber > last || undefined;
    return (await poll(deadlineAfter(timeoutMs), isDone)) ?? false;
  }

  /** Breaks off what is under way: it comes again with the next daemon. */
  async close(): Promise<void> {
    this.#ending.abort();
    for (const wake of this.#wakes.values()) wake();
    await Promise.all(this.#loops.values());
  }

  async #work(trackerId: string): Promise<void> {
    const { spool, log } = this.#options;
    let waitMs = UPLOAD_WAIT_MS_MIN;
    while (!this.#ending.signal.aborted) {
      const waiting = spool.waitingFor(trackerId);
      if (waiting.length === 0) return;
      const { why, hasMoved } = await this.#round(waiting);
      if (hasMoved) waitMs = UPLOAD_WAIT_MS_MIN;
      if (why === undefined) continue;
      if (!this.#ending.signal.aborted && waitMs === UPLOAD_WAIT_MS_MIN)
        log("warn", "artifacts wait for their server", { tracker: trackerId, reason: why });
      await this.#sleep(trackerId, waitMs);
      waitMs = Math.min(UPLOAD_WAIT_MS_MAX, 2 * waitMs);
    }
  }

  /** Sends what can be sent now; `why` not all of it could. */
  async #round(
    waiting: readonly Spooled[],
  ): Promise<{ readonly why: string | undefined; readonly hasMoved: boolean }> {
    const held = new Set<string>();
    let [why, hasMoved, failed]: [string | undefined, boolean, number] = [undefined, false, 0];
    for (const each of waiting) {
      if (this.#ending.signal.aborted) break;
      if (held.has(orderOf(each)) || !this.#options.spool.has(each)) continue;
      if (each.call && failed >= FAILED_MAX) continue;
      try {
        await this.#upload(each);
        hasMoved = true;
      } catch (error) {
        why ??= String(error);
        if (error instanceof ApiDown && !(error instanceof OneDown)) break;
        held.add(orderOf(each));
        if (error instanceof Failed) failed += 1;
      }
    }
    return { why, hasMoved };
  }

  async #upload(waiting: Spooled): Promise<void> {
    const { spool, targetOf, apiOf, pathAt, requestOf, onTaken, log } = this.#options;
    const found = targetOf(waiting.trackerId);
    const { workspace } = waiting;
    const target = found && workspace !== undefined ? { ...found, workspace } : found;
    if (!target) throw new ApiDown(`There is no tracker ${waiting.trackerId} any more.`);
    const api = apiOf(target);
    const request = waiting.call
      ? await requestOf(target, api, waiting)
      : await this.#put(target, api, waiting, await pathAt(target, api, waiting.path));
    try {
      const answer = await api.pass({ ...request, signal: this.#ending.signal });
      const said = answer.kind === "text" ? answer.body : await readText(answer.body, ERROR_BYTES);
      if (answer.status < 300) {
        await onTaken(target, waiting);
        return await spool.remove(waiting);
      }
      const fault = faultOf(answer.status, said, waiting.call !== undefined);
      if (fault) throw fault;
      const aside = await spool.refuse(waiting);
      log("error", "a server does not take what waited for it", {
        path: waiting.path,
        said: said.slice(0, 500),
        aside,
      });
    } finally {
      request.body?.destroy();
    }
  }

  async #put(
    place: Place,
    api: TrackerApi,
    waiting: Spooled,
    pathThere: string,
  ): Promise<Omit<PassedRequest, "signal">> {
    const { spool } = this.#options;
    const content = saysModel(waiting.path) ? await this.#translated(place, api, waiting) : undefined;
    const headers = {
      "content-type": waiting.contentType,
      "content-length": String(content?.bytes ?? waiting.bytes),
    };
    const body = content?.body ?? (waiting.bytes === 0 ? Readable.from([]) : await spool.read(waiting));
    return { method: "PUT", path: `${ARTIFACTS}/${pathThere}`, search: "", headers, body };
  }

  /** What it holds, with the ids that the server knows; undefined where there are no others. */
  async #translated(place: Place, api: TrackerApi, waiting: Spooled) {
    const { spool, othersOf } = this.#options;
    const counts =
      waiting.bytes === 0 ? new Map<string, number>() : await countIds(await spool.read(waiting));
    const others = await othersOf(place, api, counts.keys());
    if (others.size === 0) return undefined;
    let { bytes } = waiting;
    for (const [id, there] of others) bytes += (counts.get(id) ?? 0) * (there.length - id.length);
    const file = await spool.read(waiting);
    return { bytes, body: Readable.from(replaceIds(file, (id) => others.get(id) ?? id)) };
  }

  async #sleep(trackerId: string, ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakes.set(trackerId, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#wakes.delete(trackerId);
  }
}

/** The server fails at this request, and perhaps at this one alone. */
class Failed extends OneDown {}

/** Why what waits is to come again; undefined: it will never be taken. */
function faultOf(status: number, said: string, isCall: boolean): ApiDown | undefined {
  const sentence = `The server answers ${status}: ${said.slice(0, 500)}`;
  if (status === 403) return new OneDown(sentence);
  // One that leads elsewhere is a proxy that wants a new login.
  if (status < 400 || status === 401 || status === 408 || status === 429) return new ApiDown(sentence);
  if (status < 500 || (isCall && status === NOT_IMPLEMENTED)) return undefined;
  return isCall ? new Failed(sentence) : new ApiDown(sentence);
}

/** What comes in order with what else: a run's artifacts. Requests stand for themselves. */
function orderOf({ number, path, call }: Spooled): string {
  if (call) return String(number);
  const [, folder = path] = /^(.*?)\/artifacts\//.exec(path) ?? [];
  return folder;
}
