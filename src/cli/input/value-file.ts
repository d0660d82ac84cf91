import { VALUE_FILE_BYTES_MAX } from "../../model/limits.js";
import { readFileWithin } from "./bounded-text.js";

/**
 * The value that an option gives: @PATH is what the file holds, without the line feed at its
 * end; @@ is an at sign. Throws STEPWELL_USAGE for a file that can't be read or is too large.
 */
export function readValue(text: string, bytesMax = VALUE_FILE_BYTES_MAX): string {
  if (text.startsWith("@@")) return text.slice(1);
  if (!text.startsWith("@")) return text;
  return readFileWithin(text.slice(1), bytesMax, "gives no value").replace(/\r?\n$/, "");
}
