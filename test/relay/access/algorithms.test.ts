/** Which signatures of an issuer's tokens are taken, and when a token is good. */
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import anyTest, { type ExecutionContext } from "ava";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { systemClock } from "../../../src/home/clock.js";
import { Access } from "../../../src/relay/access/access.js";
import { scratchFolder } from "../../support/folder.js";
import { startIssuer } from "../../support/issuer.js";

/** One after the other: an issuer has seconds for its answer, and its tokens live as long. */
const test = anyTest.serial;

const REFUSED = { code: "STEPWELL_NOT_AUTHENTICATED" };

/** An issuer with a key of each kind, one of them a secret, and a relay's access that knows it. */
async function issuerOfAll(t: ExecutionContext) {
  const issuer = await startIssuer(t);
  const pairs = {
    rsa: await generateKeyPair("RS256", { extractable: true }),
    p256: await generateKeyPair("ES256", { extractable: true }),
    p384: await generateKeyPair("ES384", { extractable: true }),
    p521: await generateKeyPair("ES512", { extractable: true }),
    ed25519: await generateKeyPair("Ed25519", { extractable: true }),
  };
  const secret = Buffer.alloc(64, "a secret that the issuer made public");
  const keys: object[] = [{ kty: "oct", k: secret.toString("base64url"), kid: "oct" }];
  for (const [kid, { publicKey }] of Object.entries(pairs))
    keys.push({ ...(await exportJWK(publicKey)), kid });
  issuer.answer = { status: 200, body: JSON.stringify({ keys }) };
  const settingsFile = `${await scratchFolder(t)}/access.yaml`;
  writeFileSync(
    settingsFile,
    `version: 1
issuers: [{issuer: "${issuer.url}", audience: stepwell, clock_skew_seconds: 5}]
tenants: {all: {identities: {issuer: "${issuer.url}", subject: "*"}, experiments: "*"}}
`,
  );
  const parts = { tokenFile: undefined, settingsFile, hasCertificates: false, log: () => undefined };
  const access = new Access({ ...parts, clock: systemClock });
  const admit = (token: string) => access.admit({ authorization: `Bearer ${token}`, certificate: undefined });
  return { issuer, pairs, secret, admit };
}

const nowSeconds = () => Math.floor(Date.now() / 1_000);

test("tokens with each asymmetric signature are taken, and with no other one", async (t) => {
  const { issuer, pairs, secret, admit } = await issuerOfAll(t);
  const sign = async (alg: string, kid: string, key: Parameters<SignJWT["sign"]>[0]) =>
    await new SignJWT({})
      .setProtectedHeader({ alg, kid })
      .setIssuer(issuer.url)
      .setSubject("node7")
      .setAudience("stepwell")
      .setExpirationTime(nowSeconds() + 60)
      .sign(key);
  const good = {
    rsa: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    p256: ["ES256"],
    p384: ["ES384"],
    p521: ["ES512"],
    ed25519: ["EdDSA", "Ed25519"],
  };
  for (const [kid, algorithms] of Object.entries(good) as [keyof typeof pairs, string[]][])
    for (const alg of algorithms) {
      // An RSA key is bound to one algorithm in WebCrypto; the same key signs by the others.
      const jwk = { ...(await exportJWK(pairs[kid].privateKey)), alg };
      await t.notThrowsAsync(admit(await sign(alg, kid, jwk)), alg);
    }
  for (const alg of ["HS256", "HS384", "HS512"])
    await t.throwsAsync(admit(await sign(alg, "oct", secret)), REFUSED, alg);
  // The public key as the secret, in each form that a careless verifier may take it in.
  const [, body = ""] = (await sign("RS256", "rsa", pairs.rsa.privateKey)).split(".");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const spki = await exportSPKI(pairs.rsa.publicKey);
  const jwk = JSON.stringify({ ...(await exportJWK(pairs.rsa.publicKey)), kid: "rsa" });
  for (const form of [spki, spki.trim(), jwk])
    for (const alg of ["HS256", "RS256", "none"]) {
      const signed = `${encode({ alg, kid: "rsa" })}.${body}`;
      const mac = createHmac("sha256", form).update(signed).digest("base64url");
      await t.throwsAsync(admit(`${signed}.${mac}`), REFUSED, alg);
    }
  await t.throwsAsync(admit(`${encode({ alg: "none" })}.${body}.`), REFUSED);
  await t.throwsAsync(admit(await sign("ES256", "p384", pairs.p256.privateKey)), REFUSED, "another key's id");
  await t.throwsAsync(admit(await sign("ES256", "nobody", pairs.p256.privateKey)), REFUSED, "an unknown id");
});

test("a token is good for its issuer, audience and time, within the clocks' difference", async (t) => {
  const { issuer, pairs, admit } = await issuerOfAll(t);
  const token = async (change: (jwt: SignJWT) => SignJWT) => {
    const whole = new SignJWT({})
      .setProtectedHeader({ alg: "ES256", kid: "p256" })
      .setIssuer(issuer.url)
      .setSubject("node7")
      .setAudience("stepwell")
      .setExpirationTime(nowSeconds() + 60);
    return await change(whole).sign(pairs.p256.privateKey);
  };
  const bad: Record<string, (jwt: SignJWT) => SignJWT> = {
    "another issuer": (jwt) => jwt.setIssuer(`${issuer.url}/`),
    "another audience": (jwt) => jwt.setAudience(["grafana", "stepwell2"]),
    expired: (jwt) => jwt.setExpirationTime(nowSeconds() - 30),
    "not yet valid": (jwt) => jwt.setNotBefore(nowSeconds() + 60),
    "no subject": (jwt) => jwt.setSubject(""),
  };
  for (const [what, change] of Object.entries(bad)) {
    const fault = await t.throwsAsync(admit(await token(change)), undefined, what);
    t.regex(String((fault as { code?: string }).code), /STEPWELL_NOT_(AUTHENTICATED|PERMITTED)/, what);
  }
  await t.notThrowsAsync(admit(await token((jwt) => jwt.setAudience(["grafana", "stepwell"]))));
  await t.notThrowsAsync(admit(await token((jwt) => jwt.setNotBefore(nowSeconds() + 2))));
  await t.notThrowsAsync(admit(await token((jwt) => jwt.setExpirationTime(nowSeconds() - 2))));
});
