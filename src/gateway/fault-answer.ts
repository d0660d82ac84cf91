/**
 * What stands in a request's way, as an answer. MLflow's Python client asks again seven times, for four minutes, wherever
 * the status is 408, 429, 500, 502, 503 or 504, and nothing in such an answer stops it. Of a tracker that has been away
 * for a while it is told with a status that it takes at once, and with the same `error_code` and message. While the
 * tracker may be back in a moment, it asks again each second.
 */
import type { GatewayAnswer } from "./call.js";
import { faultOf } from "./fault-of.js";
import { ApiDown } from "./tracker-api.js";

const MLFLOW_PYTHON = /^mlflow-python-client\//;
/** Failed Dependency: what the request depends on failed. */
const NOT_NOW = 424;
const ASK_AGAIN_S = 1;

export function answerFault(error: unknown, userAgent = ""): GatewayAnswer {
  const fault = faultOf(error);
  const body = fault.toJson();
  const absence = fault instanceof ApiDown ? fault.absence : "unknown";
  if (absence === "lasting" && MLFLOW_PYTHON.test(userAgent)) return { kind: "text", status: NOT_NOW, body };
  const headers = absence === "new" ? { "retry-after": String(ASK_AGAIN_S) } : {};
  return { kind: "text", status: fault.status, body, headers };
}
