/** Requests for artifacts as they go over the wire, put to a server and to a folder of a local tracker. */
import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { Readable } from "node:stream";
import type { LocalArtifacts } from "../../../src/gateway/artifacts/local-artifacts.js";
import type { GatewayAnswer } from "../../../src/gateway/call.js";
import type { LocalApi } from "../../../src/gateway/local-api.js";
import { readText } from "../../../src/gateway/read-text.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";

/** Method, path below the endpoint with its query, what is sent, and which part is wanted. Paths are not shortened, as a browser would. */
export type ArtifactRequest = readonly [method: string, path: string, body?: string, range?: string];

/** What is compared: of an error its code, of a file its headers and content. */
export interface ArtifactAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

const ENDPOINT = "/api/2.0/mlflow-artifacts/artifacts";
const BYTES_MAX = 1_000_000;
const JSON_ANSWER = { "content-type": "application/json" };
const COMPARED = [
  ...["accept-ranges", "content-disposition", "content-length", "content-range", "x-content-type-options"],
];

/** Of a file of three bytes. */
const RANGES = [
  ...["bytes=0-1", "bytes=1-", "bytes=-2", "bytes=0-99", "bytes=-99", "bytes=3-", "bytes=-0", "bytes=2-1"],
  ...[
    "bytes=0-0,2-2",
    "bytes=2-2,0-0",
    "bytes=0-1,1-2",
    "bytes=0-0,9-",
    "BYTES = 1-1",
    "bytes=1_0-",
    "bytes=x-1",
  ],
  ...["items=0-1", "bytes", "", "bytes=", "bytes=-", "bytes=1-x,0-0", `bytes=${"0-0,".repeat(101)}`],
];
const NAMES = [
  ...["a b.txt", 'q"u.bin', "a,b.json", "漢.tar.gz", "é'(*)!.csv", "x.tgz", "X.PNG", "n.ipynb", ".hidden"],
  ...["no_extension", "x.gz", "漢字"],
];

export const ARTIFACT_REQUESTS: readonly ArtifactRequest[] = [
  ["GET", "?path=1/r/artifacts"],
  ["PUT", "/1/r/artifacts/a.txt", "one"],
  ["PUT", "/1/r/artifacts/a.txt", "two"],
  ["PUT", "/1/r/artifacts/deep/er/%C3%A9%20x.bin", "\u0000x"],
  ["PUT", "/1/r/artifacts/empty.json", ""],
  ["PUT", "/1/r/artifacts/MLmodel", "m"],
  ["PUT", "/1/r/artifacts/p%2520q.png", "p"],
  ...RANGES.map((range): ArtifactRequest => ["GET", "/1/r/artifacts/a.txt", "", range]),
  ["GET", "/1/r/artifacts/empty.json", "", "bytes=0-"],
  ...NAMES.flatMap((name): ArtifactRequest[] => [
    ["PUT", `/1/names/${encodeURIComponent(name)}`, "x"],
    ["GET", `/1/names/${encodeURIComponent(name)}`],
  ]),
  ["GET", "?path=1/r/artifacts"],
  ["GET", "?path=1%2Fr%2Fartifacts%2Fdeep%2F"],
  ["GET", "?path=1/r/artifacts/a.txt"],
  ["GET", "?path=1/none"],
  ["GET", "?path=../x"],
  ["GET", "?path=/etc"],
  ["GET", "/1/r/artifacts/a.txt"],
  ["GET", "/1/r/artifacts/deep/er/%C3%A9%20x.bin"],
  ["GET", "/1/r/artifacts/empty.json"],
  ["GET", "/1/r/artifacts/MLmodel"],
  ["GET", "/1/r/artifacts/p%20q.png"],
  ["GET", "/1/r/artifacts/deep"],
  ["GET", "/1/r/artifacts/none"],
  ["GET", "/1/r/artifacts/a.txt/below"],
  ...["/../x", "/%2e%2e/x", "/1/%252e%252e/%252e%252e/x", "//etc/passwd", "/%2Fetc/passwd", "/a%23b"].flatMap(
    // Of two slashes Flask, which answers this one alone, makes one by sending the client elsewhere.
    (path): ArtifactRequest[] => [
      ["GET", path],
      ["PUT", path, "x"],
      ...(/^\/(?:\/|%2F)/.test(path) ? [] : [["DELETE", path] as const]),
    ],
  ),
  ...["/1/%0A", "/1/r/a%0Ab", "/1/r/%0Aa/b", "/1/r/last%0A"].flatMap((path): ArtifactRequest[] => [
    ["PUT", path, "x"],
    ["GET", path],
  ]),
  ["GET", "/1/r/last"],
  ["PUT", "/1/r//x", "x"],
  ["PUT", "/1/./x", "x"],
  ["PUT", "/1/r/artifacts/", "x"],
  ["PUT", "/1/r/artifacts/.artifact.uploading.x", "x"],
  ["DELETE", "/1/r/artifacts/deep/er"],
  ["DELETE", "/1/r/artifacts/deep/er"],
  ["DELETE", "/1/r/artifacts/a.txt"],
  ["GET", "?path=1/r/artifacts"],
  ["GET", "?path=1/r/artifacts/deep"],
];

