/** One request put to a real server and to a local store, and what they answered, so that the two can be compared. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalStore } from "../../../src/gateway/local/local-store.js";
import { readBody } from "../../../src/gateway/requests/body.js";
import { RequestFault } from "../../../src/gateway/requests/request-fault.js";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query?: [string, string][];
  readonly body?: unknown;
}

/** What one side answered. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Ids that each side made by itself stand as these in requests and in what is compared. */
const MARK = /«(\d+)»/g;

export class TwoSides {
  readonly #url: string;
  readonly #store: LocalStore;
  readonly #sinceMs = Date.now();
  /** What the server calls it, and what the local store does. */
  readonly #pairs: (readonly [server: string, local: string])[] = [];

  constructor(url: string, store: LocalStore) {
    this.#url = url;
    this.#store = store;
  }

  /** How many ids were made. */
  get made(): number {
    return this.#pairs.length;
  }

  /** Puts a request to both; answers what each said, with what differs for good taken out. */
  async ask(asked: Asked): Promise<readonly [server: Answered, local: Answered]> {
    const [server, local] = await Promise.all([
      this.#askServer(this.#fill(asked, 0)),
      this.#askLocal(this.#fill(asked, 1)),
    ]);
    this.#learn(server, local);
    // The two sides' clocks are one, and what is ordered by its milliseconds must not fall into the same one.
    if (asked.method !== "GET" && !asked.path.endsWith("/search")) await sleep(2);
    return [this.#plain(server, 0), this.#plain(local, 1)];
  }

  #fill(asked: Asked, side: 0 | 1): Asked {
    const text = JSON.stringify(asked).replace(
      MARK,
      (_mark, index: string) => this.#pairs[Number(index)]?.[side] ?? "m-unmade",
    );
    return JSON.parse(text) as Asked;
  }

  async #askServer({ method, path, query = [], body }: Asked): Promise<Answered> {
    const search = new URLSearchParams(query);
    const answer = await fetch(`${this.#url}${path}${search.size > 0 ? `?${search}` : ""}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
    const text = await answer.text();
    return { status: answer.status, body: isJson ? text : "" };
  }

  async #askLocal({ method, path, query = [], body }: Asked): Promise<Answered> {
    try {
      const answer = await this.#store.answer({
        method,
        path,
        query: new URLSearchParams(query),
        body: method === "GET" ? {} : readBody(JSON.stringify(body ?? {})),
      });
      return answer === "unknown route" ? { status: 404, body: answer } : answer;
    } catch (error) {
      if (error instanceof RequestFault) return { status: error.status, body: error.toJson() };
      throw error;
    }
  }

  /** Notes the ids of what both have just made. */
  #learn(server: Answered, local: Answered): void {
    for (const pattern of [/"model_id": "(m-[0-9a-f]{32})"/, /"name": "([^"]+)"/]) {
      const [made, own] = [pattern.exec(server.body)?.[1], pattern.exec(local.body)?.[1]];
      if (!made || !own || made === own || !server.body.startsWith('{\n  "model": {')) continue;
      if (!this.#pairs.some(([known]) => known === made)) this.#pairs.push([made, own]);
    }
  }

  #plain({ status, body }: Answered, side: 0 | 1): Answered {
    let text = body;
    for (const [index, pair] of this.#pairs.entries()) text = text.replaceAll(pair[side], `«${index}»`);
    text = text
      .replace(/"next_page_token": "([^"]*)"/g, (_all, token: string) => {
        let decoded = Buffer.from(token, "base64").toString();
        for (const [index, pair] of this.#pairs.entries())
          decoded = decoded.replaceAll(pair[side], `«${index}»`);
        return `"next_page_token": ${JSON.stringify(decoded)}`;
      })
      .replace(/("\w+_(?:time|timestamp_ms)": )(\d+)/g, (all, name: string, time: string) =>
        Number(time) >= this.#sinceMs ? `${name}"now"` : all,
      )
      // Python's sets come in any order, and SQLAlchemy tells of its statement.
      .replace(
        /\{('[^']*'(?:, '[^']*')*)\}/g,
        (_all, members: string) => `{${members.split(", ").sort().join(", ")}}`,
      )
      .replace(/\\n\[SQL: .*?", "sqlstate"/s, '", "sqlstate"')
      .replace(/(Error binding parameter )\d+/, "$1N")
      .replace(/(malformed node or string on line 1: )[^"]*"/, '$1"')
      // How Python says that it can't read a list depends on its release.
      .replace(
        /"message": "(?:\\.|[^"\\])*\(<unknown>, line 1\)"/,
        '"message": "malformed node or string on line 1: "',
      );
    return { status, body: text };
  }
}

/** Whether the two said the same. What is no JSON is compared by its status alone. */
export function isSame(server: Answered, local: Answered): boolean {
  if (server.status !== local.status) return false;
  return server.body === "" || canonical(server.body) === canonical(local.body);
}

/** Whether the local store refuses a field of a wrong type, which the server drops with all that follow, or what the server breaks on. */
export function isRefusedAlone(server: Answered, local: Answered): boolean {
  if (local.status !== 400) return false;
  return server.status === 500 || local.body.includes("Hint: Value was of type");
}

/** Lists in the order of ids, which each side makes by itself. */
const BY_ID = ["model_inputs", "model_outputs"];

/** JSON with its fields sorted, and its numbers as they are written. */
export function canonical(json: string): string {
  const quoted = json.replace(/"(?:\\.|[^"\\])*"|-?(?:\d[\d.eE+-]*|NaN|Infinity)/g, (word) =>
    word.startsWith('"') ? word : `"#${word}"`,
  );
  return JSON.stringify(sorted(JSON.parse(quoted)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    fields.map(([name, each]) => {
      const inner = sorted(each);
      return [
        name,
        BY_ID.includes(name) && Array.isArray(inner) ? inner.map((one) => JSON.stringify(one)).sort() : inner,
      ];
    }),
  );
}
