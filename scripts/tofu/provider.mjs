/**
 * A provider that has schemas and does nothing: OpenTofu judges a configuration by them, and mocks what the provider would answer.
 *
 *     node scripts/tofu/provider.mjs SCHEMAS.json PLUGIN.proto
 */
import { readFileSync } from "node:fs";
import { loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [, , schemasFile = "", protoFile = ""] = process.argv;
const { provider, resources, data, ephemeral } = JSON.parse(readFileSync(schemasFile, "utf8"));
const loaded = loadSync(protoFile, { keepCase: true, enums: String, longs: Number });
const { service } = loadPackageDefinition(loaded).tfplugin6.Provider;

const onWire = (block) => ({
  ...block,
  attributes: block.attributes.map((each) => ({ ...each, type: Buffer.from(JSON.stringify(each.type)) })),
  block_types: block.block_types.map((each) => ({ ...each, block: onWire(each.block) })),
});
const schema = ({ version, block }) => ({ version, block: onWire(block) });
const all = (schemas) =>
  Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, schema(each)]));

const schemas = {
  provider: schema(provider),
  resource_schemas: all(resources),
  data_source_schemas: all(data),
  ephemeral_resource_schemas: all(ephemeral),
};
const answers = Object.fromEntries(Object.keys(service).map((name) => [name, () => ({})]));
answers.GetProviderSchema = () => schemas;
// The state, as it stands: it is of no earlier version.
answers.UpgradeResourceState = ({ request }) => ({ upgraded_state: { json: request.raw_state.json } });
answers.OpenEphemeralResource = ({ request }) => ({ result: request.config });
const server = new Server();
server.addService(
  service,
  Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [name, (call, done) => done(null, answer(call))]),
  ),
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  // What OpenTofu reads of a plugin; it ends it by a signal of its own.
  process.stdout.write(`1|6|tcp|127.0.0.1:${port}|grpc|\n`);
});
