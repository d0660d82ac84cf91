/** Searches what is known of a tracker that is away, in a thread of its own, which runs while somebody asks. */
import { RequestFault } from "../requests/request-fault.js";
import type { LocalRequest } from "../requests/request-message.js";
import type { Known } from "./known-tables.js";
import type { Page } from "./page-token.js";
import { QueryThread, unavailable } from "./query-thread.js";

const IDLE_MS = 10_000;
/** The thread opens no file. */
const NO_PLACE = { databasePath: "", artifactRoot: "", servesArtifacts: false, busyTimeoutMs: 0 };

export class KnownSearch {
  readonly #thread = new QueryThread(new URL("./local-thread.js", import.meta.url), NO_PLACE, IDLE_MS);

  /** The ids of a page of those that the request means. Rejects with a RequestFault where MLflow does not take it. */
  async find(known: Known, { method, query, body }: Omit<LocalRequest, "path">): Promise<Page<string>> {
    const reply = await this.#thread.ask({ kind: "known", known, method, query: [...query], body });
    if (reply.kind === "page") return reply.page;
    if (reply.kind === "fault") throw new RequestFault(reply.code, reply.message, reply.errorClass);
    throw unavailable("The search was broken off.");
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
