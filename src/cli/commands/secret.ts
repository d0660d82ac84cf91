/** `stepwell secret`: secrets, and where they are used. */
import { EXIT } from "../../errors/row.js";
import type { Secret } from "../../gen/stepwell/v1/secrets.js";
import { KEYCHAIN_CALL_MS_MAX } from "../../home/wait.js";
import type { Context } from "../context.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import { confirm } from "../input/confirm.js";
import { type ListOptions, SECRET_FILTERS } from "../input/list-options.js";
import { listRequest } from "../input/list-request.js";
import type { OutputOptions } from "../input/options.js";
import { type GivenValues, readSecretValues, type ValueOptions } from "../input/secret-values.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { type Format, isForPeople, showAnswer } from "../output/output.js";
import { backendWord } from "../output/secret-words.js";
import { type ShownList, showList } from "./show-list.js";
import { present } from "./status.js";

/** Options of create. */
export type CreateOptions = OutputOptions & ValueOptions;

/** Options of update. */
export interface UpdateOptions extends CreateOptions {
  readonly removeKeys: readonly string[];
}

/** Options of get. */
export interface GetOptions extends OutputOptions {
  readonly show?: true;
}

/** Options of rename. */
export interface RenameOptions extends OutputOptions {
  readonly rewriteReferences?: boolean;
  readonly force?: boolean;
}

/** Options of delete. */
export interface DeleteOptions extends OutputOptions {
  readonly yes?: true;
  readonly force?: boolean;
}

const COLUMNS: readonly Column[] = ["name", "id", "keys", "backend", "uses", "created_ms", "updated_ms"].map(
  (key) => ({ key }),
);
const USE_COLUMNS: readonly Column[] = ["component_type", "component", "setting", "key"].map((key) => ({
  key,
}));
/** Says nothing about a value, its length neither. */
const MASK = "********";

/** `create NAME --KEY=VALUE...`. */
export async function create(
  context: Context,
  words: readonly string[],
  options: CreateOptions,
): Promise<number> {
  const given = await readSecretValues(words, options, async () => []);
  noteExposure(context, given);
  return withDaemon(context, async ({ secrets, call }) => {
    const { name, values } = given;
    const { secret } = await call(secrets.createSecret.bind(secrets), { name, values }, KEYCHAIN_CALL_MS_MAX);
    const made = present(secret);
    return showChanged(
      context,
      `Created secret ${name} in the ${backendWord(made.backend)}.`,
      made,
      options.output,
    );
  });
}

/** `update NAME --KEY=VALUE... [-r KEY]`. */
export async function update(
  context: Context,
  words: readonly string[],
  options: UpdateOptions,
): Promise<number> {
  return withDaemon(context, async ({ secrets, call }) => {
    const keysOf = async (secret: string) =>
      present((await call(secrets.getSecret.bind(secrets), { secret, reveal: false })).secret).keys;
    const given = await readSecretValues(words, options, keysOf);
    noteExposure(context, given);
    const request = { secret: given.name, values: given.values, removedKeys: [...options.removeKeys] };
    const { secret } = await call(secrets.updateSecret.bind(secrets), request, KEYCHAIN_CALL_MS_MAX);
    return showChanged(context, `Updated secret ${given.name}.`, present(secret), options.output);
  });
}

/** `list`, by name; no value is asked for. */
export async function list(context: Context, options: ListOptions): Promise<number> {
  const request = listRequest(options, SECRET_FILTERS);
  const ask: ShownList["ask"] = async ({ secrets, call }, take) => {
    const found = await call(secrets.listSecrets.bind(secrets), { options: request });
    take(found.secrets.map(listView), found.total);
  };
  const isFiltered = request.filters.length > 0;
  return showList(context, { columns: COLUMNS, kind: "secrets", isFiltered, ask }, options);
}

/** `get NAME`; values are masked unless `--show` asks for them. */
export async function get(context: Context, name: string, options: GetOptions): Promise<number> {
  return askDaemon(context, async ({ secrets, call }) => {
    const reveal = options.show ?? false;
    const found = await call(secrets.getSecret.bind(secrets), { secret: name, reveal }, KEYCHAIN_CALL_MS_MAX);
    const secret = present(found.secret);
    const values = Object.fromEntries(secret.keys.map((key) => [key, found.values[key] ?? MASK]));
    const { keys: _keys, ...rest } = secretView(secret);
    await showAnswer(context, { kind: "record", record: { ...rest, values } }, options.output);
    if (!reveal) context.stderr("Values are masked; --show shows them.\n");
    return EXIT.ok;
  });
}

/** `where-used NAME`: the settings that refer to it. */
export async function whereUsed(context: Context, name: string, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ secrets, call }) => {
    const { uses, exists } = await call(secrets.listSecretUses.bind(secrets), { secret: name });
    const items = usesView(uses);
    if (!exists) context.stderr(`There is no secret ${name}, and these settings need it.\n`);
    if (items.length === 0) context.stderr(`Nothing refers to the secret ${name}.\n`);
    await showAnswer(context, { kind: "list", columns: USE_COLUMNS, items }, options.output);
    return EXIT.ok;
  });
}

/** `rename NAME NEW_NAME`. */
export async function rename(
  context: Context,
  name: string,
  newName: string,
  { rewriteReferences = false, force = false, output }: RenameOptions,
): Promise<number> {
  return withDaemon(context, async ({ secrets, call }) => {
    const request = { secret: name, newName, rewriteReferences, force };
    const { secret } = await call(secrets.renameSecret.bind(secrets), request);
    return showChanged(context, `The secret ${name} is now ${newName}.`, present(secret), output);
  });
}

/** `delete NAME`, after a question on a terminal. */
export async function remove(
  context: Context,
  name: string,
  { yes, force = false, output }: DeleteOptions,
): Promise<number> {
  if (!yes && !(await confirm(`Delete the secret ${name} for good?`))) {
    context.stderr("Nothing was deleted.\n");
    return EXIT.failed;
  }
  return withDaemon(context, async ({ secrets, call }) => {
    const { secret } = await call(
      secrets.deleteSecret.bind(secrets),
      { secret: name, force },
      KEYCHAIN_CALL_MS_MAX,
    );
    return showChanged(context, `Deleted secret ${name}.`, present(secret), output);
  });
}

function noteExposure(context: Context, { isExposed }: GivenValues): void {
  if (!isExposed) return;
  context.stderr(
    "Note: the shell's history keeps values of the command line, and other processes see them meanwhile; -i, --stdin and @FILE don't show them.\n",
  );
}

async function showChanged(
  context: Context,
  sentence: string,
  secret: Secret,
  format: Format,
): Promise<number> {
  context.stderr(`${sentence}\n`);
  if (!isForPeople(format)) await showAnswer(context, { kind: "record", record: secretView(secret) }, format);
  return EXIT.ok;
}

function secretView(secret: Secret): PlainRecord {
  return {
    id: secret.id,
    name: secret.name,
    keys: secret.keys,
    backend: backendWord(secret.backend),
    uses: usesView(secret.uses),
    created_ms: Number(secret.createdMs),
    updated_ms: Number(secret.updatedMs),
  };
}

/** Lists are for people too: a count says more there than the uses themselves. */
function listView(secret: Secret): PlainRecord {
  return { ...secretView(secret), uses: secret.uses.length };
}

function usesView(uses: Secret["uses"]): PlainRecord[] {
  return uses.map(({ componentType, component, setting, key }) => ({
    component_type: componentType,
    component,
    setting,
    key,
  }));
}
