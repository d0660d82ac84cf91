/** Requests to the daemon's gateway, which speaks MLflow's API at an address that it gave. */
import { request } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemCode } from "../../errors/system-code.js";
import { deadlineAfter } from "../../home/wait.js";
import { GATEWAY_BODY_BYTES_MAX } from "../../model/limits.js";
import { unreachable } from "./call-error.js";

/** How long a gateway that does not answer is asked again, as while its daemon is started anew. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;
/** How long nothing may move; a server behind the gateway may be slow. */
const STILL_MS_MAX = 300_000;
/** Of what a server says no more is shown. */
const SAID_LENGTH_MAX = 500;

/** What is sent: made anew for each try. */
export interface SentBody {
  readonly chunks: () => AsyncIterable<Buffer>;
  readonly length: number;
  /** Beside those of every body. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer's text. Throws STEPWELL_ARTIFACT_REFUSED with what was said, STEPWELL_DAEMON_UNREACHABLE, and what a body throws. */
export async function askGateway(address: string, path: string, body?: SentBody): Promise<string> {
  const deadline = deadlineAfter(PATIENCE_MS);
  for (;;) {
    try {
      const { status, text } = await ask(new URL(address + path), body);
      if (status < 300) return text;
      throw new StepwellError("STEPWELL_ARTIFACT_REFUSED", `The answer was ${status}: ${messageIn(text)}`);
    } catch (error) {
      if (error instanceof StepwellError) throw error;
      // The address opens the tracker: it is not shown.
      const reason = systemCode(error) ?? "it broke off";
      if (deadline.leftMs() === 0)
        throw unreachable(`The daemon's gateway can't be reached: ${reason}.`, error);
    }
    await sleep(PAUSE_MS);
  }
}

function tooLong(): StepwellError {
  const sentence = `The tracker's answer has more than ${GATEWAY_BODY_BYTES_MAX >> 20} MiB.`;
  return new StepwellError("STEPWELL_ARTIFACT_REFUSED", sentence);
}

function ask(url: URL, body: SentBody | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const ofBody = { "Content-Type": "application/octet-stream", "Content-Length": body?.length };
    const headers = body ? { ...ofBody, ...body.headers } : {};
    const options = { method: body ? "PUT" : "GET", headers, agent: false, timeout: STILL_MS_MAX };
    const asked = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        // A run of very many keys, and no more than the gateway itself reads of a server.
        if (text.length > GATEWAY_BODY_BYTES_MAX) asked.destroy(tooLong());
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.once("error", reject);
    });
    asked.once("timeout", () => asked.destroy());
    asked.on("error", reject);
    if (body) pipeline(body.chunks(), asked).catch(reject);
    else asked.end();
  });
}

/** What a server says in JSON, or else as it is. */
function messageIn(text: string): string {
  let said: unknown = text;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) said = parsed.message;
  } catch {
    // As of a proxy.
  }
  const shown = String(said).trim().slice(0, SAID_LENGTH_MAX);
  return shown.endsWith(".") ? shown : `${shown}.`;
}
