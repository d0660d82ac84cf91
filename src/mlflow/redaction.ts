/**
 * Takes the credentials that are in use out of what a server says, before anything keeps it: a
 * server, or a proxy before it, may quote our Authorization in an error, raw or in another form.
 *
 * An answer that is not a success is read for its words alone, so all of its texts are looked at. Of a
 * success only long forms are: a password such as "metrics" must not change what the answer says.
 */
import type { Credentials } from "./credentials.js";
import type { Answer } from "./verdict.js";

/** Stands in place of a credential. */
export const REDACTED = "[redacted]";

/** A beginning of a credential of so many characters is one, too: servers cut what they quote. */
const BEGINNING_CHARACTERS = 8;

/** What a server may quote after its scheme, whatever credential it is; not words, as in "basic authentication". */
const QUOTED_HEADER = /\b(basic|bearer)(\s+|%20|\+)(?=[\w.~+/%-]{0,40}[\d=])[\w.~+/=%-]{4,}/gi;

/** MLflow's and Databricks' own words, which decide what an answer means. */
const ERROR_CODE = /^[A-Z]+(_[A-Z]+)*$/;

/** The texts that give access. A user's name is one: trackers keep it as a secret. */
export function secretsOf(credentials: Credentials): string[] {
  switch (credentials.kind) {
    case "none":
      return [];
    case "basic":
      return [credentials.username, credentials.password, `${credentials.username}:${credentials.password}`];
    case "bearer":
      return [credentials.token];
    case "oauth":
      return [
        credentials.clientId,
        credentials.clientSecret,
        `${credentials.clientId}:${credentials.clientSecret}`,
      ];
  }
}

export class Redactor {
  /** Every form of every secret in lower case, the longest first, each once. */
  readonly #forms: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.flatMap(formsOf).map((form) => form.toLowerCase()));
    this.#forms = [...forms].sort((one, other) => other.length - one.length);
  }

  /** The text without any form of a secret, nor what stands behind "Basic" or "Bearer". */
  text(text: string): string {
    return without(text, this.#forms, BEGINNING_CHARACTERS).replace(QUOTED_HEADER, `$1$2${REDACTED}`);
  }

  /** The answer as it may be kept. */
  answer(answer: Answer): Answer {
    if (answer.kind === "failed") return { ...answer, message: this.text(answer.message) };
    const isSuccess = answer.status >= 200 && answer.status < 300;
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [
        name,
        value === undefined ? value : this.#longForms(value),
      ]),
    );
    const body = isSuccess ? this.#longForms(answer.body) : this.#ofError(answer.body);
    return { ...answer, headers, body };
  }

  /** Numbers and words that decide what the answer means are shorter. */
  #longForms(text: string): string {
    const forms = this.#forms.filter((form) => form.length >= BEGINNING_CHARACTERS);
    return without(text, forms, Number.POSITIVE_INFINITY);
  }

  #ofError(body: string): string {
    return mapTexts(body, (text, key) =>
      key === "error_code" && ERROR_CODE.test(text) ? text : this.text(text),
    );
  }
}

/** The text without the forms; a beginning of one with so many characters counts, too. */
function without(text: string, forms: readonly string[], beginning: number): string {
  const lower = text.toLowerCase();
  // In a few languages a letter has another length in lower case: then places can't be compared.
  if (lower.length !== text.length) return forms.some((form) => lower.includes(form)) ? REDACTED : text;
  let left = "";
  let from = 0;
  for (const [begin, end] of placesOf(lower, forms, beginning)) {
    if (end <= from) continue;
    if (begin >= from) left += `${text.slice(from, begin)}${REDACTED}`;
    from = end;
  }
  return left + text.slice(from);
}

/** Where forms or their beginnings stand in a text; in order, and perhaps overlapping. */
function placesOf(text: string, forms: readonly string[], beginning: number): [number, number][] {
  const places: [number, number][] = [];
  for (const form of forms) {
    const wanted = form.slice(0, beginning);
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
      let end = at + wanted.length;
      while (end - at < form.length && text[end] === form[end - at]) end += 1;
      places.push([at, end]);
    }
  }
  return places.sort(([one, oneEnd], [other, otherEnd]) => one - other || otherEnd - oneEnd);
}

/** As a text may show a secret: raw, encoded, escaped, and decoded where it is an encoding itself. */
function formsOf(secret: string): string[] {
  if (secret === "") return [];
  const decoded = decodedForms(secret);
  const forms = [secret, ...decoded].flatMap((text) => {
    const json = JSON.stringify(text).slice(1, -1);
    const bytes = Buffer.from(text, "utf8");
    return [
      text,
      json,
      // As Python's json.dumps writes it, and as slashes are often escaped.
      json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
      json.replaceAll("/", "\\/"),
      text.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
      withEntities(text),
      withEntities(text).replaceAll("&#39;", "&#x27;").replaceAll("&quot;", "&#34;"),
      encodeURIComponent(text.toWellFormed()),
      new URLSearchParams({ "": text }).toString().slice(1),
      ...base64Forms(bytes),
      bytes.toString("hex"),
    ];
  });
  return forms.filter((form) => form !== "");
}

/** As it stands in base64 of whatever text: its letters depend on how many bytes stand before it. */
function base64Forms(bytes: Buffer): string[] {
  const inner = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The letters at both ends hold bits of their neighbours.
    return text.slice(Math.ceil((before * 8) / 6), (before + bytes.length) % 3 === 0 ? undefined : -1);
  });
  const whole = bytes.toString("base64");
  const all = [whole, whole.replace(/=+$/, ""), ...inner];
  return [...all, ...all.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** What the secret stands for, where it is base64 of a text or URL-encoded itself. */
function decodedForms(secret: string): string[] {
  const forms: string[] = [];
  try {
    forms.push(decodeURIComponent(secret));
  } catch {
    // It is not URL-encoded.
  }
  if (/^[\w+/-]{8,}={0,2}$/.test(secret)) {
    const decoded = Buffer.from(secret, "base64").toString("latin1");
    if (/^[\x20-\x7e]{6,}$/.test(decoded)) forms.push(decoded);
  }
  return forms.filter((form) => form !== secret);
}

function withEntities(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A JSON text with each text in it mapped, names of fields excepted; any other text mapped whole. */
function mapTexts(body: string, map: (text: string, key: string) => string): string {
  try {
    const mapped: unknown = JSON.parse(body, (key, value: unknown) =>
      typeof value === "string" ? map(value, key) : value,
    );
    if (typeof mapped === "object") return JSON.stringify(mapped);
  } catch {
    // It is no JSON, or too deep for it.
  }
  return map(body, "");
}
