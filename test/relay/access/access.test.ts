/** Who is let in, as whom, and for what; and that it follows the files. */
import { createHmac } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { systemClock } from "../../../src/home/clock.js";
import type { Log } from "../../../src/model/log.js";
import { Access, type AccessOptions } from "../../../src/relay/access/access.js";
import { scratchFolder } from "../../support/folder.js";
import { startIssuer, type TestIssuer } from "../../support/issuer.js";

/** One after the other: an issuer has seconds for its answer, and its tokens live as long. */
const test = anyTest.serial;

interface Files {
  readonly access: Access;
  readonly logged: string[];
  write(name: "tokens" | "access.yaml", text: string): void;
  remove(name: "tokens" | "access.yaml"): void;
}

async function accessOf(
  t: ExecutionContext,
  texts: { readonly tokens?: string; readonly settings?: string },
  options: Partial<AccessOptions> = {},
): Promise<Files> {
  const folder = await scratchFolder(t);
  const at = (name: string) => join(folder, name);
  const logged: string[] = [];
  const log: Log = (level, message, facts) => void logged.push(JSON.stringify({ level, message, ...facts }));
  if (texts.tokens !== undefined) writeFileSync(at("tokens"), texts.tokens);
  if (texts.settings !== undefined) writeFileSync(at("access.yaml"), texts.settings);
  const access = new Access({
    tokenFile: texts.tokens === undefined ? undefined : at("tokens"),
    settingsFile: texts.settings === undefined ? undefined : at("access.yaml"),
    ...{ hasCertificates: false, clock: systemClock, log, ...options },
  });
  return {
    ...{ access, logged },
    write: (name, text) => writeFileSync(at(name), text),
    remove: (name) => rmSync(at(name)),
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}`, certificate: undefined });
const NOTHING = { authorization: undefined, certificate: undefined };
const UNKNOWN = { code: "STEPWELL_NOT_AUTHENTICATED" };
const TENANTS = `version: 1
tenants:
  vision:
    identities: {token: vision-*}
    experiments: vision/*
  ops:
    identities: {token: ops}
    experiments: "*"
    workspaces: "*"
`;

test("a token of the file opens the relay, and nothing else does", async (t) => {
  const { access } = await accessOf(t, { tokens: "# nodes\nfirst-token\n\n  second-token  \n" });
  t.like(await access.admit(bearer("first-token")), { rights: undefined, tenant: { experiments: ["*"] } });
  await t.notThrowsAsync(access.admit({ ...NOTHING, authorization: "bearer second-token" }));
  for (const bad of [
    undefined,
    "",
    "Bearer",
    "Bearer first",
    "Bearer # nodes",
    "Basic first-token",
    "first-token",
  ])
    await t.throwsAsync(access.admit({ ...NOTHING, authorization: bad }), UNKNOWN, String(bad));
  await t.throwsAsync(access.admit({ authorization: undefined, certificate: ["DNS:a"] }), UNKNOWN);
  await t.throwsAsync(access.admit(bearer("x".repeat(100_000))), UNKNOWN);
});

test("who has neither tokens nor settings lets everybody in", async (t) => {
  const { access } = await accessOf(t, {});
  t.like(await access.admit(bearer("anything")), { rights: undefined });
  t.like(await access.admit(NOTHING), { rights: undefined });
});

test("a file of tokens that was changed counts from then on; one that is away or means nothing keeps what it had", async (t) => {
  const files = await accessOf(t, { tokens: "old\n" });
  const { access } = files;
  files.write("tokens", "old\nnewer\n");
  await t.notThrowsAsync(access.admit(bearer("newer")));
  files.write("tokens", "newer\n");
  await t.throwsAsync(access.admit(bearer("old")), UNKNOWN);
  files.remove("tokens");
  await t.notThrowsAsync(access.admit(bearer("newer")));
  files.write("tokens", "a secret-token of three words\n");
  await t.notThrowsAsync(access.admit(bearer("newer")));
  t.true(files.logged.some((line) => line.includes("Line 1")));
  t.notRegex(files.logged.join("\n"), /secret-token|newer|old/);
});

test("a token's name is its identity, and finds its tenant", async (t) => {
  const { access } = await accessOf(t, { tokens: "vision-nodes a\nops b\nnobody c\n", settings: TENANTS });
  const vision = await access.admit(bearer("a"));
  t.like(vision, { tenant: { name: "vision" }, rights: { identity: "token:vision-nodes", isBounded: true } });
  t.true(vision.rights?.mayWrite("vision/a", "default"));
  t.false(vision.rights?.mayWrite("other", "default"));
  t.like(await access.admit(bearer("b")), { tenant: { name: "ops" }, rights: { isBounded: false } });
  const nobody = await t.throwsAsync(access.admit(bearer("c")), { code: "STEPWELL_NOT_PERMITTED" });
  t.regex(nobody?.message ?? "", /no tenant/);
  await t.throwsAsync(access.admit(NOTHING), UNKNOWN);
});

test("settings that change count at once, for who is there as well; a tenant that goes takes its callers along", async (t) => {
  const files = await accessOf(t, { tokens: "vision-nodes a\nops b\n", settings: TENANTS });
  const { access } = files;
  const { proof } = await access.admit(bearer("a"));
  let changes = 0;
  access.onChange(() => (changes += 1));
  files.write("access.yaml", TENANTS.replace("vision/*", "speech/*"));
  access.look();
  t.is(changes, 1);
  t.true(access.callerOf(proof).rights?.mayWrite("speech/a", "default"));
  files.write("access.yaml", TENANTS.replace("vision-*", "speech-*"));
  access.look();
  t.throws(() => access.callerOf(proof), { code: "STEPWELL_NOT_PERMITTED" });
  files.write("access.yaml", "version: 1\n");
  access.look();
  t.is(changes, 2);
  t.true(files.logged.some((line) => line.includes("no tenants")));
  files.write("tokens", "ops b\n");
  files.write("access.yaml", TENANTS);
  access.look();
  t.throws(() => access.callerOf(proof), UNKNOWN);
});

test("tokens without a name are refused where tenants are told apart", async (t) => {
  const fault = await t.throwsAsync(accessOf(t, { tokens: "ops b\nnameless\n", settings: TENANTS }), {
    code: "STEPWELL_CONFIG_INVALID",
  });
  t.regex(fault?.message ?? "", /Line 2/);
  t.notRegex(fault?.message ?? "", /nameless/);
});

const CERTIFICATES = `version: 1
tenants:
  vision:
    identities:
      - certificate: DNS:*.vision.example
      - certificate: URI:spiffe://example/vision/*
    experiments: "*"
`;

test("a certificate's name is its identity; one of another name is nobody's", async (t) => {
  const { access } = await accessOf(t, { settings: CERTIFICATES }, { hasCertificates: true });
  const shows = (...certificate: string[]) => access.admit({ authorization: undefined, certificate });
  t.is(
    (await shows("DNS:node7", "DNS:node7.vision.example")).rights?.identity,
    "certificate:DNS:node7.vision.example",
  );
  t.is(
    (await shows("URI:spiffe://example/vision/7")).rights?.identity,
    "certificate:URI:spiffe://example/vision/7",
  );
  await t.throwsAsync(shows("URI:DNS:node7.vision.example"), { code: "STEPWELL_NOT_PERMITTED" });
  await t.throwsAsync(shows(), { code: "STEPWELL_NOT_PERMITTED" });
  await t.throwsAsync(access.admit(NOTHING), UNKNOWN);
});

const ofIssuer = ({ url }: TestIssuer, more = "") => `version: 1
issuers:
  - {issuer: "${url}", audience: stepwell, clock_skew_seconds: 5}
tenants:
  vision:
    identities:
      - issuer: ${url}
        subject: node*
${more}    experiments: "*"
`;

test("a token of an issuer is good by its signature, audience and time; its subject is the identity", async (t) => {
  const issuer = await startIssuer(t);
  const { access } = await accessOf(t, { settings: ofIssuer(issuer) });
  const caller = await access.admit(bearer(await issuer.token()));
  t.is(caller.rights?.identity, `issuer:${issuer.url} node7`);
  await access.admit(bearer(await issuer.token({ subject: "node8", livesSeconds: -3 })));
  t.is(issuer.asked(), 1, "keys are kept");
  await t.throwsAsync(access.admit(bearer(await issuer.token({ subject: "other" }))), {
    code: "STEPWELL_NOT_PERMITTED",
  });
});

test("claims have to be there, as one value or in a list", async (t) => {
  const issuer = await startIssuer(t);
  const { access } = await accessOf(t, { settings: ofIssuer(issuer, "        claims: {groups: vision}\n") });
  const admit = async (groups: unknown) =>
    await access.admit(bearer(await issuer.token({ claims: { groups } })));
  await t.notThrowsAsync(admit("vision"));
  await t.notThrowsAsync(admit(["a", "vision"]));
  for (const groups of [undefined, "vision2", ["a"], { vision: 1 }])
    await t.throwsAsync(admit(groups), { code: "STEPWELL_NOT_PERMITTED" });
});

test("hostile tokens open nothing, and no error shows any of them", async (t) => {
  const issuer = await startIssuer(t);
  const { access, logged } = await accessOf(t, { settings: ofIssuer(issuer), tokens: "vision-a secret\n" });
  const good = await issuer.token();
  const [head = "", body = "", signature = ""] = good.split(".");
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
  const hs256 = `${encode({ alg: "HS256", kid: "key-1" })}.${body}`;
  const hostile: Record<string, string> = {
    "alg none": `${encode({ alg: "none" })}.${body}.`,
    "alg none in capitals": `${encode({ alg: "NONE" })}.${body}.`,
    "no signature": `${head}.${body}.`,
    "another body": `${head}.${encode({ ...claims, sub: "node1" })}.${signature}`,
    "signed with a secret": `${hs256}.${createHmac("sha256", "key").update(hs256).digest("base64url")}`,
    "another audience": await issuer.token({ audience: "grafana" }),
    expired: await issuer.token({ livesSeconds: -60 }),
    "without an end": `${head}.${encode({ iss: issuer.url, sub: "node7", aud: "stepwell" })}.${signature}`,
    "another issuer": await issuer.token({ issuer: "https://evil.example" }),
    "a stranger's key": await issuer.token({ key: await issuer.strangersKey() }),
    huge: await issuer.token({ claims: { pad: "x".repeat(20_000) } }),
    "no JWT": "a.b.c",
    "a key in its head": `${encode({ alg: "ES256", jwk: { kty: "EC" } })}.${body}.${signature}`,
    critical: `${encode({ alg: "ES256", kid: "key-1", crit: ["x"], x: 1 })}.${body}.${signature}`,
  };
  for (const [what, token] of Object.entries(hostile)) {
    const fault = await t.throwsAsync(access.admit(bearer(token)), UNKNOWN, what);
    t.false(
      token.split(".").some((part) => part.length > 3 && fault?.message.includes(part)),
      what,
    );
  }
  await t.notThrowsAsync(access.admit(bearer(good)));
  t.deepEqual(logged, []);
});

test("an issuer's new key is fetched when a token names it, no more than twice a minute; one that is away keeps its keys", async (t) => {
  const issuer = await startIssuer(t);
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const { access } = await accessOf(t, { settings: ofIssuer(issuer) }, { clock });
  const old = await issuer.token();
  await access.admit(bearer(old));
  await issuer.turnKey();
  const next = await issuer.token();
  await t.throwsAsync(access.admit(bearer(next)), UNKNOWN, "it asked a moment ago");
  t.is(issuer.asked(), 1);
  nowMs += 31_000;
  await t.notThrowsAsync(access.admit(bearer(next)));
  await t.throwsAsync(access.admit(bearer(old)), UNKNOWN);
  t.is(issuer.asked(), 2);
  for (const answer of [
    { status: 503, body: "" },
    { status: 200, body: "<html>" },
    { status: 200, body: '{"keys":[]}' },
  ]) {
    issuer.answer = answer;
    nowMs += 3_600_000;
    await t.notThrowsAsync(access.admit(bearer(next)), JSON.stringify(answer));
  }
  nowMs += 90_000_000;
  await t.throwsAsync(access.admit(bearer(next)), { code: "STEPWELL_SERVER_UNREACHABLE" });
  issuer.answer = { status: 200, body: `{"keys":[${'{"kty":"EC"},'.repeat(100_000)}{}]}` };
  nowMs += 31_000;
  await t.throwsAsync(access.admit(bearer(next)), { code: "STEPWELL_SERVER_UNREACHABLE" });
});

test("a token of an issuer opens nothing any more once it has ended", async (t) => {
  const issuer = await startIssuer(t);
  let movedMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + movedMs };
  const { access } = await accessOf(t, { settings: ofIssuer(issuer) }, { clock });
  const { proof } = await access.admit(bearer(await issuer.token({ livesSeconds: 10 })));
  t.notThrows(() => access.callerOf(proof));
  movedMs = 16_000;
  t.throws(() => access.callerOf(proof), UNKNOWN);
});
