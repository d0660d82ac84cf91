/**
 * The file of bearer tokens: a token a line, with the name of whoever has it before it. In place of a token its
 * SHA-256 may stand there, as "sha256:" and 64 hexadecimal digits; in memory there is nothing else. That is enough for
 * tokens, which are made at random: no list of likely ones leads from the digest to the token.
 *
 *   nodes  sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
 *
 * Several lines may have one name: a new token is good before the old one goes.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { StepwellError } from "../../errors/stepwell-error.js";
import { readPlainSync } from "../../home/plain-file.js";

/** Tokens of one file. */
const TOKENS_MAX = 10_000;
const NAME = /^[\w.@/-]{1,100}$/;
const DIGEST = /^sha256:([0-9a-f]{64})$/i;

export interface KnownToken {
  /** Its line. */
  readonly line: number;
  /** Empty: it has none. */
  readonly name: string;
  readonly digest: Buffer;
}

export class Tokens {
  readonly #byDigest: ReadonlyMap<string, KnownToken>;

  constructor(tokens: readonly KnownToken[]) {
    this.#byDigest = new Map(tokens.map((token) => [placeOf(token.digest), token]));
  }

  get all(): KnownToken[] {
    return [...this.#byDigest.values()];
  }

  /** The digest finds the place, which tells nothing of the token; that it is the same takes equal time whatever it is. */
  find(digest: Buffer): KnownToken | undefined {
    const known = this.#byDigest.get(placeOf(digest));
    return known && timingSafeEqual(known.digest, digest) ? known : undefined;
  }
}

/** Throws STEPWELL_CONFIG_INVALID for a file that can't be read, has no token in it, or a line that is none. No error shows a token. */
export function readTokens(path: string): Tokens {
  let text: string;
  try {
    text = readPlainSync(path);
  } catch (cause) {
    throw new StepwellError("STEPWELL_CONFIG_INVALID", `The file of tokens ${path} can't be read.`, {
      cause,
    });
  }
  const tokens = text.split("\n").flatMap((each, index) => {
    const words = each.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) return [];
    return [tokenOf(words, index + 1, path)];
  });
  if (tokens.length === 0 || tokens.length > TOKENS_MAX) {
    const sentence = `The file of tokens ${path} holds ${tokens.length} tokens; 1 to ${TOKENS_MAX} are allowed, one a line.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  return new Tokens(tokens);
}

export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function tokenOf(words: readonly string[], line: number, path: string): KnownToken {
  const [name = "", token = ""] = words.length === 1 ? ["", ...words] : words;
  if (words.length > 2 || (name !== "" && !NAME.test(name))) {
    const sentence = `Line ${line} of the file of tokens ${path} is no NAME TOKEN: a name has at most 100 letters, digits, _ . @ / or -.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  const digest = DIGEST.exec(token)?.[1];
  if (digest === undefined && /^sha256:/i.test(token)) {
    const sentence = `Line ${line} of the file of tokens ${path} has no 64 hexadecimal digits behind sha256:.`;
    throw new StepwellError("STEPWELL_CONFIG_INVALID", sentence);
  }
  return { line, name, digest: digest === undefined ? digestOf(token) : Buffer.from(digest, "hex") };
}

function placeOf(digest: Buffer): string {
  return digest.toString("hex");
}
