/** What is written for servers elsewhere: the same as what stands in rendered/, by Kubernetes' schemas, and consistent. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse as parseHcl } from "@cdktf/hcl2json";
import test from "ava";
import { parse, parseAllDocuments } from "yaml";
import type { Deployment } from "../../src/deploy/deployment.js";
import { platformFiles } from "../../src/deploy/platform/platform-files.js";
import { platformOf } from "../../src/deploy/platform/platform-settings.js";
import { PROVIDERS, type Provider } from "../../src/deploy/providers.js";
import { ROOT } from "../support/home.js";
import { hasSchema, schemaFaults } from "./kubernetes-schemas.js";

const RENDERED = join(ROOT, "test/deploy/rendered");
const SETTINGS = JSON.parse(readFileSync(join(RENDERED, "settings.json"), "utf8")) as Record<
  string,
  Record<string, string>
>;
const ELSEWHERE = PROVIDERS.filter((provider) => provider !== "local");

function deployment(provider: Provider, settings: Readonly<Record<string, string>>): Deployment {
  return { name: "mlflow_tracker", provider, settings, writtenTo: "", createdMs: 0 };
}

function filesFor(provider: Provider): Record<string, string> {
  return platformFiles(platformOf(deployment(provider, SETTINGS[provider] ?? {})));
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly selector?: { readonly matchLabels?: object; readonly app?: string } };
}

function manifestsOf(files: Readonly<Record<string, string>>): Manifest[] {
  return Object.entries(files)
    .filter(([name]) => name.startsWith("kubernetes/") && !name.endsWith("kustomization.yaml"))
    .flatMap(([name, text]) =>
      parseAllDocuments(text).map((document) => {
        if (document.errors.length > 0) throw new Error(`${name}: ${document.errors.join(" ")}`);
        return document.toJS() as Manifest;
      }),
    );
}

for (const provider of ELSEWHERE) {
  test(`${provider}: what is written stands in rendered/ (else: node scripts/rendered.mjs, and read the diff)`, (t) => {
    const folder = join(RENDERED, provider);
    const there = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => relative(folder, join(each.parentPath, each.name)));
    const files = filesFor(provider);
    t.deepEqual(there.sort(), Object.keys(files).sort());
    for (const [name, text] of Object.entries(files))
      t.is(text, readFileSync(join(folder, name), "utf8"), name);
  });

  test(`${provider}: each manifest is what its schema says, down to the last field`, (t) => {
    const manifests = manifestsOf(filesFor(provider));
    t.true(manifests.length >= 7);
    for (const manifest of manifests) {
      const kind = `${manifest.apiVersion} ${manifest.kind}`;
      // Of cert-manager, whose schema no package has.
      if (kind === "cert-manager.io/v1 Certificate") continue;
      t.deepEqual(schemaFaults(kind, manifest), [], `${kind} ${manifest.metadata.name}`);
    }
  });

  test(`${provider}: kustomize takes each file, selectors find their pods, and what pods refer to is made`, (t) => {
    const files = filesFor(provider);
    const { resources } = parse(files["kubernetes/kustomization.yaml"] ?? "") as { resources: string[] };
    const names = Object.keys(files).filter((name) => /^kubernetes\/(?!kustomization)/.test(name));
    t.deepEqual(resources.map((name) => `kubernetes/${name}`).sort(), names.sort());
    const manifests = manifestsOf(files);
    const text = JSON.stringify(manifests);
    for (const app of ["mlflow", "relay"]) {
      const ofApp = manifests.filter((each) => each.metadata.name === app);
      const selectors = ofApp.flatMap(({ spec }) => spec?.selector?.matchLabels ?? spec?.selector ?? []);
      t.true(selectors.length >= 2, app);
      for (const selector of selectors) t.deepEqual(selector, { app });
    }
    const isCloud = Object.keys(files).some((name) => name.startsWith("tofu/"));
    const madeElsewhere = ["mlflow-admin", "relay-token", "relay-tls", "database-app", "bucket-credentials"];
    const secrets = [...text.matchAll(/"secretKeyRef":\{"name":"([\w-]+)"|"secretName":"([\w-]+)"/g)];
    for (const [, one, other] of secrets)
      t.true([...madeElsewhere, "mlflow-tls"].includes(one ?? other ?? ""));
    t.is(
      manifests.some(({ kind }) => kind === "Cluster"),
      !isCloud,
    );
    t.is(
      manifests.some(({ kind }) => kind === "Namespace"),
      !isCloud,
    );
    t.true(
      manifests.some(({ kind, metadata }) => kind === "PodDisruptionBudget" && metadata.name === "relay"),
    );
    t.regex(text, /"clusterIP":"None"/);
    t.notRegex(text, /password":"[^"]*[0-9a-f]{16}/);
  });
}

/** Every name that an expression refers to, as `aws_db_instance.mlflow`, `data.aws_eks_cluster.this` or `var.region`. */
const REFERENCE =
  /\b(?:(?:data|ephemeral)\.\w+\.\w+|(?:var|local)\.\w+|(?:aws|google|azurerm|kubernetes|random)_\w+\.(?!com\b)\w+)/g;

