/** A scripted workspace's storage: signed addresses by its API, and files behind them that ask for no credential. */
import type { Reaction, ScriptedMlflow, Seen } from "./scripted-mlflow.js";

/** What lies in the storage, by RUN/PATH; what was sent with it. */
export interface StoredArtifacts {
  readonly files: Map<string, { readonly body: string; readonly headers: Seen["headers"] }>;
  /** The kind of storage that its answers name. */
  type: string;
}

/** From now on the workspace has a storage. */
export function giveArtifacts(workspace: ScriptedMlflow): StoredArtifacts {
  const stored: StoredArtifacts = { files: new Map(), type: "AWS_PRESIGNED_URL" };
  workspace.rule((seen) => answerTo(workspace, stored, seen));
  return stored;
}

function answerTo(workspace: ScriptedMlflow, stored: StoredArtifacts, seen: Seen): Reaction | undefined {
  const url = new URL(seen.path, workspace.url);
  const { pathname } = url;
  if (/artifacts\/credentials-for-(read|write)$/.test(pathname)) {
    const { run_id: runId, path } = JSON.parse(seen.body) as { run_id: string; path: string[] };
    const infos = path.map((each) => ({
      signed_uri: `${workspace.url}/signed/${runId}/${encodeURI(each)}?signature=of-a-test`,
      type: stored.type,
      headers: [{ name: "x-of-the-storage", value: "yes" }],
    }));
    return good({ credential_infos: infos });
  }
  if (pathname.endsWith("/artifacts/list")) return good({ files: filesIn(stored, url.searchParams) });
  if (!pathname.startsWith("/signed/")) return undefined;
  const name = decodeURI(pathname.slice("/signed/".length));
  const { searchParams } = url;
  if (searchParams.get("signature") !== "of-a-test") return { status: 403 };
  if (seen.method === "GET") {
    const file = stored.files.get(name);
    return file ? { status: 200, body: file.body } : { status: 404 };
  }
  if (
    searchParams.get("resource") === "file" ||
    seen.method === "PUT" ||
    searchParams.get("action") === "append"
  )
    stored.files.set(name, { body: seen.body, headers: seen.headers });
  return { status: 201 };
}

/** Files and folders of one folder, by their paths below the run. */
function filesIn({ files }: StoredArtifacts, query: URLSearchParams): unknown[] {
  const folder = query.get("path") ?? "";
  const prefix = `${query.get("run_id")}/${folder === "" ? "" : `${folder}/`}`;
  const below = [...files].filter(([name]) => name.startsWith(prefix));
  const shown = below.map(([name, { body }]) => {
    const [first = "", ...rest] = name.slice(prefix.length).split("/");
    const path = folder === "" ? first : `${folder}/${first}`;
    return rest.length > 0 ? { path, is_dir: true } : { path, is_dir: false, file_size: body.length };
  });
  return [...new Map(shown.map((file) => [file.path, file])).values()];
}

function good(body: unknown): Reaction {
  return { status: 200, body: JSON.stringify(body) };
}
