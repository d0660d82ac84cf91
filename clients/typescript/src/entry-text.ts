// Made from src/model/entry-text.ts by npm run generate.
/**
 * What MLflow takes of keys and ids, and how it measures texts. The TypeScript client checks with the same
 * lines: `npm run generate` copies this file to it.
 */
import { KEY_CODE_POINTS_MAX, MODEL_ID_CHARACTERS_MAX } from "./contract.js";

/**
 * What is wrong with a metric, param or tag key, or undefined when MLflow takes it.
 *
 * Slash, Unicode word characters, `.`, `-`, space and `:`; the key must equal its
 * own normalized path. Python's `\w` is Unicode, so letters and digits of any script pass.
 */
export function keyFault(key: string): string | undefined {
  if (key === "") return "the key is empty";
  if (!key.isWellFormed()) return "the key holds a lone surrogate, which is not valid text";
  const length = codePoints(key);
  if (length > KEY_CODE_POINTS_MAX) {
    return `the key has ${length} characters; ${KEY_CODE_POINTS_MAX} are allowed`;
  }
  if (!ALLOWED.test(key)) {
    return "the key may hold letters, digits, _ - . : / and spaces only";
  }
  return isNormalizedPath(key)
    ? undefined
    : "the key must be a plain relative path: no leading /, no .., no //";
}

/** Whether a text may be the id of a logged model. */
export function isModelId(text: string | undefined): boolean {
  return text !== undefined && text.length <= MODEL_ID_CHARACTERS_MAX && /^[\w.-]+$/.test(text);
}

/** The length of a text in code points, as MLflow measures it. */
export function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // A low surrogate belongs to the code point that its high surrogate began.
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

const ALLOWED = /^[/\p{L}\p{N}_.\- :]+$/u;

function isNormalizedPath(key: string): boolean {
  return !key.startsWith("/") && !key.startsWith("..") && !/(^|\/)\.{0,2}(\/|$)/.test(key);
}
