/**
 * Who may write through a relay: whoever shows one of the tokens of a file, where there is such a file. The file
 * holds a token a line, so that a new one is good before the old one goes, and is read again when it changes.
 * Who shows a certificate is checked by TLS before.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";
import { readPlainSync } from "../home/plain-file.js";

/** Tokens of one file. */
const TOKENS_MAX = 10_000;

export interface Access {
  /** Throws STEPWELL_NOT_AUTHENTICATED unless the value of "authorization" opens the relay. */
  admit(authorization: string | undefined): void;
}

/** Lets everybody in who gets as far as this. */
export const OPEN_ACCESS: Access = { admit: () => undefined };

/** Throws STEPWELL_CONFIG_INVALID for a file that can't be read, or has no token in it. */
export function tokenAccess(path: string): Access {
  let stamp = stampOf(path);
  let tokens = readTokens(path);
  const renew = () => {
    const now = stampOf(path);
    if (now === stamp) return;
    try {
      tokens = readTokens(path);
      stamp = now;
    } catch {
      // Half written, or away for a moment: those that were good stay so.
    }
  };
  return {
    admit: (authorization) => {
      renew();
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined)
        throw new StepwellError(
          "STEPWELL_NOT_AUTHENTICATED",
          "The relay takes a bearer token, and got none.",
        );
      const shown = digestOf(token);
      // All are compared, whichever it is.
      const isKnown = tokens.reduce((found, each) => timingSafeEqual(each, shown) || found, false);
      if (!isKnown)
        throw new StepwellError("STEPWELL_NOT_AUTHENTICATED", "The relay does not know the token.");
    },
  };
}

function readTokens(path: string): Buffer[] {
  let text: string;
  try {
    text = readPlainSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_CONFIG_INVALID", `The file of tokens ${path} can't be read.`, {
      cause,
    });
  }
  const tokens = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (tokens.length === 0 || tokens.length > TOKENS_MAX) {
    const sentence = `The file of tokens ${path} holds ${tokens.length} tokens; 1 to ${TOKENS_MAX} are allowed, one a line.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  return tokens.map(digestOf);
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "away";
  }
}
