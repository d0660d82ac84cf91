/**
 * The names that a client's certificate was given by its authority: its subject alternative names, as "DNS:", "URI:",
 * "IP:" or "email:" and the name. The common name is none of them: anybody's certificate may have the same.
 */

/** Names of one certificate that are looked at. */
const NAMES_MAX = 100;

const KINDS: Readonly<Record<string, string>> = {
  DNS: "DNS",
  URI: "URI",
  "IP Address": "IP",
  email: "email",
};

/** Of the text that Node makes of them. A name with a comma or a quote in it is quoted there, as JSON. */
export function certificateNames(text: string): string[] {
  const item = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
  const names: string[] = [];
  while (names.length < NAMES_MAX) {
    const [, kind = "", value = ""] = item.exec(text) ?? [];
    if (kind === "") break;
    const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    const name = value.startsWith('"') ? unquoted(value) : value;
    if (known === undefined || name === "") continue;
    names.push(`${known}:${known === "DNS" ? name.toLowerCase() : name}`);
  }
  return names;
}

function unquoted(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}
