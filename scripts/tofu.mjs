/**
 * Validates what `experiment-tracker deploy` writes for clouds, and plans and applies it with mocked providers. By hand:
 * it builds OpenTofu (a minute of a processor, once) and brings 250 MB from npm; all of it stays in .cache/tofu.
 *
 *     node scripts/tofu.mjs
 *
 * Providers are ours (tofu/provider.mjs), with the schemas of the real ones as their bindings have them (tofu/schemas.mjs). So this
 * finds what does not exist, what is missing and what has another type; not what only a cloud refuses.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";
import { schemaIn } from "./tofu/schemas.mjs";

const OPENTOFU = "github.com/opentofu/opentofu@v1.12.6";
const PROTOCOL = "docs/plugin-protocol/tfplugin6.9.proto";
/** Their bindings' versions. */
const PROVIDERS = {
  aws: "21.22.1",
  google: "16.12.1",
  azurerm: "14.23.1",
  kubernetes: "12.1.1",
  random: "12.0.1",
};
/** The provider of each folder's own. */
const CLOUDS = { aws: "aws", gcp: "google", azure: "azurerm" };
/** What configurations take by an index, which a mock leaves empty. */
const MOCKS = {
  aws: `mock_data "aws_eks_cluster" {
    defaults = { vpc_config = [{
      subnet_ids = ["subnet-1", "subnet-2"], vpc_id = "vpc-1", cluster_security_group_id = "sg-1", security_group_ids = [],
      endpoint_private_access = true, endpoint_public_access = false, public_access_cidrs = []
    }] }
  }`,
};
const cache = join(root, ".cache/tofu");
const rendered = join(root, "test/deploy/rendered");

function run(program, args, options = {}) {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options });
}

/** Builds OpenTofu where it is not there; answers its program and its protocol's file. */
function opentofu() {
  const program = join(cache, "tofu");
  const proto = join(cache, "plugin.proto");
  if (!existsSync(program)) {
    const { Dir: folder } = JSON.parse(run("go", ["mod", "download", "-json", OPENTOFU]));
    const source = join(cache, "source");
    // Its go.mod replaces modules, which only a main module may.
    cpSync(folder, source, { recursive: true });
    run("chmod", ["-R", "u+w", source]);
    run("go", ["build", "-ldflags", "-s -w", "-o", program, "./cmd/tofu"], { cwd: source });
    cpSync(join(source, PROTOCOL), proto);
    rmSync(source, { recursive: true });
  }
  return { program, proto };
}

/** What the folders of all clouds use. */
function usedTypes() {
  const used = { resource: new Set(), data: new Set() };
  for (const cloud of Object.keys(CLOUDS))
    for (const file of readdirSync(join(rendered, cloud, "tofu")).filter((name) => name.endsWith(".tf"))) {
      const text = readFileSync(join(rendered, cloud, "tofu", file), "utf8");
      for (const [, kind, type] of text.matchAll(/^(resource|data) "(\w+)"/gm)) used[kind].add(type);
    }
  return used;
}

