/** Secrets after rows of the state store were lost: one that was deleted may be back beside a newer one of its name. */
import { renamedTwins } from "../stacks/stack-mend.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { Secret } from "./secret.js";

/** Gives each name to the newest secret that has it: references mean that one. */
export async function mendSecrets(store: Store): Promise<void> {
  const secrets = (await store.list<Secret>(TABLES.secret)).map(({ value }) => value);
  const changes = renamedTwins(secrets).map((value) => ({ table: TABLES.secret, key: value.id, value }));
  if (changes.length > 0) await store.write(changes, { sync: true });
}
