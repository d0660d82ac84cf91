/** `stepwell secret backend` and `secret unlock`: where secrets are kept, and the vault's passphrase. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { KEYCHAIN_CALL_MS_MAX, PASSPHRASE_CALL_MS_MAX } from "../../home/wait.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { askDaemon, withDaemon } from "../daemon/with-daemon.js";
import type { OutputOptions } from "../input/options.js";
import { readNewPassphrase, readPassphrase } from "../input/passphrase.js";
import { showAnswer } from "../output/output.js";
import { backendNamed, backendWord, stateWord } from "../output/secret-words.js";

/** Options of `backend set`. */
export interface SetOptions {
  /** False for --no-passphrase; undefined leaves the vault's key as it is. */
  readonly passphrase?: boolean;
  readonly stdin?: true;
}

/** Options of `unlock`. */
export interface UnlockOptions {
  readonly stdin?: true;
}

/** A keychain answers within 10 s, or asks for a password, once for each secret. */
const MOVE_MS_MAX = 300_000;

/** `backend get`: where new secrets are kept and whether that can be used now. */
export async function backend(context: Context, options: OutputOptions): Promise<number> {
  return askDaemon(context, async ({ secrets, call }) => {
    const report = await call(secrets.getSecretBackend.bind(secrets), {}, KEYCHAIN_CALL_MS_MAX);
    const record = {
      backend: backendWord(report.backend),
      reason: report.reason,
      state: stateWord(report.state),
      finding: report.finding,
      secrets: report.secrets,
      has_passphrase: report.hasPassphrase,
    };
    await showAnswer(context, { kind: "record", record }, options.output);
    return EXIT.ok;
  });
}

/** `backend set KIND`: moves all secrets there and keeps new ones there; before that, what is said of the vault's key. */
export async function setBackend(context: Context, kind: string, options: SetOptions): Promise<number> {
  const { passphrase: isSealed } = options;
  const stdin = options.stdin ?? false;
  if (kind !== "vault" && isSealed !== undefined) throw usage("Only the vault takes a passphrase.");
  if (stdin && !isSealed) throw usage("--stdin goes with --passphrase.");
  const passphrase = isSealed ? await readNewPassphrase(stdin) : undefined;
  return withDaemon(context, async (connection) => {
    const { secrets, call } = connection;
    if (passphrase !== undefined) await seal(context, connection, passphrase);
    if (isSealed === false) await unseal(context, connection);
    const { moved } = await call(
      secrets.setSecretBackend.bind(secrets),
      { backend: backendNamed(kind) },
      MOVE_MS_MAX,
    );
    context.stderr(`New secrets are kept in the ${kind}; ${moved} moved there.\n`);
    return EXIT.ok;
  });
}

/** `unlock`: gives the vault's passphrase to the daemon. */
export async function unlock(context: Context, options: UnlockOptions): Promise<number> {
  const passphrase = await readPassphrase(options.stdin ?? false);
  return withDaemon(context, async ({ secrets, call }) => {
    const unlockVault = secrets.unlockVault.bind(secrets);
    const { unlocked } = await call(unlockVault, { passphrase }, PASSPHRASE_CALL_MS_MAX);
    context.stderr(
      unlocked
        ? "The vault is unlocked until the daemon ends.\n"
        : "The vault has no passphrase: nothing is to be unlocked.\n",
    );
    return EXIT.ok;
  });
}

async function seal(context: Context, { secrets, call }: Connection, passphrase: string): Promise<void> {
  await call(secrets.sealVault.bind(secrets), { passphrase }, PASSPHRASE_CALL_MS_MAX);
  context.stderr(
    "The vault has this passphrase now. Whenever the daemon has started anew, type: stepwell secret unlock. If it is forgotten, the secrets are gone.\n",
  );
}

async function unseal(context: Context, { secrets, call }: Connection): Promise<void> {
  await call(secrets.unsealVault.bind(secrets), {}, KEYCHAIN_CALL_MS_MAX);
  context.stderr("The vault has no passphrase: its key is in a file of yours alone.\n");
}

function usage(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_USAGE", sentence);
}