/** What a run's or a model's artifacts are asked by; the ids are put in their places. */
export const VIEW_REQUESTS = [
  ..."artifacts/list?run_id=RUN artifacts/list?run_uuid=RUN artifacts/list?run_id=RUN&path=d artifacts/list?run_id=RUN&path=d/".split(
    " ",
  ),
  ..."artifacts/list artifacts/list?run_id=none artifacts/list?run_id=RUN&path=/etc artifacts/list?run_id=RUN&path=..".split(
    " ",
  ),
  ..."artifacts/list?run_id=RUN&path=d/e%2520f artifacts/list?run_id=RUN&path=none artifacts/list?run_id=RUN&path=d/x.txt".split(
    " ",
  ),
  ...["", "?artifact_directory_path=d", "?artifact_directory_path=none", "?artifact_directory_path=../x"].map(
    (query) => `logged-models/MODEL/artifacts/directories${query}`,
  ),
  "logged-models/m-none/artifacts/directories",
].map((path) => `/api/2.0/mlflow/${path}`);

export const FILE_REQUESTS = [
  ..."/get-artifact?run_id=RUN&path=d/x.txt /get-artifact?run_id=RUN&path=none /get-artifact?run_id=RUN&path=../x".split(
    " ",
  ),
  ..."/get-artifact?run_id=none&path=x /get-artifact?run_id=RUN&path=d".split(" "),
  ...["", "?artifact_file_path=d/x.txt", "?artifact_file_path=/x", "?artifact_file_path=none"].map(
    (query) => `/ajax-api/2.0/mlflow/logged-models/MODEL/artifacts/files${query}`,
  ),
];

export async function askServer(
  url: string,
  [method, path, body, range]: ArtifactRequest,
): Promise<ArtifactAnswer> {
  const { hostname, port } = new URL(url);
  const sent = request({
    method,
    hostname,
    port,
    path: `${ENDPOINT}${path}`,
    headers: { "content-type": "text/plain", ...(range === undefined ? {} : { range }) },
  });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return comparable(answer.statusCode ?? 0, answer.headers, await readText(answer, BYTES_MAX));
}

export async function askFolder(
  artifacts: LocalArtifacts,
  [method, path, body = "", range]: ArtifactRequest,
): Promise<ArtifactAnswer> {
  const [sent = "", search = ""] = path.split("?");
  const passed = {
    ...{ method, path: `${ENDPOINT}${sent}`, search: search && `?${search}` },
    headers: range === undefined ? {} : { range },
    body: Readable.from(body === "" ? [] : [Buffer.from(body)]),
    signal: new AbortController().signal,
  };
  try {
    return await shown(await artifacts.answer(passed, sent.replace(/^\//, "")));
  } catch (error) {
    if (error instanceof RequestFault) return comparable(error.status, JSON_ANSWER, error.toJson());
    return { status: 500, type: "", body: String(error) };
  }
}

export async function viewAtServer(url: string, path: string): Promise<unknown> {
  const answer = await fetch(`${url}${path}`);
  return viewed(answer.status, answer.headers.get("content-type"), await answer.text());
}

export async function viewLocally(api: LocalApi, path: string): Promise<unknown> {
  const [where = "", search] = path.split("?");
  const request = {
    ...{ method: "GET", path: where, search: search === undefined ? "" : `?${search}`, headers: {} },
    ...{ body: undefined, signal: new AbortController().signal },
  };
  try {
    const answer = await api.pass(request);
    if (answer.kind === "text") return viewed(answer.status, "application/json", answer.body);
    return viewed(
      answer.status,
      String(answer.headers["content-type"]),
      await readText(answer.body, BYTES_MAX),
    );
  } catch (error) {
    if (error instanceof RequestFault) return viewed(error.status, "application/json", error.toJson());
    throw error;
  }
}

function viewed(status: number, type: string | null, text: string): unknown {
  const isJson = type?.startsWith("application/json") ?? false;
  return { status, type: type?.replace(/;.*/, ""), body: isJson ? JSON.parse(text) : text };
}

async function shown(answer: GatewayAnswer): Promise<ArtifactAnswer> {
  if (answer.kind === "text") return comparable(answer.status, JSON_ANSWER, answer.body);
  return comparable(answer.status, answer.headers, await readText(answer.body, BYTES_MAX));
}

function comparable(status: number, headers: OutgoingHttpHeaders, text: string): ArtifactAnswer {
  // An answer of the server's that is its own fault is text or HTML.
  if (status === 500) return { status, type: "", body: "" };
  const type = String(headers["content-type"] ?? "");
  const boundary = /boundary=(\w+)/.exec(type)?.[1] ?? "none";
  const kind = type.replace(/;.*/, "");
  const isFile = headers["content-disposition"] !== undefined;
  if (kind !== "application/json" || status === 200)
    return {
      status,
      type: text === "" ? "" : kind,
      body: text.replace(/\s/g, "").replaceAll(boundary, "boundary"),
      ...(isFile ? { headers: Object.fromEntries(COMPARED.map((name) => [name, headers[name]])) } : {}),
    };
  const { error_code: code, detail } = JSON.parse(text) as Record<string, unknown>;
  return { status, type: kind, body: code ?? detail };
}
