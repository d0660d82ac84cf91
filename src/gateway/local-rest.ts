/**
 * What the daemon does not answer itself of a local tracker's API (the registry, traces, pages): an MLflow server over
 * the same file answers it, which runs while it is needed.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { ManagedServer, Use } from "../mlflow/managed/managed-server.js";
import { WorkspaceRates } from "../mlflow/rate.js";
import { Server } from "../mlflow/server.js";
import type { Clock } from "../model/clock.js";
import type { GatewayAnswer } from "./call.js";
import { NOT_FOUND_PAGE, needsMlflow } from "./mlflow-paths.js";
import { RequestFault } from "./requests/request-fault.js";
import type { PassedRequest } from "./tracker-api.js";
import { Upstream } from "./upstream.js";

/** Clients take it for an older server's, and do without. */
const NOT_FOUND: GatewayAnswer = {
  kind: "text",
  status: 404,
  body: NOT_FOUND_PAGE,
  headers: { "content-type": "text/html; charset=utf-8" },
};

export class LocalRest {
  readonly #server: Pick<ManagedServer, "use" | "close">;
  readonly #clock: Clock;
  #upstream: { readonly url: string; readonly api: Upstream } | undefined;

  constructor(server: Pick<ManagedServer, "use" | "close">, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Passes a request on; the first one waits until the server is there. */
  async pass(request: PassedRequest): Promise<GatewayAnswer> {
    let use: Use;
    try {
      use = await this.#server.use();
    } catch (error) {
      if (isMissing(error) && !needsMlflow(request.path)) return NOT_FOUND;
      throw faultOf(error);
    }
    let answer: GatewayAnswer | undefined;
    try {
      answer = await (await this.#upstreamAt(use)).pass(request);
    } finally {
      if (answer?.kind === "flow") answer.body.once("close", use.end);
      else use.end();
    }
    return answer;
  }

  async close(): Promise<void> {
    await this.#upstream?.api.close();
    await this.#server.close();
  }

  async #upstreamAt({ url, secret }: Use): Promise<Upstream> {
    if (this.#upstream?.url !== url) {
      await this.#upstream?.api.close();
      const backend = { kind: "rest", trackerId: "", uri: url, settings: {} } as const;
      const server = new Server({
        ...{ backend, clock: this.#clock, rates: new WorkspaceRates() },
        settings: async () => ({ tracking_token: secret }),
        profileFile: () => "",
        onVersion: () => undefined,
      });
      this.#upstream = { url, api: new Upstream(server, this.#clock) };
    }
    return this.#upstream.api;
  }
}

/** MLflow's clients ask again after 503 and most of 500 for minutes: what stays as it is has another status. */
function faultOf(error: unknown): unknown {
  if (!(error instanceof StepwellError)) return error;
  const sentence = `${error.message} ${error.row.remedy} (${error.code})`;
  return new RequestFault(isMissing(error) ? "NOT_IMPLEMENTED" : "BAD_REQUEST", sentence);
}

function isMissing(error: unknown): boolean {
  return error instanceof StepwellError && error.code === "STEPWELL_INTEGRATION_MISSING";
}
