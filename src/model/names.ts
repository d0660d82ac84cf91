/** Whether a text may be the name of a workspace, which goes in an HTTP header. */
export function isWorkspaceName(text: string): boolean {
  return /^[\w.-]{1,255}$/.test(text);
}

/**
 * Whether a text begins with a byte-order mark, as an editor's file may. It can't be seen and is never
 * meant: what reads files drops it, and settings and secrets that begin with one are refused.
 */
export function hasByteOrderMark(text: string): boolean {
  return text.startsWith("\ufeff");
}

/** Whether a token can go in an HTTP header as it is: no line's end, no space, ASCII alone. */
export function isHeaderToken(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}
