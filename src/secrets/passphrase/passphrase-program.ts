/**
 * Seals or unseals one text in a process of its own: scrypt takes 256 MiB and a second, in
 * which the daemon would answer nobody. The request comes on stdin and the answer goes to
 * stdout; a program that fails says nothing.
 */
import { text } from "node:stream/consumers";
import { keepMemoryPrivate } from "../../home/private-memory.js";
import type { PassphraseAnswer, PassphraseRequest } from "./messages.js";
import { seal, unseal } from "./seal.js";

async function answer(request: PassphraseRequest): Promise<PassphraseAnswer> {
  const { passphrase } = request;
  if (request.task === "unseal") return await unseal(Buffer.from(request.sealed, "base64"), passphrase);
  const sealed = await seal(request.text, passphrase);
  return { kind: "sealed", sealed: Buffer.from(sealed).toString("base64") };
}

keepMemoryPrivate();
const answered = await answer(JSON.parse(await text(process.stdin)) as PassphraseRequest);
process.stdout.write(JSON.stringify(answered), () => process.exit(0));
