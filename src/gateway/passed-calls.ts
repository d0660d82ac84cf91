/** Calls that are passed on as streams; short ones of JSON are read, for the ids in them. */
import { Readable } from "node:stream";
import { GATEWAY_TRANSLATED_BYTES_MAX } from "../model/limits.js";
import { factsOf } from "../model/target.js";
import type { GatewayAnswer } from "./call.js";
import type { IdsThere } from "./ids-there.js";
import { readText } from "./read-text.js";
import type { Routed } from "./routed.js";

/** Names the experiment that traces go to. */
export const EXPERIMENT_HEADER = "x-mlflow-experiment-id";

export class PassedCalls {
  readonly #ids: IdsThere;

  constructor(ids: IdsThere) {
    this.#ids = ids;
  }

  /** Passes a request on. Throws a RequestFault. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const { target, api, headers } = call;
    // A store has the daemon's own ids.
    if (!factsOf(target.backend).isServer) return await api.pass(call);
    const named = headers[EXPERIMENT_HEADER];
    const there = {
      ...(await this.#ids.inAddress(call)),
      headers:
        typeof named === "string"
          ? { ...headers, [EXPERIMENT_HEADER]: await this.#ids.in(target, api, named) }
          : headers,
    };
    if (!isShortJson(call)) return await api.pass({ ...call, ...there });
    const text = await readText(call.body, GATEWAY_TRANSLATED_BYTES_MAX);
    return await api.pass({
      ...{ ...call, ...there },
      ...withBody(there.headers, await this.#ids.in(target, api, text)),
    });
  }
}

/** A request's body that was read, with its length. */
export function withBody(headers: Routed["headers"], text: string): Pick<Routed, "headers" | "body"> {
  const sent = Buffer.from(text);
  const { "transfer-encoding": _, ...others } = headers;
  return { headers: { ...others, "content-length": String(sent.length) }, body: Readable.from([sent]) };
}

function isShortJson({ headers }: Routed): boolean {
  const { "content-type": type = "", "content-length": length, "content-encoding": encoding } = headers;
  const isPlain = encoding === undefined || encoding === "identity";
  return isPlain && type.startsWith("application/json") && Number(length) <= GATEWAY_TRANSLATED_BYTES_MAX;
}
