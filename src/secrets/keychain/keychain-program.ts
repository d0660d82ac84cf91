/**
 * One call of the keychain in a process of its own: a keychain that waits for somebody to
 * unlock it holds a thread, and four of them would stop the daemon's disk. The request
 * comes on stdin and the answer goes to stdout, so that no value is in an argument.
 */
import { text } from "node:stream/consumers";
import { keepMemoryPrivate } from "../../home/private-memory.js";
import { loadBindings } from "./bindings.js";
import { faultOf, type KeychainAnswer, type KeychainRequest } from "./messages.js";

async function answer(request: KeychainRequest): Promise<KeychainAnswer> {
  const bindings = await loadBindings();
  const [preferred] = bindings;
  if (!preferred) return { kind: "absent", reason: "no binding to it loads on this platform" };
  const { service, item } = request;
  const read = async (): Promise<KeychainAnswer> => {
    for (const binding of bindings) {
      const found = await binding.get(service, item);
      if (found !== null) return { kind: "text", text: found };
    }
    return { kind: "nothing" };
  };
  const remove = async () => {
    for (const binding of bindings) if (await binding.delete(service, item)) return;
    // It was not there, or a lock hides it: only a write tells the two apart.
    await preferred.set(service, `${item} trial`, "trial");
    await preferred.delete(service, `${item} trial`);
  };
  switch (request.task) {
    case "write":
      await preferred.set(service, item, request.text);
      return await read();
    case "read":
      return await read();
    case "remove":
      await remove();
      return { kind: "done" };
    case "try": {
      await preferred.set(service, item, item);
      const given = await read();
      await remove();
      return given;
    }
  }
}

async function answerOrFault(): Promise<KeychainAnswer> {
  try {
    return await answer(JSON.parse(await text(process.stdin)) as KeychainRequest);
  } catch (error) {
    return faultOf(error instanceof Error ? error.message : String(error));
  }
}

keepMemoryPrivate();
process.stdout.write(JSON.stringify(await answerOrFault()), () => process.exit(0));
