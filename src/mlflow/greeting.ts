/** What a server says of itself at first contact: its version, and whether its store appends. */
import { isOlderMlflow, MLFLOW_VERSION_MODELS } from "./mlflow-version.js";
import { ServerFault } from "./server-fault.js";
import type { Session } from "./session.js";
import { type Answer, verdictOf } from "./verdict.js";

/** What matters of a server. */
export interface Greeting {
  /** As the server gives it; empty where it gives none. */
  readonly version: string;
  /** Whether the store keeps a point twice that it is sent twice: known of SQL stores that they don't. */
  readonly appends: boolean;
  /** Whether it has logged models: one without them ignores their ids without a word. */
  readonly knowsModels: boolean;
}

/** Asks a server who it is. Throws a ServerFault when it can't be reached. */
export async function greet(session: Session): Promise<Greeting> {
  const said = greetingOf(reached(await session.ask("GET", "/version"), session));
  const info = verdictOf(
    reached(await session.ask("GET", "/api/3.0/mlflow/server-info"), session),
    session.baseUrl,
  );
  const store = info.kind === "ok" ? info.body["store_type"] : undefined;
  // Servers that don't tell keep files, or a database: only the latter makes a point that comes twice one.
  return { ...said, appends: store !== "SqlStore" };
}

/** What an answer at /version says. */
export function greetingOf(answer: Answer & { kind: "answered" }): Omit<Greeting, "appends"> {
  const version = versionOf(answer);
  return {
    version,
    knowsModels: isOlderMlflow(version, MLFLOW_VERSION_MODELS) !== true,
  };
}

function reached(answer: Answer, session: Session): Answer & { kind: "answered" } {
  if (answer.kind === "answered") return answer;
  const verdict = verdictOf(answer, session.baseUrl);
  if (verdict.kind === "ok") throw new TypeError("no answer is a good one");
  throw new ServerFault(verdict);
}

function versionOf({ status, body }: Answer & { kind: "answered" }): string {
  return status === 200 ? (VERSION.exec(body.slice(0, VERSION_CHARACTERS_MAX + 1).trim())?.[0] ?? "") : "";
}

/** No part of it can be matched in two ways: a text that is none is told in one pass. */
const VERSION = /^\d{1,9}\.\d{1,9}(?!\d)[\w.+-]*$/;
const VERSION_CHARACTERS_MAX = 100;
