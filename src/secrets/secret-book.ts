/**
 * Secrets: their names and keys are in memory and in the state store, their values in the
 * keychain or the vault alone. A change is one synced write to the state store; secret-items
 * says how the backends keep up with it.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { newId } from "../model/id.js";
import { nearMatch } from "../model/near-match.js";
import { Turns } from "../model/turns.js";
import type { StackBook } from "../stacks/stack-book.js";
import type { Change } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { BackendKind } from "./backend.js";
import { BackendChoice, checkReady } from "./backend-choice.js";
import { type BackendReport, reportBackend } from "./backend-report.js";
import { holdersOf, resolveReferences, rewritten, type SecretUse, usesOf } from "./references.js";
import { checkSecretName, checkSecretValues, type Secret, type SecretValues } from "./secret.js";
import { SecretItems, type SecretItemsOptions } from "./secret-items.js";
import type { VaultKey } from "./vault-key.js";

export interface SecretBookOptions extends SecretItemsOptions {
  readonly stacks: StackBook;
}

/** A change whose values are in their backend and that counts once `changes` are written. */
export interface StagedSecret {
  readonly secret: Secret;
  readonly changes: readonly Change[];
}

export class SecretBook {
  readonly #options: SecretBookOptions;
  readonly #items: SecretItems;
  readonly #choice: BackendChoice;
  readonly #secrets = new Map<string, Secret>();
  readonly #changing = new Turns();

  private constructor(options: SecretBookOptions, choice: BackendChoice, items: SecretItems) {
    this.#options = options;
    this.#choice = choice;
    this.#items = items;
  }

