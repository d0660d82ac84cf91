/** Requests for artifacts as they go over the wire, put to a server and to a folder of a local tracker. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import type { LocalArtifacts } from "../../../src/gateway/artifacts/local-artifacts.js";
import type { GatewayAnswer } from "../../../src/gateway/call.js";
import { readText } from "../../../src/gateway/read-text.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";

/** Method, path below the endpoint with its query, and what is sent. Paths are not shortened, as a browser would. */
export type ArtifactRequest = readonly [method: string, path: string, body?: string];

/** What is compared: of an error its code, of a file its kind and content. */
export interface ArtifactAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

const ENDPOINT = "/api/2.0/mlflow-artifacts/artifacts";
const BYTES_MAX = 1_000_000;

export const ARTIFACT_REQUESTS: readonly ArtifactRequest[] = [
  ["GET", "?path=1/r/artifacts"],
  ["PUT", "/1/r/artifacts/a.txt", "one"],
  ["PUT", "/1/r/artifacts/a.txt", "two"],
  ["PUT", "/1/r/artifacts/deep/er/%C3%A9%20x.bin", "\u0000x"],
  ["PUT", "/1/r/artifacts/empty.json", ""],
  ["PUT", "/1/r/artifacts/MLmodel", "m"],
  ["PUT", "/1/r/artifacts/p%2520q.png", "p"],
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

export async function askServer(url: string, [method, path, body]: ArtifactRequest): Promise<ArtifactAnswer> {
  const { hostname, port } = new URL(url);
  const sent = request({
    method,
    hostname,
    port,
    path: `${ENDPOINT}${path}`,
    headers: { "content-type": "text/plain" },
  });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return comparable(
    answer.statusCode ?? 0,
    answer.headers["content-type"],
    await readText(answer, BYTES_MAX),
  );
}

export async function askFolder(
  artifacts: LocalArtifacts,
  [method, path, body = ""]: ArtifactRequest,
): Promise<ArtifactAnswer> {
  const [sent = "", search = ""] = path.split("?");
  const passed = {
    ...{ method, path: `${ENDPOINT}${sent}`, search: search && `?${search}`, headers: {} },
    body: Readable.from(body === "" ? [] : [Buffer.from(body)]),
    signal: new AbortController().signal,
  };
  try {
    return await shown(await artifacts.answer(passed, sent.replace(/^\//, "")));
  } catch (error) {
    if (error instanceof RequestFault) return comparable(error.status, "application/json", error.toJson());
    return { status: 500, type: "", body: String(error) };
  }
}

async function shown(answer: GatewayAnswer): Promise<ArtifactAnswer> {
  if (answer.kind === "text") return comparable(answer.status, "application/json", answer.body);
  return comparable(
    answer.status,
    String(answer.headers["content-type"] ?? ""),
    await readText(answer.body, BYTES_MAX),
  );
}

function comparable(status: number, type: string | undefined, text: string): ArtifactAnswer {
  // An answer of the server's that is its own fault is text or HTML.
  if (status === 500) return { status, type: "", body: "" };
  const kind = type?.replace(/;.*/, "") ?? "";
  if (kind !== "application/json" || status === 200)
    return { status, type: text === "" ? "" : kind, body: text.replace(/\s/g, "") };
  const { error_code: code, detail } = JSON.parse(text) as Record<string, unknown>;
  return { status, type: kind, body: code ?? detail };
}
