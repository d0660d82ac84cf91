/** The system's keychain: each call in a process of its own, with a deadline. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { StepwellError } from "../../errors/stepwell-error.js";
import { KEYCHAIN_MS_MAX } from "../../model/limits.js";
import { askProgram, type ProgramCalls } from "../ask-program.js";
import type { BackendState, SecretBackend } from "../backend.js";
import type { KeychainAnswer, KeychainFault, KeychainRequest } from "./messages.js";

const PROGRAM = fileURLToPath(new URL("./keychain-program.js", import.meta.url));

/** The keychain's items of one home. */
export function openKeychain(
  homeId: string,
  calls: ProgramCalls = { program: PROGRAM, timeoutMs: KEYCHAIN_MS_MAX },
): SecretBackend {
  const service = `stepwell ${homeId}`;
  const ask = (request: KeychainRequest) => askKeychain(calls, request);
  const write = async (item: string, value: string) => {
    const answer = done(await ask({ task: "write", service, item, text: value }));
    // A keychain that took a value and does not give it would lose it: better to know now.
    if (answer.kind !== "text" || answer.text !== value)
      throw unusable({ kind: "locked", reason: "it gave back another value" });
  };
  const read = async (item: string) => {
    const answer = done(await ask({ task: "read", service, item }));
    if (answer.kind === "text") return answer.text;
    throw unusable({ kind: "locked", reason: "it gives nothing for an item that was written" });
  };
  const remove = async (item: string) => void done(await ask({ task: "remove", service, item }));
  return { write, read, remove, state: () => tryOut(service, ask) };
}

/** Writes, reads and removes an item of no use, by one call. */
async function tryOut(
  service: string,
  ask: (request: KeychainRequest) => Promise<KeychainAnswer>,
): Promise<BackendState> {
  const item = `trial ${randomBytes(8).toString("hex")}`;
  const answer = await ask({ task: "try", service, item });
  if (isFault(answer)) return answer;
  if (answer.kind === "text" && answer.text === item) return { kind: "ready" };
  return { kind: "locked", reason: "it gives nothing back" };
}

function isFault(answer: KeychainAnswer): answer is KeychainFault {
  return answer.kind === "locked" || answer.kind === "absent";
}

/** An answer that is no fault. */
function done(answer: KeychainAnswer): Exclude<KeychainAnswer, KeychainFault> {
  if (isFault(answer)) throw unusable(answer);
  return answer;
}

function unusable({ kind, reason }: KeychainFault): StepwellError {
  return kind === "locked"
    ? new StepwellError("STEPWELL_KEYCHAIN_LOCKED", `The keychain is locked: ${reason}.`)
    : new StepwellError("STEPWELL_KEYCHAIN_UNREACHABLE", `The keychain can't be reached: ${reason}.`);
}

async function askKeychain(calls: ProgramCalls, request: KeychainRequest): Promise<KeychainAnswer> {
  const reply = await askProgram<KeychainRequest, KeychainAnswer>(calls, request);
  switch (reply.kind) {
    case "answer":
      return reply.answer;
    case "silent":
      return { kind: "absent", reason: "its program ended without an answer" };
    case "late": {
      const seconds = calls.timeoutMs / 1000;
      const reason = `it did not answer within ${seconds} s and may be asking for its password`;
      return { kind: "locked", reason };
    }
  }
}
