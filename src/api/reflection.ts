/** gRPC reflection: a client without generated code asks a daemon for its protocol. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";
import type { ServiceRegistry } from "./known-methods.js";
import { addLateServices, type LateMethod } from "./late-services.js";

const PROTO_FOLDER = fileURLToPath(new URL("../../../proto", import.meta.url));
const PACKAGE = "stepwell/v1";

const METHODS: readonly LateMethod[] = ["v1", "v1alpha"].map((version) => ({
  path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
  requestStream: true,
  responseStream: true,
}));

export function addReflection(server: Server): void {
  addLateServices(server, METHODS, async () => {
    const [{ ReflectionService }, { loadSync }] = await Promise.all([
      import("@grpc/reflection"),
      import("@grpc/proto-loader"),
    ]);
    const files = readdirSync(`${PROTO_FOLDER}/${PACKAGE}`).map((name) => `${PACKAGE}/${name}`);
    const reflection = new ReflectionService(loadSync(files, { includeDirs: [PROTO_FOLDER] }));
    return (registry: ServiceRegistry) => reflection.addToServer(registry as Server);
  });
}
