/**
 * What runs have uploaded since the daemon began, so that a program finds its artifacts while their server is away. Of a
 * run that began here since then that is all; of others nobody knows it, and they are not listed: a program that takes a
 * part for the whole (`log_table`) writes over what it did not see. The last small ones are kept with their bytes.
 */

/** So many are remembered; then it begins anew. */
const COUNT_MAX = 20_000;
/** Bytes of one whose content is kept, too, and of all of these. */
export const UPLOADED_FILE_BYTES_MAX = 512 * 1024;
const CONTENT_BYTES_MAX = 8 * 1024 * 1024;

/** An artifact, by whatever ids of its run and its experiment it is asked for. */
export interface ArtifactPlace {
  /** The daemon's id of its run, or of its model; empty: it is of none that the daemon knows. */
  readonly runId: string;
  /** Without escapes: below the folder of that, or whole where there is none. */
  readonly path: string;
  /** When that was first seen, in milliseconds since 1970, if it began here. */
  readonly begunMs?: number;
}

export interface UploadedFile {
  readonly bytes: number;
  /** Of a small one. */
  readonly content: Buffer | undefined;
}

export class Uploaded {
  readonly #runs = new Map<string, Map<string, UploadedFile>>();
  /** Those with their bytes, by run and path, the oldest first. */
  readonly #kept = new Map<string, { readonly place: ArtifactPlace; readonly bytes: number }>();
  #keptBytes = 0;
  #count = 0;
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** A server has taken one. */
  note(place: ArtifactPlace, file: UploadedFile, nowMs: number): void {
    if (place.runId === "") return;
    if (this.#count >= COUNT_MAX) this.#forgetAll(nowMs);
    const files = this.#runs.get(place.runId) ?? new Map<string, UploadedFile>();
    this.#runs.set(place.runId, files);
    if (!files.has(place.path)) this.#count += 1;
    files.set(place.path, file);
    this.#forgetContent(place);
    if (file.content) this.#keep(place, file.bytes);
  }

  /** It is deleted, and what is below it. */
  remove({ runId, path }: ArtifactPlace): void {
    const files = this.#runs.get(runId);
    for (const each of files?.keys() ?? []) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      files?.delete(each);
      this.#count -= 1;
      this.#forgetContent({ runId, path: each });
    }
  }

  find({ runId, path }: ArtifactPlace): UploadedFile | undefined {
    return this.#runs.get(runId)?.get(path);
  }

  /** All that a run uploaded; undefined where nobody knows it. */
  allOf({ runId, begunMs }: ArtifactPlace): ReadonlyMap<string, UploadedFile> | undefined {
    if (begunMs === undefined || begunMs < this.#sinceMs) return undefined;
    return this.#runs.get(runId) ?? new Map();
  }

  #keep(place: ArtifactPlace, bytes: number): void {
    this.#kept.set(keyOf(place), { place, bytes });
    this.#keptBytes += bytes;
    for (const [key, { place: oldest, bytes: freed }] of this.#kept) {
      if (this.#keptBytes <= CONTENT_BYTES_MAX) break;
      this.#kept.delete(key);
      this.#keptBytes -= freed;
      this.#runs.get(oldest.runId)?.set(oldest.path, { bytes: freed, content: undefined });
    }
  }

  /** Another content takes its place, or none. */
  #forgetContent(place: ArtifactPlace): void {
    this.#keptBytes -= this.#kept.get(keyOf(place))?.bytes ?? 0;
    this.#kept.delete(keyOf(place));
  }

  #forgetAll(nowMs: number): void {
    this.#runs.clear();
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#count = 0;
    this.#sinceMs = nowMs;
  }
}

function keyOf({ runId, path }: ArtifactPlace): string {
  return `${runId}/${path}`;
}

/** The bytes of an artifact that flows by, while they are few. */
export class SmallCopy {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= UPLOADED_FILE_BYTES_MAX) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  get file(): UploadedFile {
    const isWhole = this.#bytes <= UPLOADED_FILE_BYTES_MAX;
    return { bytes: this.#bytes, content: isWhole ? Buffer.concat(this.#chunks) : undefined };
  }
}