/** Puts a provider where OpenTofu's mirror of files is. */
function makeProvider(name, used, proto) {
  const bindings = join(cache, `${name}-${PROVIDERS[name]}.tgz`);
  if (!existsSync(bindings)) {
    const [{ filename }] = JSON.parse(
      run("npm", ["pack", "--json", `@cdktf/provider-${name}@${PROVIDERS[name]}`], { cwd: cache }),
    );
    cpSync(join(cache, filename), bindings);
    rmSync(join(cache, filename));
  }
  const of = (types, prefix) =>
    [...types]
      .filter((type) => type.startsWith(`${name}_`))
      .map((type) => [type, `${prefix}${type.slice(name.length + 1).replaceAll("_", "-")}`]);
  const resources = of(used.resource, "");
  const data = of(used.data, `data-${name}-`);
  const ephemeral = name === "random" ? [["random_password", "password"]] : [];
  const folders = [...resources, ...data, ...ephemeral].map(([, folder]) => folder);
  const into = join(cache, "bindings", name);
  mkdirSync(into, { recursive: true });
  run("tar", [
    "-xzf",
    bindings,
    "-C",
    into,
    ...["provider", ...folders].map((each) => `package/lib/${each}`),
  ]);
  const found = (folder) => schemaIn(join(into, "package/lib", folder));
  const all = (types) => Object.fromEntries(types.map(([type, folder]) => [type, found(folder).schema]));
  const { schema, version } = { ...found("provider"), version: found(folders[0] ?? "provider").version };
  const place = join(cache, "mirror/registry.opentofu.org/hashicorp", name, mirrored(name), platform());
  mkdirSync(place, { recursive: true });
  const schemas = join(place, "schemas.json");
  writeFileSync(
    schemas,
    JSON.stringify({
      provider: schema,
      resources: all(resources),
      data: all(data),
      ephemeral: all(ephemeral),
    }),
  );
  const program = join(place, `terraform-provider-${name}_v${mirrored(name)}`);
  const words = [process.execPath, join(root, "scripts/tofu/provider.mjs"), schemas, proto];
  writeFileSync(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")}\n`);
  chmodSync(program, 0o755);
  console.log(`${name}: schemas of ${version}, asked for ${wanted(name)}`);
}

/** The version that the folders ask for, as in "~> 6.0". */
function wanted(name) {
  for (const cloud of Object.keys(CLOUDS)) {
    const text = readFileSync(join(rendered, cloud, "tofu/versions.tf"), "utf8");
    const [, version] = new RegExp(`^ *${name} +=.*version = "([^"]+)"`, "m").exec(text) ?? [];
    if (version) return version;
  }
  throw new Error(`no folder asks for ${name}`);
}

function mirrored(name) {
  const [major] = /\d+/.exec(wanted(name)) ?? [];
  return `${major}.9999.0`;
}

function platform() {
  return `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** Validates a folder; then plans and applies it, each with mocks. Throws with what OpenTofu said. */
function judge(cloud, { program }) {
  const folder = join(cache, "run", cloud);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(rendered, cloud, "tofu"), folder, { recursive: true });
  // OpenTofu ends what it applied in its test.
  const main = join(folder, "main.tf");
  writeFileSync(
    main,
    readFileSync(main, "utf8").replaceAll("prevent_destroy = true", "prevent_destroy = false"),
  );
  const given = readFileSync(join(folder, "terraform.tfvars"), "utf8");
  const asked = [
    ...readFileSync(join(folder, "variables.tf"), "utf8").matchAll(/^variable "(\w+)" \{([\s\S]*?)^\}/gm),
  ]
    .filter(([, name, text]) => !/^ *default /m.test(text) && !new RegExp(`^${name} `, "m").test(given))
    .map(([, name]) => `  ${name} = "${name.replaceAll("_", "-")}"`);
  const mocked = [CLOUDS[cloud], "kubernetes", "random"].map(
    (name) => `mock_provider "${name}" {\n${MOCKS[name] ?? ""}\n}`,
  );
  const runs = ["plan", "apply"].map((command) => `run "${command}" {\n  command = ${command}\n}`);
  const test = [...mocked, `variables {\n${asked.join("\n")}\n}`, ...runs].join("\n");
  writeFileSync(join(folder, "deploy.tftest.hcl"), `${test}\n`);
  const config = join(cache, "tofu.rc");
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${join(cache, "mirror")}"\n  }\n}\n`,
  );
  const env = { ...process.env, TF_CLI_CONFIG_FILE: config, TF_DISABLE_PLUGIN_TLS: "1" };
  for (const words of [
    ["fmt", "-check", join(rendered, cloud, "tofu")],
    ["init", "-no-color"],
    ["validate", "-no-color"],
    ["test", "-no-color"],
  ]) {
    try {
      run(program, words, { cwd: folder, env });
    } catch (error) {
      throw new Error(`${cloud}: tofu ${words[0]} failed:\n${error.stdout}`, { cause: error });
    }
  }
  console.log(`${cloud}: formatted, valid, planned and applied with mocks`);
}

mkdirSync(cache, { recursive: true });
const tofu = opentofu();
const used = usedTypes();
rmSync(join(cache, "mirror"), { recursive: true, force: true });
for (const name of Object.keys(PROVIDERS)) makeProvider(name, used, tofu.proto);
for (const cloud of Object.keys(CLOUDS)) judge(cloud, tofu);
