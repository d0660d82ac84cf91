import type { Reaction, ScriptedMlflow } from "./scripted-mlflow.js";

/** A workspace's service principal. */
export interface Principal {
  readonly id: string;
  readonly secret: string;
}

/** The tokens that a scripted workspace gave away. */
export interface GivenTokens {
  readonly count: number;
  /** Takes all of them back. */
  revoke(): void;
}

/** From now on the server gives the principal tokens for an hour, and takes nothing else. */
export function giveTokens(server: ScriptedMlflow, { id, secret }: Principal): GivenTokens {
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  let count = 0;
  const valid = new Set<string>();
  server.rule(({ path, headers, body }): Reaction | undefined => {
    if (path !== "/oidc/v1/token")
      return valid.has(headers.authorization ?? "") ? undefined : { status: 401 };
    if (headers.authorization !== basic || body !== "grant_type=client_credentials&scope=all-apis")
      return { status: 401 };
    const access_token = `token-${++count}`;
    valid.add(`Bearer ${access_token}`);
    const token = { access_token, token_type: "Bearer", expires_in: 3600 };
    return { status: 200, body: JSON.stringify(token) };
  });
  return {
    get count() {
      return count;
    },
    revoke: () => valid.clear(),
  };
}
