import { KEYCHAIN_CALL_MS_MAX } from "../../home/wait.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import type { Prompts } from "./hidden-input.js";

/** Asks for the values of keys that do not exist yet, given as NAME.KEY, and keeps each secret once it is complete. */
export async function askForSecrets(
  context: Context,
  { secrets, call }: Connection,
  prompts: Prompts,
  missing: readonly string[],
): Promise<void> {
  const existing = (await call(secrets.listSecrets.bind(secrets), {})).secrets.map(({ name }) => name);
  const names = new Set(missing.map((each) => each.slice(0, each.indexOf("."))));
  for (const name of names) {
    const keys = missing.filter((each) => each.startsWith(`${name}.`));
    const values: Record<string, string> = {};
    for (const each of keys)
      values[each.slice(name.length + 1)] = await prompts.askHidden(`The value of ${each} (not shown): `);
    if (existing.includes(name))
      await call(
        secrets.updateSecret.bind(secrets),
        { secret: name, values, removedKeys: [] },
        KEYCHAIN_CALL_MS_MAX,
      );
    else await call(secrets.createSecret.bind(secrets), { name, values }, KEYCHAIN_CALL_MS_MAX);
    context.stderr(`Kept ${keys.join(", ")}.\n`);
  }
}
