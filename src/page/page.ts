/**
 * The daemon's own page: its files, and the API's methods that it asks for, each with the messages that gRPC clients
 * send. `POST rpc/SERVICE/METHOD` is a call, `GET watch/SERVICE/METHOD?m=MESSAGE` a stream of server-sent events. `POST
 * doctor` answers what `stepwell doctor -o json` does.
 */
import type { OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { StepwellError } from "../errors/stepwell-error.js";
import type { GatewayAnswer, PageCall } from "../gateway/call.js";
import { DoctorRun } from "./doctor-run.js";
import { eventsOf } from "./event-call.js";
import { faultJson } from "./page-fault.js";
import { type PageMethod, type PageMethods, pageMethodAt } from "./page-methods.js";
import { StaticFiles } from "./static-files.js";

const REQUEST_BYTES_MAX = 256 * 1024;
/** Pages that listen at once: each costs a look at all runs, a few times a second. */
const STREAMS_MAX = 100;
/** Nothing but what the daemon itself serves is run, shown or asked by the page; nobody else may show it in a frame. */
const GUARD: OutgoingHttpHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export class Page {
  readonly #methods: () => PageMethods;
  readonly #files = new StaticFiles();
  readonly #doctor = new DoctorRun();
  #streams = 0;

  constructor(methods: () => PageMethods) {
    this.#methods = methods;
  }

  /** Answers a request below the page's address. Never rejects. */
  async answer(call: PageCall): Promise<GatewayAnswer> {
    try {
      return await this.#answerTo(call);
    } catch (error) {
      return faultOf(error);
    }
  }

  async #answerTo(call: PageCall): Promise<GatewayAnswer> {
    if (call.path === "/doctor" && call.method === "POST") return textOf(await this.#doctor.checks());
    const [, kind, path = ""] = /^\/(rpc|watch)(\/[\w.]+\/\w+)$/.exec(call.path) ?? [];
    if (kind === undefined) return await this.#fileAt(call);
    const method = pageMethodAt(this.#methods(), path);
    const isStream = kind === "watch";
    if (!method || method.definition.responseStream !== isStream)
      return plain(404, "There is no such call for a page.");
    if (call.method !== (isStream ? "GET" : "POST")) return plain(405, "That is not how it is asked.");
    if (!isStream) return await answerOnce(method, requestOf(method, await bodyOf(call)));
    const message = Buffer.from(new URLSearchParams(call.search).get("m") ?? "", "base64url");
    const request = requestOf(method, message);
    if (this.#streams >= STREAMS_MAX)
      throw new StepwellError("STEPWELL_STREAMS_FULL", `${STREAMS_MAX} pages are open already.`);
    const events = eventsOf(method, request, call.signal);
    this.#streams += 1;
    events.once("close", () => {
      this.#streams -= 1;
    });
    const headers = { ...GUARD, "content-type": "text/event-stream", "cache-control": "no-store" };
    return { kind: "flow", status: 200, headers, body: events };
  }

  async #fileAt({ method, path, headers }: PageCall): Promise<GatewayAnswer> {
    if (method !== "GET" && method !== "HEAD") return plain(405, "The page is only read.");
    const file = await this.#files.find(path === "/" ? "index.html" : path.slice(1));
    if (!file) return plain(404, "The page has no such file.");
    const common = { ...GUARD, etag: file.etag, "cache-control": "no-cache" };
    if (headers["if-none-match"] === file.etag) return bytesOf(304, common, Buffer.alloc(0));
    const head = { ...common, "content-type": file.type, "content-length": file.bytes.length };
    return bytesOf(200, head, method === "HEAD" ? Buffer.alloc(0) : file.bytes);
  }
}

/** Throws STEPWELL_SETTING_INVALID where the bytes are no message. */
function requestOf({ definition }: PageMethod, bytes: Buffer): unknown {
  try {
    return definition.requestDeserialize(bytes);
  } catch (cause) {
    throw new StepwellError("STEPWELL_SETTING_INVALID", "The request is no message of this call.", { cause });
  }
}

/** The message of a call, within a bound. */
async function bodyOf({ body }: PageCall): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > REQUEST_BYTES_MAX)
      throw new StepwellError(
        "STEPWELL_SETTING_INVALID",
        `A page asks with ${REQUEST_BYTES_MAX} bytes at the most.`,
      );
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function answerOnce({ definition, handle }: PageMethod, request: unknown): Promise<GatewayAnswer> {
  const response = await new Promise<unknown>((resolve, reject) => {
    handle({ request, cancelled: false }, (error, answer) =>
      error ? reject(error as Error) : resolve(answer),
    );
  });
  const bytes = definition.responseSerialize(response);
  const headers = { "content-type": "application/x-protobuf", "content-length": bytes.length };
  return bytesOf(200, { ...GUARD, ...headers, "cache-control": "no-store" }, bytes);
}

function bytesOf(status: number, headers: OutgoingHttpHeaders, bytes: Buffer): GatewayAnswer {
  return { kind: "flow", status, headers, body: Readable.from(bytes.length > 0 ? [bytes] : []) };
}

function textOf(json: string): GatewayAnswer {
  return { kind: "text", status: 200, body: json, headers: { ...GUARD, "cache-control": "no-store" } };
}

function plain(status: number, message: string): GatewayAnswer {
  return { kind: "text", status, body: JSON.stringify({ code: "", message, remedy: "" }), headers: GUARD };
}

function faultOf(error: unknown): GatewayAnswer {
  const { status, body } = faultJson(error);
  return { kind: "text", status, body, headers: { ...GUARD, "cache-control": "no-store" } };
}
