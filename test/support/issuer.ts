/** An issuer of OpenID Connect at 127.0.0.1, whose keys and answers a test decides. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** What a token says, and how it is signed. */
export interface TokenParts {
  readonly subject?: string;
  readonly audience?: string;
  readonly issuer?: string;
  /** From now; below 0: in the past. */
  readonly livesSeconds?: number;
  readonly claims?: JWTPayload;
  /** The issuer's last unless given. */
  readonly key?: KeyPair & { readonly id: string };
}

export interface TestIssuer {
  readonly url: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  token(parts?: TokenParts): Promise<string>;
  /** Has another key from now on, and none of those before. */
  turnKey(): Promise<void>;
  /** A key of nobody's under an id of the issuer's. */
  strangersKey(): Promise<KeyPair & { readonly id: string }>;
  /** What it answers in place of its keys; undefined: its keys. */
  answer: { status: number; body: string } | undefined;
}

export async function startIssuer(t: ExecutionContext): Promise<TestIssuer> {
  let count = 0;
  let asked = 0;
  const newKey = async () => ({
    ...(await generateKeyPair("ES256", { extractable: true })),
    id: `key-${++count}`,
  });
  let key = await newKey();
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === "/.well-known/openid-configuration") {
        response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
        return;
      }
      asked += 1;
      const { status, body } = issuer.answer ?? {
        status: 200,
        body: JSON.stringify({
          keys: [{ ...(await exportJWK(key.publicKey)), kid: key.id, alg: "ES256", use: "sig" }],
        }),
      };
      response.writeHead(status).end(body);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    answer: undefined,
    token: async (parts = {}) => {
      const { subject = "node7", audience = "stepwell", livesSeconds = 600, claims = {} } = parts;
      const signed = parts.key ?? key;
      const nowSeconds = Math.floor(Date.now() / 1_000);
      return await new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: signed.id })
        .setIssuer(parts.issuer ?? issuer.url)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + livesSeconds)
        .sign(signed.privateKey);
    },
    turnKey: async () => {
      key = await newKey();
    },
    strangersKey: async () => ({ ...(await newKey()), id: key.id }),
  };
  return issuer;
}