for (const provider of ["aws", "gcp", "azure"] as const) {
  test(`${provider}: OpenTofu's files parse, and refer to nothing that is not there`, async (t) => {
    const files = filesFor(provider);
    const parsed: Record<string, Record<string, unknown>>[] = [];
    for (const [name, text] of Object.entries(files)) {
      if (!/\.tf(vars)?$/.test(name)) continue;
      const json = (await parseHcl(name, text)) as Record<string, Record<string, unknown>>;
      if (name.endsWith(".tf")) parsed.push(json);
    }
    t.is(parsed.length, 4);
    const blocks = (type: string) => parsed.flatMap((file) => Object.entries(file[type] ?? {}));
    const of = (type: string, lead: string) =>
      blocks(type).flatMap(([kind, named]) =>
        Object.keys(named as object).map((name) => `${lead}${kind}.${name}`),
      );
    const variables = blocks("variable").map(([name]) => name);
    const locals = parsed.flatMap(({ locals: each }) => (each as unknown as object[] | undefined) ?? []);
    const defined = new Set([
      ...variables.map((name) => `var.${name}`),
      ...locals.flatMap((each) => Object.keys(each).map((name) => `local.${name}`)),
      ...of("resource", ""),
      ...of("data", "data."),
      ...of("ephemeral", "ephemeral."),
    ]);
    const text = JSON.stringify(parsed).replaceAll(/"description":"[^"]*"/g, "");
    const used = new Set(text.match(REFERENCE));
    t.true(used.size > 10);
    t.deepEqual(
      [...used].filter((name) => !defined.has(name)),
      [],
    );
    t.deepEqual(
      variables.filter((name) => !text.includes(`var.${name}`)),
      [],
      "each variable is used",
    );
    const values = (await parseHcl("x.tf", files["tofu/terraform.tfvars"] ?? "")) as Record<string, unknown>;
    t.deepEqual(
      Object.keys(values).filter((name) => !variables.includes(name)),
      [],
    );
    t.regex(text, /password_wo/);
    t.notRegex(text, /"password":"\$\{(?!ephemeral)/, "no password gets into the state");
  });
}

test("a field that a schema does not have, and a value of another type, are found", (t) => {
  const meta = { apiVersion: "v1", kind: "Service", metadata: { name: "x" } };
  t.deepEqual(schemaFaults("v1 Service", { ...meta, spec: { selectr: {} } }), [
    "unknown field /spec/selectr",
  ]);
  t.regex(
    schemaFaults("v1 Service", { ...meta, spec: { ports: [{ port: "x" }] } }).join(),
    /"type":"integer"/,
  );
  t.true(hasSchema("apps/v1 Deployment"));
  t.false(hasSchema("apps/v1 Deploy"));
});

for (const [provider, settings, sentence] of [
  ["gcp", {}, /Give the bucket for artifacts, which is made: -x mlflow_bucket=gs:\/\/BUCKET/],
  ["gcp", { mlflow_bucket: "s3://b-c" }, /mlflow_bucket is gs:\/\/BUCKET with --provider=gcp/],
  ["aws", { mlflow_bucket: "s3://my_bucket" }, /mlflow_bucket is s3:\/\/BUCKET/],
  ["azure", { mlflow_bucket: "abfss://runs" }, /mlflow_bucket is abfss:\/\/CONTAINER@ACCOUNT/],
  ["kubernetes", { region: "x" }, /There is no setting "region"/],
  ["kubernetes", { hostname: "a b" }, /hostname can't be "a b"/],
  ["kubernetes", { namespace: "x\nkind: y" }, /namespace can't be/],
  ["kubernetes", { mlflow_bucket: "s3://runs'; rm -rf /" }, /mlflow_bucket is/],
  ["aws", { mlflow_bucket: "s3://runs", cluster: 'x" }' }, /cluster is letters/],
] as const) {
  test(`${provider} refuses ${JSON.stringify(settings)}`, (t) => {
    const error = t.throws(() => platformOf(deployment(provider, settings as Record<string, string>)));
    t.regex(error.message, sentence);
  });
}
