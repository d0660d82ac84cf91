/** The ingest protocol as proto-loader reads it, by which the client's own encoding is checked. */
import { fileURLToPath } from "node:url";
import { loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const PROTO = fileURLToPath(new URL("../../../../../proto", import.meta.url));

const services = new Map<string, ServiceClientConstructor>();

/** The service of a folder of protocols; without one of this build's. */
export function ingestService(protocol = PROTO): ServiceClientConstructor {
  const known = services.get(protocol);
  if (known !== undefined) return known;
  const definition = loadSync("stepwell/v1/ingest.proto", {
    includeDirs: [protocol],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const loaded = loadPackageDefinition(definition) as unknown as {
    stepwell: { v1: { IngestService: ServiceClientConstructor } };
  };
  const service = loaded.stepwell.v1.IngestService;
  services.set(protocol, service);
  return service;
}
