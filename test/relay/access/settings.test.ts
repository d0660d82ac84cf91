/** The file that says who may use a relay: what it means, and what is said of one that means nothing. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { mayWrite, readAccessSettings } from "../../../src/relay/access/settings.js";
import { scratchFolder } from "../../support/folder.js";
import { ROOT } from "../../support/home.js";

const ALL = { hasTokens: true, hasCertificates: true };

const WHOLE = `version: 1
issuers:
  - issuer: https://login.example/realms/ml
    audience: [stepwell, relay]
    keys_url: https://login.example/keys
    clock_skew_seconds: 5
tenants:
  vision:
    identities:
      - token: vision-*
      - certificate: DNS:*.Vision.example
      - issuer: https://login.example/realms/ml
        subject: system:serviceaccount:vision:*
        claims: {groups: vision}
    experiments: ["vision/*", shared]
    points_per_second: 20000
    bytes_per_second: 4e6
  ops:
    identities: {token: ops}
    experiments: "*"
    workspaces: [default, team-*]
`;

async function settingsFile(t: ExecutionContext, text: string): Promise<string> {
  const path = join(await scratchFolder(t), "access.yaml");
  writeFileSync(path, text);
  return path;
}

test("a whole file is what it says", async (t) => {
  const { issuers, tenants } = readAccessSettings(await settingsFile(t, WHOLE), ALL);
  t.deepEqual(issuers, [
    {
      issuer: "https://login.example/realms/ml",
      audiences: ["stepwell", "relay"],
      keysUrl: "https://login.example/keys",
      caPath: "",
      skewMs: 5_000,
    },
  ]);
  const [vision, ops] = tenants;
  if (!vision || !ops) throw new Error("no tenants");
  t.like(vision, { name: "vision", pointsPerSecond: 20_000, bytesPerSecond: 4_000_000 });
  t.deepEqual(vision.rules[1], { kind: "certificate", name: "DNS:*.vision.example" });
  t.like(ops, { rules: [{ kind: "token", name: "ops" }], pointsPerSecond: undefined });
  t.true(mayWrite(vision, "vision/a", "default"));
  t.true(mayWrite(vision, "shared", "default"));
  t.false(mayWrite(vision, "shared2", "default"));
  t.false(mayWrite(vision, "vision/a", "team-a"));
  t.true(mayWrite(ops, "anything", "team-a"));
  t.false(mayWrite(ops, "anything", "other"));
});

const TENANT = "tenants:\n  a:\n    identities: {token: a}\n    experiments: x\n";

const FAULTS: readonly [what: string, text: string, line: number, says: RegExp][] = [
  ["no YAML", "version: 1\ntenants: {a: [}\n", 2, /no YAML/],
  ["another version", `version: 2\n${TENANT}`, 1, /version/],
  ["no version", TENANT, 1, /version: 1/],
  ["no tenants", "version: 1\n", 1, /no tenants/],
  ["an unknown setting", `version: 1\n${TENANT}tenant: 1\n`, 6, /no setting tenant/],
  ["an unknown setting of a tenant", `version: 1\n${TENANT}    experiment: x\n`, 6, /no setting experiment;/],
  ["the same tenant twice", `version: 1\n${TENANT}  a: {}\n`, 6, /no YAML/],
  ["no experiments", "version: 1\ntenants:\n  a:\n    identities: {token: a}\n", 3, /no experiments/],
  ["no identities", "version: 1\ntenants:\n  a:\n    experiments: x\n", 3, /no identities/],
  ["an empty list", "version: 1\ntenants:\n  a:\n    identities: []\n    experiments: x\n", 4, /0 entries/],
  ["a rate that is none", `version: 1\n${TENANT}    points_per_second: many\n`, 6, /no number/],
  ["a rate of nothing", `version: 1\n${TENANT}    bytes_per_second: 0\n`, 6, /no number/],
  [
    "two kinds at once",
    "version: 1\ntenants:\n  a:\n    identities: {token: a, certificate: DNS:a}\n    experiments: x\n",
    4,
    /one of/,
  ],
  [
    "a certificate without a kind",
    "version: 1\ntenants:\n  a:\n    identities: {certificate: a.example}\n    experiments: x\n",
    4,
    /begin with/,
  ],
  [
    "an issuer that is not listed",
    "version: 1\ntenants:\n  a:\n    identities:\n      - {issuer: https://i.example, subject: x}\n    experiments: x\n",
    5,
    /none of the file/,
  ],
  [
    "an issuer without an audience",
    `version: 1\n${TENANT}issuers:\n  - issuer: https://i.example\n`,
    7,
    /audience/,
  ],
  [
    "an issuer in the clear",
    `version: 1\n${TENANT}issuers:\n  - {issuer: "http://i.example", audience: a}\n`,
    7,
    /https/,
  ],
  ["an alias bomb", `version: 1\n${TENANT}  b: &b [*b, *b]\n`, 6, /no mapping|YAML/],
  [
    "a tenant's name",
    "version: 1\ntenants:\n  a b:\n    identities: {token: a}\n    experiments: x\n",
    3,
    /no name of a tenant/,
  ],
];

for (const [what, text, line, says] of FAULTS) {
  test(`${what}: refused, with the line`, async (t) => {
    const path = await settingsFile(t, text);
    const fault = t.throws(() => readAccessSettings(path, ALL), { code: "STEPWELL_CONFIG_INVALID" });
    t.true(fault.message.startsWith(`${path}, line ${line}: `), fault.message);
    t.regex(fault.message, says);
  });
}

test("rules for what the relay can't be shown are refused", async (t) => {
  const path = await settingsFile(t, WHOLE);
  const without = (means: Partial<typeof ALL>) =>
    t.throws(() => readAccessSettings(path, { ...ALL, ...means }), { code: "STEPWELL_CONFIG_INVALID" })
      .message;
  t.regex(without({ hasTokens: false }), /line 10: .*--token-file/);
  t.regex(without({ hasCertificates: false }), /line 11: .*--client-ca/);
  t.throws(() => readAccessSettings(`${path}.none`, ALL), { code: "STEPWELL_CONFIG_INVALID" });
});

test("the guide's example means what the guide says", async (t) => {
  const guide = readFileSync(join(ROOT, "docs/guide/relay-access.md"), "utf8");
  const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
  const { issuers, tenants } = readAccessSettings(await settingsFile(t, example), ALL);
  t.like(issuers[0], { audiences: ["stepwell"], skewMs: 60_000, keysUrl: undefined });
  t.deepEqual(
    tenants.map(({ name, rules }) => [name, rules.length]),
    [
      ["vision", 4],
      ["platform", 1],
    ],
  );
});
