/** `relay token`: a new token, of which the relay's file gets the digest alone. */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, writeSync } from "node:fs";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { openForAppending } from "../../home/plain-file.js";
import type { Context } from "../context.js";

export interface RelayTokenOptions {
  readonly tokenFile: string;
}

const TOKEN_BYTES = 32;
const NAME = /^[\w.@/-]{1,100}$/;

/** Adds the digest to the file, which is made for this user alone where there is none, and shows the token once. */
export function token({ stdout, stderr }: Context, name: string, { tokenFile }: RelayTokenOptions): number {
  if (!NAME.test(name))
    throw new StepwellError("STEPWELL_USAGE", "A token's name has 1 to 100 letters, digits, _ . @ / or -.");
  const made = randomBytes(TOKEN_BYTES).toString("base64url");
  const digest = createHash("sha256").update(made).digest("hex");
  try {
    const file = openForAppending(tokenFile);
    try {
      // One that an editor left without its last line's end is ended first.
      writeSync(file, `\n${name} sha256:${digest}\n`);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new StepwellError("STEPWELL_USAGE", `The file ${tokenFile} can't be written.`, { cause });
  }
  stdout(`${made}\n`);
  stderr(
    `Its digest is in ${tokenFile}. The token is shown this once: give it to the tracker as tracking_token.\n`,
  );
  return EXIT.ok;
}