  static async open(options: SecretBookOptions): Promise<SecretBook> {
    const { store, clock, backends } = options;
    const choice = await BackendChoice.open(store, clock, backends);
    const book = new SecretBook(options, choice, await SecretItems.open(options));
    for (const { value } of await store.list<Secret>(TABLES.secret)) book.#secrets.set(value.id, value);
    const left = await book.#items.left();
    // A keychain may take its time, or be locked: nobody waits for it.
    if (left.length > 0) void book.serially(() => book.#items.discard(left));
    if (book.#items.shared(book.list()).length > 0) void book.serially(() => book.#makeOwn());
    return book;
  }

  /** Secrets by name. */
  list(): Secret[] {
    return [...this.#secrets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The one of exactly this name or id. Throws STEPWELL_SECRET_UNKNOWN. */
  secret(nameOrId: string): Secret {
    const found = this.list().find(({ name }) => name === nameOrId) ?? this.#secrets.get(nameOrId);
    if (found) return found;
    const names = this.list().map(({ name }) => name);
    const sentence = `There is no secret ${JSON.stringify(nameOrId)}.`;
    throw new StepwellError("STEPWELL_SECRET_UNKNOWN", sentence + nearMatch(nameOrId, names));
  }

  /** The settings of components that refer to it; also to a name that no secret has any more. */
  uses({ name }: Pick<Secret, "name">): SecretUse[] {
    return usesOf(this.#options.stacks, name);
  }

  /** Which backend keeps new secrets, and how it is. */
  async backendReport(): Promise<BackendReport> {
    return await reportBackend(this.#choice, this.#options.backends, this.list());
  }

  /** Throws STEPWELL_KEYCHAIN_LOCKED, STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED. */
  async values(secret: Secret): Promise<SecretValues> {
    return await this.#items.values(secret);
  }

  /** The configuration with values in place of references. Throws as values, STEPWELL_SECRET_UNKNOWN or STEPWELL_SECRET_KEY_UNKNOWN. */
  async resolve(configuration: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    return await resolveReferences(configuration, this.list(), (secret) => this.#items.values(secret));
  }

  /** Throws STEPWELL_SECRET_INVALID, STEPWELL_NAME_TAKEN, or what the backend throws. */
  async create(name: string, values: SecretValues): Promise<Secret> {
    return await this.serially(async () => await this.#write(await this.stageNew(name, values, false)));
  }

  /**
   * Puts values over what there is and removes keys. Throws as secret and create; for a key that
   * is not there or is in both STEPWELL_SECRET_KEY_UNKNOWN; for one that is referred to STEPWELL_SECRET_IN_USE.
   */
  async update(nameOrId: string, values: SecretValues, removedKeys: readonly string[]): Promise<Secret> {
    return await this.serially(async () => {
      const secret = this.secret(nameOrId);
      const unknown = removedKeys.find((key) => !secret.keys.includes(key) || Object.hasOwn(values, key));
      if (unknown !== undefined) {
        const sentence = `The key ${JSON.stringify(unknown)} can't be removed: the secret has ${secret.keys.join(", ")}.`;
        throw new StepwellError("STEPWELL_SECRET_KEY_UNKNOWN", sentence);
      }
      this.#checkUnused(secret, (use) => removedKeys.includes(use.key));
      return await this.#write(await this.stageUpdate(secret, values, removedKeys));
    });
  }

  /** With `rewrite` references follow; with `force` they dangle. Throws as secret, STEPWELL_SECRET_INVALID, STEPWELL_NAME_TAKEN or STEPWELL_SECRET_IN_USE. */
  async rename(nameOrId: string, name: string, how: { rewrite: boolean; force: boolean }): Promise<Secret> {
    return await this.serially(async () => {
      const secret = this.secret(nameOrId);
      this.#checkFree(name);
      if (!how.rewrite && !how.force) this.#checkUnused(secret, () => true);
      const after = { ...secret, name, updatedMs: this.#options.clock.nowMs() };
      const changes = [recordOf(after)];
      const { stacks } = this.#options;
      const holders = how.rewrite ? holdersOf(stacks, secret.name) : [];
      const configurations = holders.map(
        ({ id, configuration }) => [id, rewritten(configuration, secret.name, name)] as const,
      );
      await stacks.replaceConfigurations(new Map(configurations), { beside: changes });
      this.#secrets.set(after.id, after);
      return after;
    });
  }

  /** Throws as secret, and STEPWELL_SECRET_IN_USE unless forced. */
  async delete(nameOrId: string, force: boolean): Promise<Secret> {
    return await this.serially(async () => {
      const secret = this.secret(nameOrId);
      if (!force) this.#checkUnused(secret, () => true);
      const changes = [{ ...recordOf(secret), value: undefined }, ...this.#items.swap(undefined, secret)];
      await this.#options.store.write(changes, { sync: true });
      this.#secrets.delete(secret.id);
      await this.#items.discard([secret]);
      return secret;
    });
  }

  /**
   * Moves all secrets to a backend and keeps new ones there; answers how many were elsewhere.
   * Throws what either backend throws, and then nothing has moved.
   */
  async moveTo(kind: BackendKind): Promise<number> {
    return await this.serially(async () => {
      checkReady(kind, await this.#options.backends[kind].state());
      const elsewhere = this.list().filter(({ backend }) => backend !== kind);
      const staged = await this.#stageAll(elsewhere, kind);
      const { change, commit } = this.#choice.plan(kind);
      await this.#options.store.write([...staged.flatMap(({ changes }) => changes), change], { sync: true });
      commit();
      for (const each of staged) await this.settle(each);
      return staged.length;
    });
  }

  /** Does something with the vault's key while no secret changes. */
  async withVaultKey<Value>(change: (key: VaultKey) => Promise<Value>): Promise<Value> {
    return await this.serially(() => change(this.#options.backends.vault.key));
  }

  /** Writes a new secret's values. Only inside serially; settle or abandon it. */
  async stageNew(name: string, values: SecretValues, isAutomatic: boolean): Promise<StagedSecret> {
    this.#checkFree(name);
    checkSecretValues(values);
    const nowMs = this.#options.clock.nowMs();
    const { kind } = await this.#choice.decide();
    const secret = {
      id: newId(),
      name,
      keys: Object.keys(values).sort(),
      isAutomatic,
      createdMs: nowMs,
      updatedMs: nowMs,
      ...(await this.#items.add(kind, values)),
    };
    return { secret, changes: [recordOf(secret), ...this.#items.swap(secret, undefined)] };
  }

  /** Writes a secret's values anew, with some put over them. Only inside serially; settle or abandon it. */
  async stageUpdate(
    before: Secret,
    values: SecretValues,
    removedKeys: readonly string[] = [],
  ): Promise<StagedSecret> {
    const merged = { ...(await this.#kept(before, values, removedKeys)), ...values };
    checkSecretValues(merged);
    const after = { ...before, keys: Object.keys(merged).sort(), updatedMs: this.#options.clock.nowMs() };
    return await this.#stageAgain(after, before.backend, merged);
  }

  /** What is staged was written. */
  async settle({ secret }: StagedSecret): Promise<void> {
    const replaced = this.#secrets.get(secret.id);
    this.#secrets.set(secret.id, secret);
    if (replaced) await this.#items.discard([replaced]);
  }

  /** What is staged was not written. */
  async abandon({ secret }: StagedSecret): Promise<void> {
    await this.#items.discard([secret]);
  }

  /** One change after the other; what is checked in it stays so until it ends. */
  async serially<Value>(change: () => Promise<Value>): Promise<Value> {
    return await this.#changing.take(change);
  }

  /** Waits until nothing changes any more. */
  async close(): Promise<void> {
    await this.#changing.idle();
  }

  async #write(staged: StagedSecret): Promise<Secret> {
    try {
      await this.#options.store.write(staged.changes, { sync: true });
    } catch (error) {
      await this.abandon(staged);
      throw error;
    }
    await this.settle(staged);
    return staged.secret;
  }

  /** Gives secrets that are in items of a copy, too, items of their own. Where that can't be done now, the next daemon does it. */
  async #makeOwn(): Promise<void> {
    const { store, log } = this.#options;
    try {
      const staged = await this.#stageAll(this.#items.shared(this.list()), "keychain");
      const changes = [...staged.flatMap((each) => each.changes), this.#items.unshare()];
      await store.write(changes, { sync: true });
      for (const each of staged) await this.settle(each);
      log("info", "the home was copied or moved: its secrets have keychain items of their own now");
    } catch (error) {
      log("warn", "secrets are in keychain items that a copy of the home has, too", {
        reason: String(error),
      });
    }
  }

  /** Writes secrets' values anew into a backend, or none of them. Only inside serially. */
  async #stageAll(secrets: readonly Secret[], kind: BackendKind): Promise<StagedSecret[]> {
    const staged: StagedSecret[] = [];
    try {
      for (const secret of secrets)
        staged.push(await this.#stageAgain(secret, kind, await this.#items.values(secret)));
      return staged;
    } catch (error) {
      for (const each of staged) await this.abandon(each);
      throw error;
    }
  }

  /** `after` still names the place of the old values. */
  async #stageAgain(after: Secret, backend: BackendKind, values: SecretValues): Promise<StagedSecret> {
    const secret = { ...after, ...(await this.#items.add(backend, values)) };
    return { secret, changes: [recordOf(secret), ...this.#items.swap(secret, after)] };
  }

  /** The old values that stay. When all are given anew the old ones need not be readable: this repairs a lost item. */
  async #kept(before: Secret, values: SecretValues, removed: readonly string[]): Promise<SecretValues> {
    const keys = before.keys.filter((key) => !Object.hasOwn(values, key) && !removed.includes(key));
    if (keys.length === 0) return {};
    const old = await this.#items.values(before);
    return Object.fromEntries(keys.map((key) => [key, old[key] ?? ""]));
  }

  #checkFree(name: string): void {
    checkSecretName(name);
    if (this.list().some((secret) => secret.name === name))
      throw new StepwellError("STEPWELL_NAME_TAKEN", `There is a secret ${JSON.stringify(name)} already.`);
  }

  #checkUnused(secret: Secret, matters: (use: SecretUse) => boolean): void {
    const uses = this.uses(secret).filter(matters);
    if (uses.length === 0) return;
    const users = uses.map(({ component, setting }) => `${component} (${setting})`).join(", ");
    const sentence = `The secret ${JSON.stringify(secret.name)} is referred to by: ${users}.`;
    throw new StepwellError("STEPWELL_SECRET_IN_USE", sentence);
  }
}

function recordOf(secret: Secret): Change {
  return { table: TABLES.secret, key: secret.id, value: secret };
}
