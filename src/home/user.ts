/** Who this process is. By number: a user id may have no name and no folder, as in many containers. */
import { userInfo } from "node:os";

/** The user's number; undefined where the system has none. */
export function userId(): number | undefined {
  return process.getuid?.();
}

/** The user's name; empty where there is none. */
export function userName(): string {
  return known()?.username ?? "";
}

/** The user's folder as the system knows it, whatever HOME says; undefined where there is none. */
export function userFolder(): string | undefined {
  return known()?.homedir || undefined;
}

/**
 * An environment with a HOME that leads somewhere: programs in Python take a user's folder that can't be
 * found for one that is called "~", and make it where they stand.
 */
export function environmentWithFolder<Env extends Readonly<Record<string, string | undefined>>>(
  env: Env,
  folder: string,
): Env & { readonly HOME: string } {
  return { ...env, HOME: env["HOME"] || (userFolder() ?? folder) };
}

function known(): { readonly username: string; readonly homedir: string } | undefined {
  try {
    return userInfo();
  } catch {
    // No entry in passwd.
    return undefined;
  }
}
