/**
 * The database's password, read anew for each connection, so that one that was changed is used: from a file, else
 * PGPASSWORD, else the file of passwords that libpq reads (https://www.postgresql.org/docs/18/libpq-pgpass.html). Never
 * from the arguments, which every user of the machine can read.
 */
import { statSync } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";
import { readPlainSync } from "../home/plain-file.js";
import type { PostgresAddress } from "../model/postgres-address.js";

export interface PasswordSources {
  /** A file that holds nothing else; undefined: none. */
  readonly passwordFile: string | undefined;
  readonly pgPassword: string | undefined;
  /** Of lines HOST:PORT:DATABASE:USER:PASSWORD; it need not be there. */
  readonly pgPassFile: string;
}

/** Empty: none is known. Throws STEPWELL_NOT_AUTHENTICATED where a file that was named can't be read. */
export function databasePassword(sources: PasswordSources, address: PostgresAddress, user: string): string {
  const { passwordFile, pgPassword, pgPassFile } = sources;
  if (passwordFile !== undefined) {
    try {
      return readPlainSync(passwordFile).replace(/\r?\n$/, "");
    } catch (cause) {
      const sentence = `The password's file ${passwordFile} can't be read.`;
      throw new StepwellError("STEPWELL_NOT_AUTHENTICATED", sentence, { cause });
    }
  }
  if (pgPassword) return pgPassword;
  const lines = readPrivate(pgPassFile).split(/\r?\n/);
  for (const { host, port } of address.hosts) {
    // A socket's folder is written as localhost there, as libpq does.
    const wanted = [host.startsWith("/") ? "localhost" : host, String(port), address.database, user];
    for (const line of lines) {
      const [password, ...place] = fieldsOf(line).reverse();
      const fields = place.reverse();
      const fits =
        fields.length === wanted.length && fields.every((field, at) => field === "*" || field === wanted[at]);
      if (fits && password !== undefined && !line.startsWith("#")) return password;
    }
  }
  return "";
}

/** Fields of one line; a colon in one, and a backslash, has a backslash before it. */
function fieldsOf(line: string): string[] {
  const fields = [""];
  for (const [, escaped, plain] of line.matchAll(/\\(.)|([^\\])/gs)) {
    if (plain === ":") fields.push("");
    else fields[fields.length - 1] += escaped ?? plain ?? "";
  }
  return fields;
}

/** As libpq: a file that others may read is not read. */
function readPrivate(path: string): string {
  try {
    const { mode } = statSync(path);
    return (mode & 0o077) === 0 || process.platform === "win32" ? readPlainSync(path) : "";
  } catch {
    return "";
  }
}
