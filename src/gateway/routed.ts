/** A request with its route and its tracker's API, and its body, read whole. */
import { isUtf8 } from "node:buffer";
import { GATEWAY_BODY_BYTES_MAX, GATEWAY_BODY_STALL_MS } from "../model/limits.js";
import type { GatewayCall } from "./call.js";
import { readBytes } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { invalid } from "./requests/request-fault.js";
import type { Match } from "./routes.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

/** A call with its route, and its tracker's API. */
export interface Routed extends GatewayCall {
  readonly target: Place;
  readonly match: Match;
  readonly api: TrackerApi;
}

/** Its body, and nothing where that is no text, as at the server. Rejects where it is too long, or does not come. */
export async function bodyText({ body }: GatewayCall): Promise<string> {
  const bytes = await readBytes(body, GATEWAY_BODY_BYTES_MAX, GATEWAY_BODY_STALL_MS);
  return isUtf8(bytes) ? bytes.toString("utf8").replace(/^\uFEFF/, "") : "";
}

/** Its body as MLflow's server reads it, which takes JSON by its name alone. */
export async function jsonBody(call: GatewayCall): Promise<JsonObject> {
  checkType(call);
  return readBody(await bodyText(call));
}

function checkType({ method, headers }: GatewayCall): void {
  if (method !== "POST" && method !== "PUT") return;
  const type = headers["content-type"];
  if (type === undefined) throw invalid("Bad Request. Content-Type header is missing.");
  if (type.split(";")[0] !== "application/json")
    throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
}
