import { fileURLToPath } from "node:url";
import { StepwellError } from "../../errors/stepwell-error.js";
import {
  PASSPHRASE_CHARACTERS_MAX,
  PASSPHRASE_CHARACTERS_MIN,
  PASSPHRASE_MS_MAX,
} from "../../model/limits.js";
import { askProgram, type ProgramCalls } from "../ask-program.js";
import type { PassphraseAnswer, PassphraseRequest, Unsealed } from "./messages.js";

const PROGRAM = fileURLToPath(new URL("./passphrase-program.js", import.meta.url));

/** What can be done with a passphrase. Both throw STEPWELL_PASSPHRASE_UNTRIED where there is no time or no memory. */
export interface Passphrases {
  seal(text: string, passphrase: string): Promise<Uint8Array>;
  unseal(sealed: Uint8Array, passphrase: string): Promise<Unsealed>;
}

/** Each call is a process of its own, with a deadline. */
export function passphrasesByProgram(
  calls: ProgramCalls = { program: PROGRAM, timeoutMs: PASSPHRASE_MS_MAX },
): Passphrases {
  return {
    seal: async (text, passphrase) => {
      const answer = await ask(calls, { task: "seal", text, passphrase });
      if (answer.kind === "sealed") return Buffer.from(answer.sealed, "base64");
      throw untried("its program gave another answer");
    },
    unseal: async (sealed, passphrase) => {
      const request = { task: "unseal", sealed: Buffer.from(sealed).toString("base64"), passphrase } as const;
      const answer = await ask(calls, request);
      if (answer.kind !== "sealed") return answer;
      throw untried("its program gave another answer");
    },
  };
}

/** Throws STEPWELL_PASSPHRASE_INVALID for what is no passphrase for a vault; no error shows it. */
export function checkPassphrase(passphrase: string): void {
  const characters = [...passphrase].length;
  if (characters < PASSPHRASE_CHARACTERS_MIN || characters > PASSPHRASE_CHARACTERS_MAX)
    throw invalid(`It has ${characters < PASSPHRASE_CHARACTERS_MIN ? "too few" : "too many"} characters.`);
  // It could not be typed at a prompt, or not be told from another.
  if (/\p{Cc}/u.test(passphrase) || !passphrase.isWellFormed())
    throw invalid("It has a control character or is no valid text.");
}

async function ask(calls: ProgramCalls, request: PassphraseRequest): Promise<PassphraseAnswer> {
  const reply = await askProgram<PassphraseRequest, PassphraseAnswer>(calls, request);
  if (reply.kind === "answer") return reply.answer;
  throw untried(
    reply.kind === "late"
      ? `its program took more than ${calls.timeoutMs / 1000} s`
      : "its program ended without an answer",
  );
}

function untried(reason: string): StepwellError {
  return new StepwellError("STEPWELL_PASSPHRASE_UNTRIED", `The passphrase could not be tried: ${reason}.`);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_PASSPHRASE_INVALID", `This can't be the passphrase. ${sentence}`);
}
