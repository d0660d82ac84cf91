import { promisify } from "node:util";
import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import test from "ava";
import { secretsService } from "../../src/api/secrets-service.js";
import { openBook } from "../secrets/book.js";

const PASSPHRASE = "one passphrase of many words";

/** Calls a handler as a server would. */
async function ask<Request, Response>(
  handler: handleUnaryCall<Request, Response>,
  request: Request,
): Promise<Response | null | undefined> {
  const call = { request } as ServerUnaryCall<Request, Response>;
  return await promisify<Response | null | undefined>((answer) => handler(call, answer))();
}

test("lanes are told of an unlock, and of no passphrase that was wrong", async (t) => {
  const { book } = await openBook(t);
  let told = 0;
  const service = secretsService(book, () => told++);
  await ask(service.sealVault, { passphrase: PASSPHRASE });
  t.is(told, 0);
  const wrong = ask(service.unlockVault, { passphrase: `${PASSPHRASE}!` });
  const error: unknown = await wrong.catch((refused: unknown) => refused);
  t.like(error, { details: "This is not the vault's passphrase." });
  t.is(told, 0);
  t.deepEqual(await ask(service.unlockVault, { passphrase: PASSPHRASE }), { unlocked: true });
  t.is(told, 1);
});
