/** The system's keychain: each call in a process of its own, with a deadline. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { StepwellError } from "../../errors/stepwell-error.js";
import { KEYCHAIN_MS_MAX } from "../../model/limits.js";
import type { BackendState, SecretBackend } from "../backend.js";
import type { KeychainAnswer, KeychainFault, KeychainRequest } from "./messages.js";

const PROGRAM = fileURLToPath(new URL("./keychain-program.js", import.meta.url));

/** The keychain's items of one home. */
export function openKeychain(homeId: string): SecretBackend {
  const service = `stepwell ${homeId}`;
  const write = async (item: string, value: string) => {
    done(await ask({ task: "write", service, item, text: value }));
    // A keychain that took a value and does not give it would lose it: better to know now.
    if ((await read(item)) !== value)
      throw unusable({ kind: "locked", reason: "it gave back another value" });
  };
  const read = async (item: string) => {
    const answer = await ask({ task: "read", service, item });
    if (answer.kind === "text") return answer.text;
    if (answer.kind === "locked" || answer.kind === "absent") throw unusable(answer);
    throw unusable({ kind: "locked", reason: "it gives nothing for an item that was written" });
  };
  const remove = async (item: string) => done(await ask({ task: "remove", service, item }));
  return { write, read, remove, state: () => tryOut(write, remove) };
}

async function tryOut(
  write: (item: string, value: string) => Promise<void>,
  remove: (item: string) => Promise<void>,
): Promise<BackendState> {
  const item = `trial ${randomBytes(8).toString("hex")}`;
  try {
    await write(item, "trial");
    await remove(item);
    return { kind: "ready" };
  } catch (error) {
    const fault = error instanceof StepwellError ? error : undefined;
    const kind = fault?.code === "STEPWELL_KEYCHAIN_LOCKED" ? "locked" : "absent";
    return { kind, reason: (fault?.message ?? String(error)).replace(/\.$/, "") };
  }
}

function done(answer: KeychainAnswer): void {
  if (answer.kind === "locked" || answer.kind === "absent") throw unusable(answer);
}

function unusable({ kind, reason }: KeychainFault): StepwellError {
  return kind === "locked"
    ? new StepwellError("STEPWELL_KEYCHAIN_LOCKED", `The keychain is locked: ${reason}.`)
    : new StepwellError("STEPWELL_KEYCHAIN_UNREACHABLE", `The keychain can't be reached: ${reason}.`);
}

async function ask(request: KeychainRequest): Promise<KeychainAnswer> {
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: KEYCHAIN_MS_MAX,
    killSignal: "SIGKILL",
  });
  // It may end before it has read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
  const [said] = await Promise.all([text(child.stdout), once(child, "close").catch(() => undefined)]);
  if (said !== "") return JSON.parse(said) as KeychainAnswer;
  if (child.signalCode === null) return { kind: "absent", reason: "its program ended without an answer" };
  const seconds = KEYCHAIN_MS_MAX / 1000;
  return {
    kind: "locked",
    reason: `it did not answer within ${seconds} s and may be asking for its password`,
  };
}
